// What Slurm says of jobs: which of them are over, and which nodes the others have.
//
//   J1. One call of squeue asks for all jobs together. It is given little time, and what it answers has a limit (P7).
//   J2. A job that Slurm does not know, or that is neither at work nor over, proves nothing.
//
// A job that survives its nodes (--no-kill) loses those that go down from its list; every other one is over with them.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { nodesIn } from "./slurm-nodes.js";

/** A job: over, or at work on these nodes. */
export type SlurmJob =
  | { readonly kind: "over"; readonly state: string }
  | { readonly kind: "running"; readonly nodes: ReadonlySet<string> };

/** By number; a job of which nothing is sure is not there. Rejects when Slurm does not answer. */
export type AskSlurm = (
  jobs: readonly string[],
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, SlurmJob>>;

const askMsMax = 10_000;
const answerBytesMax = 16 * 1024 * 1024;

/** Asks with this program, by default Slurm's own. */
export function askSqueue(program = "squeue"): AskSlurm {
  const execute = promisify(execFile);
  return async (jobs, signal) => {
    const args = ["--noheader", "--states=all", `--jobs=${jobs.join(",")}`, "--format=%i|%A|%T|%N"];
    const limits = { timeout: askMsMax, killSignal: "SIGKILL", maxBuffer: answerBytesMax } as const; // (J1)
    const { stdout } = await execute(program, args, { ...limits, signal });
    return slurmJobsIn(stdout);
  };
}

const overStates: ReadonlySet<string> = new Set([
  "BOOT_FAIL",
  "CANCELLED",
  "COMPLETED",
  "DEADLINE",
  "FAILED",
  "NODE_FAIL",
  "OUT_OF_MEMORY",
  "PREEMPTED",
  "TIMEOUT",
]);

/** Reads lines of `id|number|state|nodes`. The parts of a heterogeneous job, `id+n`, count as one job and each as its own. */
export function slurmJobsIn(text: string): ReadonlyMap<string, SlurmJob> {
  const rows = new Map<string, { readonly state: string; readonly nodes: string }[]>();
  for (const line of text.split("\n")) {
    const [id = "", number = "", state = "", nodes = ""] = line.trim().split("|");
    if (id === "" || state === "") continue;
    for (const key of new Set([id.replace(/\+\d+$/, ""), number]))
      rows.set(key, [...(rows.get(key) ?? []), { state, nodes }]);
  }
  const jobs = new Map<string, SlurmJob>();
  for (const [key, parts] of rows) {
    const job = jobOf(parts);
    if (job !== undefined) jobs.set(key, job);
  }
  return jobs;
}

/** Undefined when nothing is sure (J2). */
function jobOf(parts: readonly { readonly state: string; readonly nodes: string }[]): SlurmJob | undefined {
  const [first] = parts;
  if (first !== undefined && parts.every(({ state }) => overStates.has(state)))
    return { kind: "over", state: first.state };
  if (parts.some(({ state }) => state !== "RUNNING")) return undefined;
  const nodes = new Set<string>();
  for (const part of parts) {
    const some = nodesIn(part.nodes);
    if (some === undefined) return undefined;
    for (const node of some) nodes.add(node);
  }
  return nodes.size === 0 ? undefined : { kind: "running", nodes };
}
