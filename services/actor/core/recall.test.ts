// Ranges that wait behind one that takes far longer, while another slot is idle.

import { expect, test } from "vitest";
import { noNeeds } from "../../shared/core/payload-needs.js";
import { wakeAtMs } from "./actor.js";
import { anOutput, heldGrant, heldRange, job1, specOf, streamPayload, ToldActor } from "./testing.js";

const short = { ...anOutput, wallMs: 25 };

/** Slot 0 works on range 1, slot 1 on range 2, and each has two more ahead: 3 and 5, 4 and 6. */
function atWork({ slots = 2, cores = 1 } = {}): ToldActor {
  const told = new ToldActor({ slots }).join();
  const needs = { ...noNeeds, cores };
  told.hear({ kind: "open-job", job: job1, spec: specOf({ payload: { ...streamPayload, needs } }) });
  told.grant(1, [0]);
  told.end(heldRange(1, 0), short);
  told.grant(2, [1, 2, 3, 4, 5, 6]);
  told.clear();
  return told;
}

/** The second slot has nothing left. */
function idle(told: ToldActor): ToldActor {
  for (const range of [2, 4, 6]) told.end(heldRange(2, range), short);
  told.clear();
  return told;
}

const recalled = (told: ToldActor): string[] =>
  told.actions("recall-range").map(({ slot, held }) => `${slot}: ${held.range}`);
const begun = (told: ToldActor): string[] =>
  told.actions("start-range").map(({ slot, held, recalls }) => `${slot}: ${held.range} (${recalls})`);

test("what is behind a range that takes far longer is taken back while another slot is idle (K1)", () => {
  const told = idle(atWork());
  told.pass(999);
  expect(recalled(told)).toEqual([]);
  told.pass(1);
  expect(recalled(told)).toEqual(["0: 3", "0: 5"]);
  for (const range of [3, 5]) told.end(heldRange(2, range), { kind: "aborted" });
  expect(begun(told)).toEqual(["1: 3 (1)", "1: 5 (1)"]);
});

test("while all slots are busy, nothing is taken back; it is when one is idle (K1)", () => {
  const told = atWork();
  told.pass(10_000);
  expect(recalled(told)).toEqual([]);
  for (const range of [2, 4, 6]) told.end(heldRange(2, range), short);
  expect(recalled(told)).toEqual(["0: 3", "0: 5"]);
});

test("while more waits, idle slots begin that (K1)", () => {
  const told = idle(atWork());
  told.grant(3, [7, 8, 9, 10, 11]);
  told.pass(900);
  expect(recalled(told)).toEqual([]);
});

test("the time of a slot begins anew with each of its ranges (K1)", () => {
  const told = idle(atWork());
  told.pass(900);
  told.end(heldRange(2, 1), short);
  told.pass(900);
  expect(recalled(told)).toEqual([]);
  told.pass(100);
  expect(recalled(told)).toEqual(["0: 5"]);
});

test("a slot whose range takes far longer gets nothing ahead (K2)", () => {
  const told = atWork();
  told.end(heldRange(2, 3), short); // Whatever its order was.
  told.end(heldRange(2, 5), short);
  told.pass(1_000);
  told.grant(3, [7, 8]);
  expect(begun(told).filter((text) => text.startsWith("0"))).toEqual([]);
});

test("what its process has begun meanwhile stays there, and counts (K3)", () => {
  const told = idle(atWork());
  told.pass(1_000);
  told.end(heldRange(2, 1), short);
  told.end(heldRange(2, 3), short);
  told.end(heldRange(2, 5), { kind: "aborted" });
  expect(begun(told)).toEqual(["0: 5 (1)"]);
  told.pass(20);
  const outputs = told.said("results").flatMap((results) => results.outputs);
  expect(outputs.flatMap(({ spans }) => spans.first)).toContain(3);
  expect(told.said("results").flatMap(({ returned }) => returned)).toEqual([]);
});

test("it is asked for once (K1)", () => {
  const told = idle(atWork());
  told.pass(20_000);
  expect(recalled(told)).toEqual(["0: 3", "0: 5"]);
});

test("what is revoked or handed back while it is taken back does not begin again", () => {
  const told = idle(atWork());
  told.pass(1_000);
  told.hear({ kind: "revoke", revoked: [heldGrant(2, [3])] });
  expect(told.actions("abort-range").map(({ held }) => held.range)).toEqual([3]);
  told.tell({ kind: "drain-requested", reason: "enough", graceMs: 0 });
  expect(told.actions("abort-range").map(({ held }) => held.range)).toEqual([3, 1, 5]);
  for (const range of [1, 3, 5]) told.end(heldRange(2, range), { kind: "aborted" });
  expect(begun(told)).toEqual([]);
  const returned = told.said("results").flatMap((results) => results.returned);
  expect(returned.flatMap(({ spans }) => spans.first)).toEqual([1, 5]);
});

test("who drains takes nothing back, and is not woken for it", () => {
  const told = idle(atWork());
  told.tell({ kind: "drain-requested", reason: "enough", graceMs: 60_000 });
  told.pass(5_000);
  expect(recalled(told)).toEqual([]);
  expect(wakeAtMs(told.actor, told.nowMs)).toBeGreaterThan(told.nowMs);
});

test("where no block is free for a range of several slots, nothing is taken back", () => {
  const told = atWork({ slots: 5, cores: 2 });
  told.end(heldRange(2, 6), short);
  told.pass(5_000);
  expect(recalled(told)).toEqual([]);
});
