import { expect, test } from "vitest";
import { failureOf } from "../../shared/core/failure.js";
import { jobNumber } from "../../shared/core/id.js";
import { wakeAtMs } from "./actor.js";
import { tallyOf } from "./state.js";
import { heldRange, ToldActor, welcomeTo } from "./testing.js";

const sigterm = { kind: "drain-requested", reason: "SIGTERM", graceMs: 30_000 } as const;
const aborted = { kind: "aborted" } as const;

test("who drains says so, begins nothing more and hands back what waits; what runs goes on", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1, 2, 3]);
  told.clear();
  told.tell(sigterm);
  expect(told.actions("send").map(({ message }) => message)).toMatchObject([
    { kind: "draining", reason: "SIGTERM" },
    { kind: "results", returned: [{ grant: 1, spans: { first: [2], count: [2] } }] },
  ]);
  told.acknowledge(1);
  told.end(heldRange(1, 1));
  expect(told.begun()).toEqual([]);
  expect(told.actions("abort-range")).toEqual([]);
  expect(told.said("results").at(-1)).toMatchObject({ outputs: [{ spans: { first: [1], count: [1] } }] });
  told.acknowledge(2);
  expect(told.actions("exit")).toMatchObject([{ exit: "drained" }]);
});

test("the driver's drain is the same as a signal's", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.hear({ kind: "drain", reason: "the job is done", graceMs: 1_000 });
  expect(told.actions("exit")).toMatchObject([{ exit: "drained" }]);
});

test("who is to hand back what waits stays: what runs goes on, and what is granted later is run", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1, 2, 3]);
  told.clear();
  told.hear({ kind: "hand-back", reason: "the node is drained" });
  told.pass(20);
  expect(told.said("results")).toMatchObject([
    { returned: [{ grant: 1, spans: { first: [2], count: [2] } }] },
  ]);
  expect(told.actions("abort-range")).toEqual([]);
  told.acknowledge(1);
  told.end(heldRange(1, 1));
  expect(told.begun()).toEqual([]);
  told.acknowledge(2);
  expect(told.actions("exit")).toEqual([]);
  told.grant(2, [2]);
  expect(told.begun()).toEqual([2]);
});

test("what still runs when the grace is over is ended and handed back", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1]);
  told.tell(sigterm);
  told.pass(29_999);
  expect(told.actions("abort-range")).toEqual([]);
  told.pass(1);
  expect(told.actions("abort-range")).toHaveLength(1);
  told.end(heldRange(1, 1), aborted);
  expect(told.said("results")).toMatchObject([{ returned: [{ spans: { first: [1], count: [1] } }] }]);
  told.acknowledge(1);
  expect(told.actions("exit")).toMatchObject([{ exit: "drained" }]);
});

test("an output that comes in spite of the end of the grace is reported as such", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1]);
  told.tell(sigterm);
  told.pass(30_000);
  told.end(heldRange(1, 1));
  expect(told.said("results")).toMatchObject([{ outputs: [{ job: 1 }], returned: [] }]);
});

test("who cannot hand in leaves all the same, some seconds after the grace (P10)", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1]);
  told.lose();
  told.tell(sigterm);
  told.pass(29_999);
  expect(told.actions("abort-range")).toEqual([]);
  told.pass(5_000);
  expect(told.actions("exit")).toEqual([]);
  told.pass(1);
  expect(told.actions("exit")).toMatchObject([{ exit: "left-behind" }]);
});

test("who cannot hand in, and has nothing that runs, does not wait for the end of the grace (P10)", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1]);
  told.lose();
  told.tell(sigterm);
  told.pass(10_000);
  told.end(heldRange(1, 1));
  told.pass(4_999);
  expect(told.actions("exit")).toEqual([]);
  told.pass(1);
  expect(told.actions("exit")).toMatchObject([{ exit: "left-behind" }]);
});

test("who hears of a driver while it waits to leave waits for its acknowledgements after all", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1]);
  told.lose();
  told.tell(sigterm);
  told.end(heldRange(1, 1));
  told.pass(4_000);
  told.join(2);
  told.pass(20_000);
  expect(told.actions("exit")).toEqual([]);
  told.acknowledge(1);
  expect(told.actions("exit")).toMatchObject([{ exit: "drained" }]);
});

