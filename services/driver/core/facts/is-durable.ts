// Which facts go into the journal (fact.ts, F1 and F2): a kind that is added does not compile before it is called one or
// the other.

import type { DurableFact, Fact, PassingFact } from "./fact.js";

const passingKinds = {
  "session-attached": true,
  "session-detached": true,
  "session-heard": true,
  "session-draining": true,
  "session-drained": true,
  "wall-time-told": true,
  "wait-told": true,
  "session-sated": true,
  "actor-reserved": true,
  "crew-summed": true,
  "leases-renewed": true,
  "clock-read": true,
  "delays-ended": true,
  "demand-raised": true,
  "ranges-revoked": true,
  "jobs-closed": true,
  "results-settled": true,
  "hand-in-judged": true,
  "merge-settled": true,
  "stream-refused": true,
  "submit-answered": true,
  "control-answered": true,
  "add-answered": true,
  "node-answered": true,
} as const satisfies Record<PassingFact["kind"], true>;

/** Whether the fact goes into the journal (F1, F2). */
export function isDurable(fact: Fact): fact is DurableFact {
  return !(fact.kind in passingKinds);
}
