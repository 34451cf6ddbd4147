// Proves from the merged files that every entry of the inputs is there once, and is what the input makes it.
//
// node count.mjs --input FILE.root FILE.jsonl [FILE.jsonl ...]

import { resolve } from "node:path";
import { parseArguments, required, runAsProgram, UsageError } from "../drell-yan/command-line.mjs";
import { lineBatches } from "../drell-yan/line-batches.mjs";
import { DimuonTree } from "./dimuon-tree.mjs";
import { recordOf } from "./reconstruct.mjs";

const USAGE = "node count.mjs --input FILE.root FILE.jsonl [FILE.jsonl ...]";

/**
 * @typedef {{expected: number, once: number, missing: number, twice: number, foreign: number}} Count
 */

/**
 * Lines are known by what they say, all of it.
 * @param {readonly string[]} expected
 * @param {AsyncIterable<string> | Iterable<string>} found
 * @returns {Promise<Count>}
 */
export async function countLines(expected, found) {
  const seen = new Map(expected.map((line) => [line, 0]));
  let foreign = 0;
  for await (const line of found) {
    const times = seen.get(line);
    if (times === undefined) foreign++;
    else seen.set(line, times + 1);
  }
  const times = [...seen.values()];
  return {
    expected: expected.length,
    once: times.filter((count) => count === 1).length,
    missing: times.filter((count) => count === 0).length,
    twice: times.filter((count) => count > 1).length,
    foreign,
  };
}

/** @param {readonly string[]} paths */
async function* linesOf(paths) {
  for (const path of paths) {
    for await (const lines of lineBatches(path)) yield* lines.filter((line) => line !== "");
  }
}

/**
 * @param {string[]} args
 * @returns {Promise<number>}
 */
async function main(args) {
  const { values, positionals } = parseArguments({
    args,
    allowPositionals: true,
    options: { input: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  if (positionals.length === 0) throw new UsageError("expected at least one merged file");
  const tree = await DimuonTree.open(resolve(required(values.input, "--input")));
  const entries = await tree.read(1, tree.entries);
  const lines = entries.map((entry) => JSON.stringify(recordOf(entry)));
  const { expected, once, missing, twice, foreign } = await countLines(lines, linesOf(positionals));
  console.log(
    `${expected} entries expected, ${once} found once, ${missing} missing, ${twice} twice, ${foreign} foreign`,
  );
  return once === expected && foreign === 0 ? 0 : 1;
}

await runAsProgram(import.meta.url, main);
