// Running checks: all of them, whatever fails, one line each, with the output of those that failed.

/** @typedef {import("./all-checks.mjs").Check} Check */

/**
 * Runs `checks`, at most `atOnce` at a time, and returns the names of those that failed, in their order.
 *
 * @param {string} root
 * @param {readonly Check[]} checks
 * @param {{ write: (text: string) => void, atOnce: number }} options
 * @returns {Promise<string[]>}
 */
export async function runChecks(root, checks, { write, atOnce }) {
  /** @type {Set<Check>} */
  const failed = new Set();
  const waiting = checks.values();
  const runSome = async () => {
    // The iterator is shared: each taker gets the next check.
    for (const check of waiting) {
      const isOk = await runCheck(root, check, write);
      if (!isOk) failed.add(check);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, runSome));
  return checks.filter((check) => failed.has(check)).map((check) => check.name);
}

/**
 * @param {string} root
 * @param {Check} check
 * @param {(text: string) => void} write
 */
async function runCheck(root, check, write) {
  const startedMs = performance.now();
  const { isOk, output, note } = await check.run(root).catch(asFailure);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(6);
  const line = `${isOk ? "ok    " : "FAILED"} ${check.name.padEnd(16)}${seconds} s${note ? `  ${note}` : ""}\n`;
  write(isOk ? line : `${line}${indent(output)}`);
  return isOk;
}

/**
 * A check that cannot be made has not passed.
 *
 * @param {unknown} error
 * @returns {import("./all-checks.mjs").CheckResult}
 */
function asFailure(error) {
  return { isOk: false, output: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/** @param {string} output */
function indent(output) {
  return output.trimEnd().replace(/^/gm, "    ") + "\n";
}
