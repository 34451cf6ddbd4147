// Nodes that get no more ranges, or nothing more, and that get some again.
//
//   N3. What failures on a quarantined node cost in credit is given back to the ranges that are not settled.

import { unreachable } from "../../../shared/core/assert.js";
import { enterRequest } from "../state/client-requests.js";
import type { Farm } from "../state/farm.js";
import type { Job } from "../state/job.js";
import { isBarred } from "../state/node.js";
import type { NodeFact } from "../facts/fact-node.js";
import type { DurableFact } from "../facts/fact.js";
import { forJob } from "./contain.js";
import { drainNode, quarantine, restore } from "./node-book.js";
import { changeAttached, seeSession, sessionOf } from "./session-book.js";

type FactOfNode = NodeFact | Extract<DurableFact, { kind: "node-quarantined" | "node-restored" }>;

export function applyNodeFact(farm: Farm, fact: FactOfNode): void {
  change(farm, fact);
  const node = farm.nodes.get(fact.node);
  for (const number of node?.sessions ?? []) {
    const session = sessionOf(farm, number);
    changeAttached(farm, number, { barred: isBarred(node, session.role) });
    seeSession(farm, session); // Who is away may be waited for no more.
  }
}

function change(farm: Farm, fact: FactOfNode): void {
  switch (fact.kind) {
    case "node-quarantined":
      quarantine(farm, fact.node, { reason: fact.reason, sinceUnixMs: fact.atUnixMs });
      for (const number of [...farm.live])
        forJob(farm, number, "what it spent on a node was given back", (job) => refund(job, fact.node));
      return;
    case "node-restored":
      restore(farm, fact.node);
      return;
    case "drain-begun": {
      // Asked for again, it says why anew, and has begun when it had.
      const sinceUnixMs = farm.nodes.get(fact.node)?.drain?.sinceUnixMs ?? fact.atUnixMs;
      enterRequest(farm, fact.requestId, { asked: "drain", node: fact.node });
      drainNode(farm, fact.node, { reason: fact.reason, sinceUnixMs });
      return;
    }
    case "drain-ended":
      enterRequest(farm, fact.requestId, { asked: "undrain", node: fact.node });
      drainNode(farm, fact.node, undefined);
      return;
    default:
      unreachable(fact);
  }
}

/** (N3) */
function refund({ trials, table }: Job, node: string): void {
  for (const [range, { attempts }] of trials) {
    for (const attempt of attempts) {
      if (attempt.node !== node || !attempt.counted) continue;
      attempt.counted = false;
      table.refundCredit(range);
    }
  }
}
