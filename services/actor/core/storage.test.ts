// Outputs that wait for room where they are to be stored.

import { expect, test } from "vitest";
import { tallyOf } from "./state.js";
import { heldGrant, heldRange, ToldActor } from "./testing.js";

/** One slot, one output that waits, as much as may, and range 2 in the slot's place. */
function stuck(): ToldActor {
  const told = new ToldActor({ slots: 1, stagingMax: 1 }).atWork();
  told.grant(1, [1, 2, 3]);
  told.tell({ kind: "payload-ended", held: heldRange(1, 1) });
  told.clear();
  told.tell({ kind: "storage-told", isWaiting: true });
  return told;
}

test("while as much waits for room as may, what has not begun is handed back and nothing is asked for", () => {
  const told = stuck();
  told.pass(1_000);
  expect(told.said("results")).toMatchObject([{ returned: [heldGrant(1, [2, 3])] }]);
  told.acknowledge(1);
  told.pass(15_000);
  expect(told.said("demand").map(({ credit }) => credit)).not.toContainEqual(expect.any(Number));
  expect(tallyOf(told.actor)).toMatchObject({ waiting: 0, running: 0, staging: 1 });
});

test("when there is room, more is asked for", () => {
  const told = stuck();
  told.pass(1_000);
  told.clear();
  told.tell({ kind: "storage-told", isWaiting: false });
  expect(told.said("demand")).toMatchObject([{ credit: 4 }]);
});

test("slots go on while less waits for room than may", () => {
  const told = new ToldActor({ slots: 1, stagingMax: 2 }).atWork();
  told.grant(1, [1, 2, 3]);
  told.tell({ kind: "storage-told", isWaiting: true });
  told.tell({ kind: "payload-ended", held: heldRange(1, 1) });
  expect(told.begun()).toEqual([1, 2]);
});

test("an output that waits is not waited for when its grant is revoked, and is told once", () => {
  const told = stuck();
  told.hear({ kind: "revoke", revoked: [heldGrant(1, [1])] });
  told.hear({ kind: "revoke", revoked: [heldGrant(1, [1])] });
  expect(told.actions("stop-storing")).toEqual([{ kind: "stop-storing", held: heldRange(1, 1) }]);
  told.end(heldRange(1, 1), { kind: "aborted" });
  expect(tallyOf(told.actor).staging).toBe(0);
});

test("when the grace of a drain is over, what waits for room is handed back, and the actor leaves", () => {
  const told = stuck();
  told.tell({ kind: "drain-requested", reason: "its wall time ends", graceMs: 5_000 });
  told.pass(4_999);
  expect(told.actions("stop-storing")).toEqual([]);
  told.pass(1);
  expect(told.actions("stop-storing")).toHaveLength(1);
  told.clear();
  told.end(heldRange(1, 1), { kind: "aborted" });
  expect(told.said("results")).toMatchObject([{ outputs: [], returned: [heldGrant(1, [1])] }]);
  told.acknowledge(1, 2, 3);
  expect(told.actions("exit")).toMatchObject([{ exit: "drained" }]);
});

test("an output that is stored after all is reported, though nobody waited for it any more", () => {
  const told = stuck();
  told.tell({ kind: "drain-requested", reason: "its wall time ends", graceMs: 0 });
  told.clear();
  told.end(heldRange(1, 1));
  expect(told.said("results")).toMatchObject([{ outputs: [{ spans: { first: [1], count: [1] } }] }]);
});
