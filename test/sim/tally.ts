// What many simulated worlds came to.

import { faultKinds, type FaultKind } from "./sighting.js";
import type { Outcome } from "./world.js";

export class Tally {
  readonly found: Outcome[] = [];
  readonly #faults = new Map<FaultKind, number>();
  #seeds = 0;
  #simulatedMs = 0;

  add(outcome: Outcome): void {
    this.#seeds += 1;
    this.#simulatedMs += outcome.simulatedMs;
    for (const [kind, times] of outcome.faults) this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + times);
    if (outcome.finding !== undefined) this.found.push(outcome);
  }

  /** One line, for the way. */
  get progress(): string {
    const hours = (this.#simulatedMs / 3_600_000).toFixed(1);
    return `${this.#seeds} seeds, ${hours} h simulated, ${this.found.length} with a finding`;
  }

  /** All of it, for the end. */
  get summary(): string {
    const faults = faultKinds.map((kind) => `  ${kind.padEnd(18)} ${this.#faults.get(kind) ?? 0}`);
    return [`${this.progress}. Faults:`, ...faults, ...this.found.map(findingText)].join("\n");
  }
}

/** What was found, and the command that finds it again. */
export function findingText({ seed, finding }: Outcome): string {
  if (finding === undefined) return `seed ${seed}: nothing was found`;
  const { promise, flaw, atMs } = finding;
  return `seed ${seed}, ${promise}, at ${(atMs / 1_000).toFixed(3)} s: ${flaw}\n  ${replayCommand(seed)}`;
}

function replayCommand(seed: number): string {
  return `npm run sim -- --seed ${seed} --trace`;
}
