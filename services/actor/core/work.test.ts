import { expect, test } from "vitest";
import { failureOf } from "../../shared/core/failure.js";
import { grantNumber, jobNumber } from "../../shared/core/id.js";
import { spansOf } from "../../shared/core/spans.js";
import { tallyOf } from "./state.js";
import { newPlan } from "../../shared/core/job-plan.js";
import { anOutput, heldGrant, heldRange, job1, specOf, ToldActor } from "./testing.js";

const aborted = { kind: "aborted" } as const;

test("waiting ranges begin as soon as slots are free, in the order of grants", () => {
  const told = new ToldActor({ slots: 2 }).atWork();
  told.grant(1, [8, 9]);
  told.grant(2, [3, 4]);
  expect(told.begun()).toEqual([8, 9]);
  told.end(heldRange(1, 9));
  told.end(heldRange(1, 8));
  expect(told.begun()).toEqual([8, 9, 3, 4]);
});

test("a slot is free when its payload has ended, before the output is stored", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1, 2]);
  told.tell({ kind: "payload-ended", held: heldRange(1, 1) });
  expect(told.begun()).toEqual([1, 2]);
  expect(tallyOf(told.actor)).toMatchObject({ running: 1, staging: 1, unacknowledged: 0 });
  told.end(heldRange(1, 1));
  expect(tallyOf(told.actor)).toMatchObject({ running: 1, staging: 0, unacknowledged: 1 });
});

test("while too many outputs are being stored, no slot begins a range", () => {
  const told = new ToldActor({ slots: 1, stagingMax: 2 }).atWork();
  told.grant(1, [1, 2, 3]);
  told.tell({ kind: "payload-ended", held: heldRange(1, 1) });
  told.tell({ kind: "payload-ended", held: heldRange(1, 2) });
  expect(told.begun()).toEqual([1, 2]);
  told.end(heldRange(1, 1));
  expect(told.begun()).toEqual([1, 2, 3]);
});

test("it goes on with what it holds while the driver is away (P6)", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1, 2, 3]);
  told.lose();
  told.clear();
  told.end(heldRange(1, 1));
  told.end(heldRange(1, 2));
  told.end(heldRange(1, 3));
  expect(told.begun()).toEqual([2, 3]);
  expect(told.actions("send")).toEqual([]);
  expect(tallyOf(told.actor).unacknowledged).toBe(3);
});

test("so many grants of a job are remembered, and the oldest are forgotten first (P7)", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  for (let grant = 1; grant <= 65_537; grant += 1) told.grant(grant, []);
  told.grant(2, [2]);
  expect(told.begun()).toEqual([]);
  told.grant(1, [1]);
  expect(told.begun()).toEqual([1]);
});

test("a grant that is told twice counts once", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1, 2]);
  told.end(heldRange(1, 1));
  told.grant(1, [1, 2]);
  told.end(heldRange(1, 2));
  told.grant(1, [1, 2]);
  expect(told.begun()).toEqual([1, 2]);
});

test("a grant of a job that is not open waits for its open-job, and holds nobody else up", () => {
  const told = new ToldActor({ slots: 2 }).atWork();
  const job2 = jobNumber(2);
  told.grant(1, [5], job2);
  told.grant(1, [6]);
  expect(told.begun()).toEqual([6]);
  told.open(job2);
  expect(told.actions("start-range").at(-1)).toMatchObject({
    slot: 1,
    held: { job: 2, range: 5 },
    plan: newPlan(specOf()),
  });
});

test("a grant that comes after its job was closed is forgotten", () => {
  const told = new ToldActor().atWork();
  told.hear({ kind: "close-job", job: job1 });
  told.grant(1, [1]);
  expect(told.begun()).toEqual([]);
  expect(tallyOf(told.actor).waiting).toBe(0);
});

test("what is revoked is dropped when it waits and ended when it runs, and is not reported", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1, 2, 3]);
  told.hear({ kind: "revoke", revoked: [heldGrant(1, [1, 2])] });
  expect(told.actions("abort-range")).toEqual([{ kind: "abort-range", slot: 0, held: heldRange(1, 1) }]);
  told.end(heldRange(1, 1), aborted);
  expect(told.begun()).toEqual([1, 3]);
  expect(tallyOf(told.actor)).toMatchObject({ waiting: 0, running: 1, unacknowledged: 0 });
});

test("a revoke of another grant of the same range changes nothing", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(2, [1, 2]);
  told.hear({ kind: "revoke", revoked: [heldGrant(1, [1, 2])] });
  expect(told.actions("abort-range")).toEqual([]);
  expect(tallyOf(told.actor)).toMatchObject({ waiting: 1, running: 1 });
});

