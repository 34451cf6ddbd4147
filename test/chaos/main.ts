// npm run chaos -- [--minutes <number>] [--rounds <number>] [--seed <number>] [--folder <folder>] [--keep]
//
// Runs a cluster of real processes while they are killed and stopped and their connections cut, and audits what came of it.

import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { stormOrder } from "../support/storm-order.js";
import { chaos, type ChaosOutcome } from "./chaos.js";
import { faults } from "./storm.js";

const gapMs = 2_000;

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function textOf({ storm, ranges, begun, calmRate, stormRate, recoveryMs }: ChaosOutcome): string {
  const lines = faults.map((fault) => {
    const worst = storm.worstMs.get(fault);
    const count = String(storm.counts.get(fault) ?? 0).padStart(4);
    return `  ${fault.padEnd(18)}${count}   ${worst === undefined ? "" : `goes on after ${seconds(worst)} at most`}`;
  });
  return [
    ...lines,
    `  ${ranges} ranges, begun ${begun} times (${((100 * begun) / ranges - 100).toFixed(1)} % more than once)`,
    `  ranges a second: ${calmRate.toFixed(1)} before the storm, ${stormRate.toFixed(1)} in it`,
    `  over ${seconds(recoveryMs)} after the storm`,
  ].join("\n");
}

async function main(args: readonly string[]): Promise<void> {
  const { numberOf, seed, folder: parent, isKept } = stormOrder(args, { minutes: "3", rounds: "1" });
  const [minutes, rounds] = [numberOf("minutes", 0.1), numberOf("rounds", 1)];
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(new Error("told to stop")));
  const allMs = minutes * 60_000;
  let defects = 0;
  for (let round = 1; round <= rounds; round += 1) {
    const folder = await mkdtemp(join(parent, "noctua-chaos-"));
    process.stdout.write(`round ${round} of ${rounds}, seed ${seed + round - 1}, ${minutes} min\n`);
    const times = { calmMs: 0.15 * allMs, stormMs: 0.7 * allMs, recoveryMsMax: 300_000 + allMs };
    const outcome = await chaos({ folder, seed: seed + round - 1, gapMs, ...times }, stop.signal);
    process.stdout.write(`${textOf(outcome)}\n`);
    for (const finding of outcome.findings) process.stdout.write(`  DEFECT: ${finding}\n`);
    defects += outcome.findings.length;
    if (isKept || outcome.findings.length > 0) process.stdout.write(`  kept: ${folder}\n`);
    else await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  process.stdout.write(defects === 0 ? "no event was lost, none is there twice\n" : `${defects} defects\n`);
  if (defects > 0) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
