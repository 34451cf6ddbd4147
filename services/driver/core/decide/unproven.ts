// Nodes of which nothing tells yet that anything can be done there.
//
//   U1. A node is unproven until one of its actors has done a range, or has been there for so long (rules.ts): what fails
//       there may be its own fault.
//   U2. For a job, it is unheard while it is the only node, too: others may be about to come. Its word counts for nothing
//       then, and what failed there waits: one broken node that is there before all others costs no range.
//   U3. This ends by itself, so that a run of one node comes to its end too; at once when something is done there, when
//       another node is there, and where the clock was set back.

import type { Bench } from "../bench.js";
import { sessionViewOf } from "../state/farm.js";
import type { JobView } from "../state/job.js";
import { isAnotherAble } from "./other-node.js";

/** Whether what fails there counts for nothing yet, and is not tried there again (U2). */
export function isUnheard(bench: Bench, job: JobView, name: string): boolean {
  return unprovenForMs(bench, name) > 0 && !isAnotherAble(bench.farm, job, [name]);
}

/** Milliseconds until the node is unproven no more; 0 when it is not (U1, U3). */
export function unprovenForMs({ farm, moment, rules }: Bench, name: string): number {
  let leftMs = rules.witnessWaitMs;
  for (const number of farm.nodes.get(name)?.sessions ?? []) {
    const { role, done, joinedAtUnixMs } = sessionViewOf(farm, number);
    if (role !== "actor") continue;
    const hereMs = moment.unixMs - joinedAtUnixMs;
    if (done > 0 || hereMs < 0 || hereMs >= rules.witnessWaitMs) return 0;
    leftMs = Math.min(leftMs, rules.witnessWaitMs - hereMs);
  }
  return leftMs;
}