test("an output that was stored before its revoke was heard is removed", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1]);
  told.tell({ kind: "payload-ended", held: heldRange(1, 1) });
  told.hear({ kind: "revoke", revoked: [heldGrant(1, [1])] });
  told.end(heldRange(1, 1));
  expect(told.actions("remove-output")).toEqual([
    { kind: "remove-output", held: heldRange(1, 1), plan: newPlan(specOf()) },
  ]);
  expect(told.said("results")).toEqual([]);
});

test("a result that is on its way stays so when its range is revoked: the driver may have it already", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1]);
  told.end(heldRange(1, 1));
  told.lose();
  told.clear();
  told.join(2);
  told.hear({ kind: "revoke", revoked: [heldGrant(1, [1])] });
  expect(told.said("results")).toMatchObject([{ outputs: [{ spans: { first: [1], count: [1] } }] }]);
  expect(told.actions("remove-output")).toEqual([]);
});

test("a closed job's waiting ranges are dropped and its running ones ended; other jobs go on", () => {
  const told = new ToldActor({ slots: 2 }).atWork();
  const job2 = jobNumber(2);
  told.open(job2);
  told.grant(1, [1, 2]);
  told.grant(1, [7, 8], job2);
  told.hear({ kind: "close-job", job: job1 });
  expect(told.actions("abort-range")).toHaveLength(2);
  told.end(heldRange(1, 1), aborted);
  told.end(heldRange(1, 2), { kind: "failure", failure: failureOf("transient", "it was being ended") });
  expect(told.begun()).toEqual([1, 2, 7, 8]);
  expect(tallyOf(told.actor).unacknowledged).toBe(0);
});

test("superseded outputs are removed, of a job that was closed meanwhile too", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1]);
  told.end(heldRange(1, 1));
  told.hear({ kind: "close-job", job: job1 });
  const [results] = told.said("results");
  told.hear({ kind: "acknowledge", numbers: [results?.number ?? 0], superseded: [heldGrant(1, [1])] });
  expect(told.actions("remove-output")).toMatchObject([{ held: heldRange(1, 1) }]);
  expect(tallyOf(told.actor).unacknowledged).toBe(0);
});

test("the time of what ended well and is not wanted is counted as lost, of all slots that it took", () => {
  const told = new ToldActor({ slots: 2 }).atWork();
  told.grant(1, [1, 2]);
  told.end(heldRange(1, 2));
  told.tell({ kind: "payload-ended", held: heldRange(1, 1) });
  told.hear({ kind: "revoke", revoked: [heldGrant(1, [1])] });
  told.end(heldRange(1, 1), { ...anOutput, wallMs: 700 });
  expect(told.actions("count-lost")).toEqual([{ kind: "count-lost", job: job1, slotMs: 700 }]);
  const [results] = told.said("results");
  const superseded = { numbers: [results?.number ?? 0], superseded: [heldGrant(1, [2])] };
  told.clear();
  told.hear({ kind: "acknowledge", ...superseded });
  expect(told.actions("count-lost")).toEqual([{ kind: "count-lost", job: job1, slotMs: anOutput.wallMs }]);
  told.clear();
  told.hear({ kind: "acknowledge", ...superseded }); // Told again.
  expect(told.actions("count-lost")).toEqual([]);
});

test("failures are reported, and not measured", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  const failure = failureOf("fatal", "no such program");
  told.grant(1, [1]);
  told.end(heldRange(1, 1), { kind: "failure", failure });
  expect(told.said("results")).toMatchObject([{ failures: [{ range: 1, grant: 1, failure }] }]);
  expect(told.actor.meanMs).toBeUndefined();
  told.grant(2, [2]);
  told.end(heldRange(2, 2), anOutput);
  expect(told.actor.meanMs).toBe(1_000);
});

test.each([
  ["lends more than may wait", { kind: "grant", alone: false }],
  ["has very many outputs removed", { kind: "acknowledge", numbers: [] }],
] as const)("a driver that %s is hung up on, and what is held stays (W8, P7)", (_, word) => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1, 2]);
  const many = { job: job1, grant: grantNumber(2), spans: spansOf({ first: 0, count: 65_537 }) };
  told.hear(word.kind === "grant" ? { ...word, ...many } : { ...word, superseded: [many] });
  expect(told.actions("close-link")).toMatchObject([
    { reason: expect.stringContaining("than were asked for") },
  ]);
  expect(tallyOf(told.actor)).toMatchObject({ waiting: 1, running: 1 });
});
