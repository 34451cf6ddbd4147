// Nodes that get no more ranges, and that get ranges again.
//
//   N3. What failures on a quarantined node cost in credit is given back to the ranges that are not settled.

import { jobOf, type Farm } from "../state/farm.js";
import type { DurableFact } from "../facts/fact.js";
import { quarantine, restore } from "./node-book.js";
import { changeAttached } from "./session-book.js";

type NodeFact = Extract<DurableFact, { kind: "node-quarantined" | "node-restored" }>;

export function applyNodeFact(farm: Farm, fact: NodeFact): void {
  const isQuarantined = fact.kind === "node-quarantined";
  if (isQuarantined) {
    quarantine(farm, fact.node, { reason: fact.reason, sinceUnixMs: fact.atUnixMs });
    for (const number of farm.live) refund(farm, number, fact.node);
  } else restore(farm, fact.node);
  for (const session of farm.nodes.get(fact.node)?.actors ?? [])
    changeAttached(farm, session, { barred: isQuarantined });
}

/** (N3) */
function refund(farm: Farm, number: Parameters<typeof jobOf>[1], node: string): void {
  const { trials, table } = jobOf(farm, number);
  for (const [range, { attempts }] of trials) {
    for (const attempt of attempts) {
      if (attempt.node !== node || !attempt.counted) continue;
      attempt.counted = false;
      table.refundCredit(range);
    }
  }
}
