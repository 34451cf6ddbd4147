import { expect, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { rangesIn } from "../../shared/core/spans.js";
import { tallyOf } from "./state.js";
import { anOutput, heldRange, ToldActor, welcomeTo } from "./testing.js";

const upTo = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);

test("a link begins with a hello, and before the welcome nothing else is said", () => {
  const told = new ToldActor({ allocationEndsAtMs: 90_000 });
  told.nowMs = 30_000;
  told.tell({ kind: "link-up" });
  told.pass(20_000);
  expect(told.actions("send")).toHaveLength(1);
  expect(told.said("hello")).toEqual([
    {
      kind: "hello",
      actor: "node-1",
      incarnation: "first-process",
      epoch: undefined,
      node: { name: "node-1", cores: 4, labels: { site: "here" } },
      slots: 2,
      allocationLeftMs: 60_000,
      held: [],
      more: false,
    },
  ]);
});

test("another end of the wall time is said in a session, some seconds are no difference, and hellos say what is known (L7)", () => {
  const told = new ToldActor({ allocationEndsAtMs: 3_600_000 }).join();
  told.tell({ kind: "wall-time-told", endsAtMs: 3_610_000 });
  expect(told.said("wall-time")).toEqual([]);
  told.nowMs = 600_000;
  told.tell({ kind: "wall-time-told", endsAtMs: 7_200_000 });
  told.pass(5_000);
  expect(told.said("wall-time")).toEqual([{ kind: "wall-time", leftMs: 6_600_000 }]);
  told.lose();
  told.tell({ kind: "wall-time-told", endsAtMs: 1_200_000 });
  told.nowMs = 700_000;
  told.join(2);
  expect(told.said("wall-time")).toHaveLength(1);
  expect(told.said("hello").at(-1)).toMatchObject({ allocationLeftMs: 500_000 });
});

test("what was not known at the start is said when it is (L7)", () => {
  const told = new ToldActor().join();
  told.tell({ kind: "wall-time-told", endsAtMs: 60_000 });
  expect(told.said("wall-time")).toEqual([{ kind: "wall-time", leftMs: 60_000 }]);
});

test("a hello names what waits, runs, is being stored, or is done and not acknowledged", () => {
  const told = new ToldActor({ slots: 2 }).atWork();
  told.grant(1, [1, 2, 3, 4]);
  told.grant(2, [9]);
  told.end(heldRange(1, 1)); // Not sent yet.
  told.tell({ kind: "payload-ended", held: heldRange(1, 2) }); // Range 2 is being stored.
  told.lose();
  told.clear();
  told.join(2, 5);
  expect(told.said("hello")).toMatchObject([
    {
      epoch: 1,
      more: false,
      held: [
        { job: 1, grant: 1, spans: { first: [1], count: [4] } },
        { job: 1, grant: 2, spans: { first: [9], count: [1] } },
      ],
    },
  ]);
});

test("a long hello goes in pieces, and all but the last say that more follows", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  const scattered = upTo(10_000).map((i) => i * 2);
  told.grant(1, scattered);
  told.lose();
  told.clear();
  told.tell({ kind: "link-up" });
  const hellos = told.said("hello");
  expect(hellos.length).toBeGreaterThan(2);
  expect(hellos.map(({ more }) => more)).toEqual([...hellos.slice(1).map(() => true), false]);
  const named = hellos.flatMap(({ held }) => held).reduce((sum, { spans }) => sum + rangesIn(spans), 0);
  expect(named).toBe(10_000);
});

test("demand counts what was received in the session and what is still wanted", () => {
  const told = new ToldActor({ slots: 2 }).atWork();
  expect(told.said("demand")).toEqual([{ kind: "demand", credit: 2 }]);
  told.grant(1, [1, 2]); // Both begin, so two more are to wait.
  expect(told.said("demand").at(-1)).toEqual({ kind: "demand", credit: 4 });
  told.grant(2, [3]);
  told.grant(2, [3]);
  expect(told.said("demand")).toHaveLength(2);
});

test("demand grows with short events, in steps of half of what is to wait", () => {
  const told = new ToldActor({ slots: 1, prefetchMs: 1_000 }).atWork();
  told.grant(1, [1]);
  told.end(heldRange(1, 1), { ...anOutput, wallMs: 100 });
  expect(told.said("demand").at(-1)).toEqual({ kind: "demand", credit: 11 });
  told.grant(2, upTo(10, 2));
  const demands = told.said("demand").length;
  for (let range = 2; range < 6; range += 1) told.end(heldRange(2, range), { ...anOutput, wallMs: 100 });
  expect(told.said("demand")).toHaveLength(demands + 1);
  expect(told.said("demand").at(-1)).toEqual({ kind: "demand", credit: 16 });
});

