// For tests: the jobs of a random walk. Those with odd numbers run a process for each range.

import { assert } from "../../shared/core/assert.js";
import { failureOf } from "../../shared/core/failure.js";
import type { JobSpec } from "../../shared/core/job-spec.js";
import { noNeeds } from "../../shared/core/payload-needs.js";
import type { Rng } from "../../shared/core/rng.js";
import type { HeldRange } from "./held.js";
import type { RangeOutcome } from "./step.js";
import { anOutput, specOf, streamPayload } from "./testing.js";

/** What is lived of what the actor wants done, in this order. */
export const livedActions = [
  "start-range",
  "recall-range",
  "abort-range",
  "stop-storing",
  "send",
  "close-link",
  "exit",
] as const;

/** Of jobs 1 and 2 a range takes one slot, of 3 three and of 4 two. */
function coresOf(job: number): number {
  return [1, 1, 3, 2][job - 1] ?? 1;
}

export function walkSpecOf(job: number): JobSpec {
  const needs = { ...noNeeds, cores: coresOf(job) };
  const exec = { ...specOf().payload, needs };
  return specOf({ payload: job % 2 === 1 ? exec : { ...streamPayload, needs } });
}

/** A slot has ranges of one job (W7), and where each has a process of its own, one. */
export function assertMayFollow(before: readonly { readonly job: number }[], job: number): void {
  assert(job % 2 === 0 || before.length === 0, "one range in a slot");
  assert(
    before.every((run) => run.job === job),
    "ranges of one job in a slot",
  );
}

/** No slot is two jobs', and no more are taken than there are. */
export function assertSlotsApart(
  running: ReadonlyMap<number, readonly { readonly job: number }[]>,
  slots: number,
): void {
  const taken = [...running].flatMap(([slot, [run]]) => slotsOf(slot, run?.job, slots));
  assert(new Set(taken).size === taken.length, "a slot is taken once");
  assert(Math.max(...taken) < slots, "no more slots are taken than there are");
}

/** Those that a range of the job has, which began in this slot of so many. */
function slotsOf(slot: number, job: number | undefined, slots: number): number[] {
  const cores = job === undefined ? 0 : Math.min(coresOf(job), slots);
  return Array.from({ length: cores }, (_, i) => slot + i);
}

/** What comes of a range; every other job has no outputs. */
export function walkOutcome(rng: Rng, { job }: HeldRange, longMs: number): RangeOutcome {
  const pick = (below: number): number => Math.floor(rng.next() * below);
  const wallMs = 1 + pick(longMs);
  const outcomes: RangeOutcome[] = [
    job % 2 === 0 ? { kind: "done", wallMs } : { ...anOutput, wallMs },
    {
      kind: "failure",
      failure: { ...failureOf("event", "bad"), stderrTail: "x".repeat(pick(4_000)) },
    },
    { kind: "aborted" },
  ];
  return outcomes[pick(3)] ?? anOutput;
}
