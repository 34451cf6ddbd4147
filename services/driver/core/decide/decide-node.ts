// Nodes that fail whatever they are given: they are told from bad ranges, and get no more (design.md, "Failure, by class").
//
//   X3. A node is quarantined when so many ranges are blamed on it (node.ts, N1), and never the last one that is left.
//       What waits there goes elsewhere at once; what may run there is left to it: a success lifts the quarantine.
//   X4. Where payloads fail everywhere, the job is bad and not its nodes: at most half of the nodes are in quarantine at a
//       time, and a tenth (one at least) while no range of the job ever succeeded.
//   X5. Quarantine ends when fewer ranges are blamed, when the node's actor is started anew, and when nobody else is left
//       for a job.
//   X6. Of nodes that have left while something was held against them, so many are remembered (P7): then the oldest of these
//       are forgotten, a tenth at a time.

import { present } from "../../../shared/core/assert.js";
import type { Failure } from "../../../shared/core/failure.js";
import type { Bench } from "../bench.js";
import type { Fact } from "../facts/fact.js";
import { sessionViewOf, type FarmView } from "../state/farm.js";
import { mustWaitThere } from "../state/held-order.js";
import type { JobView } from "../state/job.js";
import { blameOf, type NodeView } from "../state/node.js";
import { isAnotherAble, isRunnableOn } from "./other-node.js";

/** A range of the job failed on the node, which may be one too many (X3). */
export function* quarantineIfBlamed(
  bench: Bench,
  job: JobView,
  { node: name, failure }: { readonly node: string; readonly failure: Failure },
): Generator<Fact, void, void> {
  const { farm, moment, rules } = bench;
  const node = farm.nodes.get(name);
  if (node === undefined || node.quarantine !== undefined || blameOf(node) < rules.quarantineAfter) return;
  if (!isAnotherAble(farm, job, [name]) || farm.barred.size >= barredMax(farm, job)) return;
  const ranges = `${String(blameOf(node))} ranges failed there in a row, and on no other node`;
  const reason = `${ranges}; the last one: ${failure.message}`;
  yield { kind: "node-quarantined", node: name, reason, atUnixMs: moment.unixMs };
  yield* takeWaiting(farm, name);
}

/** (X4) */
function barredMax(farm: FarmView, job: JobView): number {
  const nodes = farm.able.size + farm.barred.size;
  return Math.max(1, Math.floor(nodes / (job.hasSucceeded ? 2 : 10)));
}

/** (X3) */
function* takeWaiting(farm: FarmView, name: string): Generator<Fact, void, void> {
  for (const number of [...(farm.nodes.get(name)?.actors ?? [])]) {
    // Not revoked: an output that is done there is as good as any, and a failure says nothing any more.
    for (const held of mustWaitThere(farm, sessionViewOf(farm, number)))
      yield { kind: "ranges-returned", ...held };
  }
}

/** A node that was acquitted of a range, or where one succeeded, may have too little left against it (X5). */
export function* restoreIfAcquitted({ farm, rules }: Bench, name: string): Generator<Fact, void, void> {
  const node = farm.nodes.get(name);
  if (node?.quarantine === undefined) return;
  const blame = blameOf(node);
  if (blame >= rules.quarantineAfter) return;
  const left = `${String(blame)} of the ranges that failed there are left that neither failed elsewhere`;
  yield { kind: "node-restored", node: name, reason: `${left} nor came before a success` };
}

/** Another process is the actor of the node now (X5). */
export function* restoreAnew(farm: FarmView, name: string): Generator<Fact, void, void> {
  if (farm.nodes.get(name)?.quarantine === undefined) return;
  yield { kind: "node-restored", node: name, reason: "its actor was started anew" };
}

/** When only quarantined nodes are left that can run a job, the one with the least blame is better than none (X5). */
export function* restoreTheLast(farm: FarmView, job: JobView): Generator<Fact, void, void> {
  if (farm.barred.size === 0 || job.stage.kind !== "running" || job.table.counts.ready === 0) return;
  let best: NodeView | undefined;
  for (const name of farm.barred) {
    const node = present(farm.nodes.get(name), "node in quarantine");
    if ((best === undefined || blameOf(node) < blameOf(best)) && isRunnableOn(farm, job, name)) best = node;
  }
  // Asked last: it may take long where few nodes can run the job.
  if (best === undefined || isAnotherAble(farm, job, [])) return;
  yield { kind: "node-restored", node: best.name, reason: `no other node is left for job ${job.number}` };
}

/** (X6) */
export function* forgetGone({ farm, rules }: Bench): Generator<Fact, void, void> {
  const { goneNodesMax } = rules;
  if (farm.gone.size <= goneNodesMax) return;
  const kept = goneNodesMax - Math.floor(goneNodesMax / 10);
  const oldest = [...farm.gone].slice(0, farm.gone.size - kept);
  const reason = `it has left, and so did ${String(goneNodesMax)} others later, of which as much is known`;
  for (const node of oldest) yield { kind: "node-restored", node, reason };
}