test("demand never shrinks within a session, and begins anew with the next one", () => {
  const told = new ToldActor({ slots: 1, prefetchMs: 1_000 }).atWork();
  told.grant(1, [1]);
  told.end(heldRange(1, 1), { ...anOutput, wallMs: 10 });
  expect(told.said("demand").at(-1)).toEqual({ kind: "demand", credit: 101 });
  told.grant(2, [2, 3]);
  told.end(heldRange(2, 2), { ...anOutput, wallMs: 60_000 });
  const credits = told.said("demand").map(({ credit }) => credit);
  expect(credits).toEqual([...credits].sort((a, b) => a - b));
  told.lose();
  told.clear();
  told.join(2);
  expect(told.said("demand")).toEqual([{ kind: "demand", credit: 1 }]); // Range 3 runs; the hello named it.
});

test("while the driver is away nothing is demanded", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1]);
  told.lose();
  told.clear();
  told.end(heldRange(1, 1));
  told.tell({ kind: "link-up" });
  expect(told.said("demand")).toEqual([]);
});

test("results are gathered for the flush interval", () => {
  const told = new ToldActor({ slots: 2 }).atWork();
  told.grant(1, [1, 2, 3, 4]);
  told.end(heldRange(1, 1));
  told.pass(10);
  told.end(heldRange(1, 2));
  told.pass(9);
  expect(told.said("results")).toEqual([]);
  told.pass(1);
  expect(told.said("results")).toMatchObject([
    { number: 1, outputs: [{ spans: { first: [1], count: [2] } }] },
  ]);
});

test("results are sent at once when there are a hundred", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, upTo(101));
  for (const range of upTo(99)) told.end(heldRange(1, range));
  expect(told.said("results")).toEqual([]);
  told.end(heldRange(1, 99));
  expect(told.said("results")).toMatchObject([{ outputs: [{ spans: { first: [0], count: [100] } }] }]);
});

test("results are sent at once when nothing runs", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1]);
  told.end(heldRange(1, 1));
  expect(told.said("results")).toHaveLength(1);
});

test("results that were not acknowledged are sent again in the next session, and acknowledged ones are not", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1]);
  told.end(heldRange(1, 1));
  told.grant(2, [2]);
  told.end(heldRange(2, 2));
  told.acknowledge(2);
  told.lose();
  told.clear();
  told.join(2);
  expect(told.said("hello")[0]?.held).toMatchObject([{ grant: 1 }]);
  expect(told.said("results")).toMatchObject([
    { number: 3, outputs: [{ spans: { first: [1], count: [1] } }] },
  ]);
  told.acknowledge(1); // Of the last session: it means nothing now.
  expect(tallyOf(told.actor).unacknowledged).toBe(1);
  told.acknowledge(3, 3, 77);
  expect(tallyOf(told.actor).unacknowledged).toBe(0);
});

test("who has nothing to say sends a heartbeat", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1, 2]);
  told.clear();
  told.pass(10_000);
  expect(told.actions("send").map(({ message }) => message.kind)).toEqual(["heartbeat"]);
});

test("the heartbeat of who still wants something repeats the demand", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.pass(20_000);
  expect(told.said("demand")).toEqual(upTo(3).map(() => ({ kind: "demand", credit: 1 })));
  expect(told.said("heartbeat")).toEqual([]);
});

test("a driver of a lower epoch than one met before is not listened to", () => {
  const told = new ToldActor({ slots: 1 });
  told.join(1, 7);
  told.open();
  told.lose();
  told.clear();
  told.tell({ kind: "link-up" });
  told.hear(welcomeTo(2), 6);
  told.grant(1, [1]); // Of epoch 1, and still on its way when the link was closed.
  expect(told.actions("close-link")).toHaveLength(1);
  expect(told.begun()).toEqual([]);
  expect(tallyOf(told.actor).isWelcome).toBe(false);
});

test("a welcome that is told twice does not begin the session anew", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1]);
  told.clear();
  told.hear(welcomeTo(1));
  expect(told.actions("send")).toEqual([]);
});

test("a hello that is not answered is given up, with its link", () => {
  const told = new ToldActor();
  told.tell({ kind: "link-up" });
  told.pass(60_000);
  expect(told.actions("close-link")).toMatchObject([{ reason: expect.stringContaining("60 s") as string }]);
});

test("a new session forgets the jobs of which nothing is held: they may be over", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  const other = jobNumber(2);
  told.open(other);
  told.grant(1, [1], other);
  told.lose();
  told.join(2);
  expect([...told.actor.jobs.keys()]).toEqual([other]);
});

test("a driver that stays away gets all that is held and no more: the outbox is bounded, and nothing is lost (P6, P7)", () => {
  const told = new ToldActor({ slots: 2 }).atWork();
  told.grant(1, upTo(50));
  told.lose();
  for (const range of upTo(50)) told.end(heldRange(1, range));
  told.pass(86_400_000);
  expect(tallyOf(told.actor)).toMatchObject({ waiting: 0, running: 0, unacknowledged: 50 });
  told.clear();
  told.join(2);
  expect(told.said("results").flatMap(({ outputs }) => outputs)).toMatchObject([
    { spans: { first: [0], count: [50] } },
  ]);
});
