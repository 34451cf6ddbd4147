// npm run sim -- --seeds <count> [--from <seed>]     runs that many worlds, and says what was found
// npm run sim -- --seed <seed> [--trace]             runs one, and tells its story

import { findingText, Tally } from "./tally.js";
import { lineOf } from "./transcript.js";
import { simulate } from "./world.js";

const usage = "usage: npm run sim -- --seeds <count> [--from <seed>] | --seed <seed> [--trace]";

/** Worlds between two lines of progress, where there is no terminal. */
const quietStep = 100;

async function runMany(from: number, seeds: number): Promise<Tally> {
  const tally = new Tally();
  for (let seed = from; seed < from + seeds; seed += 1) {
    tally.add(await simulate(seed));
    showProgress(`${tally.progress} of ${seeds}`, seed - from + 1);
  }
  if (process.stderr.isTTY) process.stderr.write("\n");
  return tally;
}

function showProgress(text: string, done: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text}`);
  else if (done % quietStep === 0) process.stderr.write(`${text}\n`);
}

async function runOne(seed: number, trace: boolean): Promise<Tally> {
  const onlooker: Parameters<typeof simulate>[1] = trace
    ? { onlooker: (sighting, nowMs) => process.stdout.write(`${lineOf(sighting, nowMs)}\n`) }
    : {};
  const outcome = await simulate(seed, onlooker);
  if (outcome.finding === undefined) process.stdout.write(`${findingText(outcome)}\n`);
  const tally = new Tally();
  tally.add(outcome);
  return tally;
}

/** A whole number that follows the option, or undefined when the option is not there. */
function numberAfter(args: readonly string[], option: string): number | undefined {
  const at = args.indexOf(option);
  if (at < 0) return undefined;
  const value = Number(args[at + 1]);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`${option}: expected a whole number, found ${args[at + 1] ?? "nothing"}\n${usage}`);
}

async function main(args: readonly string[]): Promise<void> {
  const seed = numberAfter(args, "--seed");
  const seeds = numberAfter(args, "--seeds");
  if (seed === undefined && seeds === undefined) throw new Error(usage);
  const tally =
    seed === undefined
      ? await runMany(numberAfter(args, "--from") ?? 1, seeds ?? 0)
      : await runOne(seed, args.includes("--trace"));
  process.stdout.write(`${tally.summary}\n`);
  if (tally.found.length > 0) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
