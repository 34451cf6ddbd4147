// For tests: the jobs of a random walk. Those with odd numbers run a process for each range.

import { noNeeds } from "../../shared/core/payload-needs.js";
import type { JobSpec } from "../../shared/core/job-spec.js";
import { specOf } from "./testing.js";

const streamPayload = {
  kind: "stream",
  command: ["serve"],
  slotsPerProcess: 1,
  startTimeoutMs: 60_000,
  timeoutMs: 60_000,
  needs: noNeeds,
} as const;

/** Of jobs 1 and 2 a range takes one slot, of 3 three and of 4 two. */
function coresOf(job: number): number {
  return [1, 1, 3, 2][job - 1] ?? 1;
}

export function walkSpecOf(job: number): JobSpec {
  const needs = { ...noNeeds, cores: coresOf(job) };
  const exec = { ...specOf().payload, needs };
  return specOf({ payload: job % 2 === 1 ? exec : { ...streamPayload, needs } });
}

/** Those that a range of the job has, which began in this slot of so many. */
export function slotsOf(slot: number, job: number | undefined, slots: number): number[] {
  const cores = job === undefined ? 0 : Math.min(coresOf(job), slots);
  return Array.from({ length: cores }, (_, i) => slot + i);
}
