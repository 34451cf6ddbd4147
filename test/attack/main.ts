// npm run attack [-- --seconds <number> --seed <number> --only <name,...>]
//
// Attacks the port of a real driver with the run's own credentials, one attack after the other, while a good actor and a good
// client go on; then restarts the driver, which must find its journal sound. Last, floods the ports of health of all services.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Assault, type Order } from "./assault.js";
import { attacks } from "./attacks.js";
import { floodHttp } from "./http-floods.js";

const httpAttack = "http";

async function attackPort(
  order: Order,
  names: readonly string[],
  stop: AbortSignal,
): Promise<readonly string[]> {
  const assault = await Assault.begin(order, stop);
  try {
    for (const name of names) await assault.attackBy(name);
    await assault.restart();
    return assault.findings;
  } finally {
    await assault.end();
  }
}

/** Those that were asked for; all when none was. */
function chosen(only: string): readonly string[] {
  const all = [...attacks.map(({ name }) => name), httpAttack];
  const named = only.split(",").filter(Boolean);
  const unknown = named.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`--only: expected some of ${all.join()}, found ${unknown.join()}`);
  return named.length === 0 ? all : named;
}

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string", default: "3" },
      seed: { type: "string", default: "1" },
      only: { type: "string", default: "" },
    },
  });
  const names = chosen(values.only);
  const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => stop.abort(new Error(`told to stop by ${signal}`)));
  const workdir = await mkdtemp(join(tmpdir(), "noctua-attack-"));
  const findings: string[] = [];
  try {
    const ofPort = names.filter((name) => name !== httpAttack);
    if (ofPort.length > 0)
      findings.push(...(await attackPort({ workdir, seconds, seed, say }, ofPort, stop.signal)));
  } finally {
    await rm(workdir, { recursive: true, force: true, maxRetries: 5 });
  }
  if (names.includes(httpAttack)) {
    const flood = await floodHttp(seconds);
    say(`\nhttp: ${flood.did}`);
    for (const finding of flood.findings) say(`  DEFECT: ${finding}`);
    findings.push(...flood.findings);
  }
  say(`${findings.length} defects`);
  if (findings.length > 0) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