test("who leaves something behind leaves what no driver has acknowledged in the workdir, by job (P6)", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  const other = jobNumber(2);
  told.open(other);
  told.grant(1, [1, 2, 3]);
  told.grant(1, [7], other);
  told.end(heldRange(1, 1));
  told.pass(20); // Sent, and never acknowledged.
  told.lose();
  const failure = failureOf("event", "no such particle");
  told.end(heldRange(1, 2), { kind: "failure", failure });
  told.tell(sigterm);
  told.end(heldRange(1, 3));
  told.pass(5_000);
  expect(told.actions("hand-in")).toMatchObject([
    {
      run: "run-1",
      jobs: [
        {
          job: 1,
          messages: [
            {
              outputs: [{ job: 1, spans: { first: [1, 3], count: [1, 1] }, sizeBytes: [10, 10] }],
              failures: [{ range: 2, grant: 1, failure }],
              returned: [],
            },
          ],
        },
        { job: 2, messages: [{ outputs: [], returned: [{ job: 2, grant: 1, spans: { first: [7] } }] }] },
      ],
    },
  ]);
  expect(told.actions("exit")).toMatchObject([{ exit: "left-behind" }]);
});

test("who was fenced hands nothing in: what it held is another's", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1]);
  told.end(heldRange(1, 1));
  told.tell({ kind: "link-down", reason: "another process joined as node-1", fenced: true });
  expect(told.actions("hand-in")).toEqual([]);
});

test("who drained while the driver was away says so to the next one, and demands nothing", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1, 2]);
  told.lose();
  told.tell(sigterm);
  told.clear();
  told.join(2);
  expect(told.actions("send").map(({ message }) => message.kind)).toEqual(["hello", "draining", "results"]);
  expect(told.said("hello")[0]?.held).toMatchObject([{ spans: { first: [1], count: [2] } }]);
});

test("a grant that crosses the draining is handed back", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1]);
  told.tell(sigterm);
  told.grant(2, [5, 6]);
  expect(told.begun()).toEqual([1]);
  expect(told.said("results").at(-1)).toMatchObject({ returned: [{ grant: 2, spans: { count: [2] } }] });
});

test("a second drain may shorten the grace, not lengthen it", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1]);
  told.tell(sigterm);
  told.hear({ kind: "drain", reason: "the allocation ends", graceMs: 60_000 });
  told.hear({ kind: "drain", reason: "the allocation ends", graceMs: 1_000 });
  told.pass(1_000);
  expect(told.actions("abort-range")).toHaveLength(1);
});

test("who holds nothing leaves at once", () => {
  const told = new ToldActor();
  told.tell(sigterm);
  expect(told.actions("exit")).toMatchObject([{ exit: "drained" }]);
});

test("who was fenced by another process of its name leaves at once, and nothing follows", () => {
  const told = new ToldActor({ slots: 1 }).atWork();
  told.grant(1, [1, 2]);
  told.tell({ kind: "link-down", reason: "another process joined as node-1", fenced: true });
  expect(told.actions("exit")).toEqual([
    { kind: "exit", exit: "fenced", reason: "another process joined as node-1" },
  ]);
  told.clear();
  expect(told.end(heldRange(1, 1))).toEqual([]);
  expect(told.tell({ kind: "link-up" })).toEqual([]);
  expect(wakeAtMs(told.actor, told.nowMs)).toBeUndefined();
});

test("who leaves while results wait to be said says nothing more", () => {
  const told = new ToldActor({ slots: 2 }).atWork();
  told.grant(1, [1, 2]);
  told.end(heldRange(1, 1));
  expect(told.said("results")).toEqual([]); // They wait for the flush interval, since something runs.
  told.nowMs += 20;
  expect(told.hear(welcomeTo(2, "run-2")).map(({ kind }) => kind)).toEqual(["exit"]);
});

test("who is welcomed to another run leaves: its grants are not of that run", () => {
  const told = new ToldActor().atWork();
  told.lose();
  told.tell({ kind: "link-up" });
  told.hear(welcomeTo(1, "run-2"));
  expect(told.actions("exit")).toMatchObject([{ exit: "fenced" }]);
});

test("who has nothing to wait for is not woken", () => {
  const told = new ToldActor({ slots: 1 });
  expect(wakeAtMs(told.actor, 0)).toBeUndefined();
  told.join();
  expect(wakeAtMs(told.actor, 0)).toBe(10_000);
  expect(tallyOf(told.actor)).toEqual({
    isWelcome: true,
    isDraining: false,
    waiting: 0,
    running: 0,
    staging: 0,
    unacknowledged: 0,
  });
});
