// Ranges that two actors hold at once, one of them as a copy; for tests.

import { present } from "../../../shared/core/assert.js";
import { grantNumber, jobNumber } from "../../../shared/core/id.js";
import { spansOfAscending } from "../../../shared/core/spans.js";
import { apply } from "../apply/apply.js";
import type { DurableFact } from "../facts/fact.js";
import { ToldDriver, type Peer } from "./testing.js";
import { aSpec, type SpecChanges } from "./testing-spec.js";

/** Enters that the actor was lent ranges of job 1 which another one holds. */
export function copyTo(driver: ToldDriver, actor: Peer, ranges: readonly number[]): void {
  const fact: DurableFact = {
    kind: "ranges-copied",
    job: jobNumber(1),
    grant: grantNumber(driver.job().lastGrant + 1),
    session: present(actor.session, "session of the actor"),
    spans: spansOfAscending(ranges),
  };
  apply(driver.farm, fact);
  driver.journal.push(fact);
  driver.tell({ kind: "hear", stream: actor.stream });
}

/** Grant 1 gives ranges 0 and 1, all of the job, to a slow actor; grant 2 is a copy of range 1 for an idle one. */
export function aCopy(changes: SpecChanges = {}): {
  readonly driver: ToldDriver;
  readonly slow: Peer;
  readonly idle: Peer;
} {
  const driver = new ToldDriver({ leaseMs: 30_000, suspicionsMax: 100 });
  driver.submit(aSpec({ inputs: [2], ...changes }));
  const slow = driver.actor({ name: "slow", node: "node-slow" }).ask(2);
  const idle = driver.actor({ name: "idle", node: "node-idle" }).ask(2);
  copyTo(driver, idle, [1]);
  driver.forget();
  return { driver, slow, idle };
}
