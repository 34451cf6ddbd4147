// Which job a free slot takes next, and what is told of jobs that grow.

import { expect, test } from "vitest";
import { present } from "../../shared/core/assert.js";
import { jobNumber } from "../../shared/core/id.js";
import { anOutput, heldGrant, heldRange, job1, specOf, ToldActor, streamPayload } from "./testing.js";

const job2 = jobNumber(2);
const job3 = jobNumber(3);
const input = (events: number) => ({ ...present(specOf().inputs[0], "input"), events });

/** Job and range of what was begun, in order, with the slot. */
function begun(told: ToldActor): string[] {
  return told.actions("start-range").map(({ slot, held }) => `${slot}: ${held.job}/${held.range}`);
}

function atWork(slots: number): ToldActor {
  const told = new ToldActor({ slots }).atWork();
  told.open(job2);
  told.open(job3);
  return told;
}

test("a slot stays with the job that it ran last, while one of its ranges waits (W6)", () => {
  const told = atWork(2);
  told.grant(1, [1], job1);
  told.grant(1, [1], job2);
  told.grant(2, [2, 3], job2);
  told.grant(2, [2], job1);
  told.clear();
  told.end(heldRange(1, 1, job1));
  told.end(heldRange(1, 1, job2));
  told.end(heldRange(2, 2, job2));
  expect(begun(told)).toEqual(["0: 1/2", "1: 2/2", "1: 2/3"]);
});

test("a slot whose job has nothing more takes what came first of all", () => {
  const told = atWork(1);
  told.grant(1, [1], job1);
  told.grant(1, [1], job3);
  told.grant(1, [1], job2);
  told.clear();
  told.end(heldRange(1, 1, job1));
  told.end(heldRange(1, 1, job3));
  expect(begun(told)).toEqual(["0: 3/1", "0: 2/1"]);
});

test("a slot that is free does not take the range that another free slot would go on with", () => {
  const told = atWork(2);
  told.grant(1, [1], job1);
  told.grant(1, [1], job2);
  told.end(heldRange(1, 1, job1));
  told.end(heldRange(1, 1, job2));
  told.clear();
  told.grant(2, [2], job2);
  told.grant(2, [2], job1);
  expect(begun(told)).toEqual(["1: 2/2", "0: 1/2"]);
});

test("a range of inputs that are not told yet waits for them, and holds no other job up (W3)", () => {
  const told = new ToldActor({ slots: 2 }).join();
  told.hear({ kind: "open-job", job: job1, spec: specOf({ inputs: [input(2)], open: true }) });
  told.open(job2);
  told.grant(1, [2], job1);
  told.grant(1, [7], job2);
  expect(begun(told)).toEqual(["0: 2/7"]);
  told.hear({ kind: "extend-job", job: job1, firstInput: 1, inputs: [input(3)] });
  expect(begun(told)).toEqual(["0: 2/7", "1: 1/2"]);
  expect(told.actions("start-range").at(-1)?.plan.layout.locate(2)).toMatchObject({ input: 1, first: 1 });
});

test("what was added to a job is kept when it is opened again, and inputs told twice count once", () => {
  const told = new ToldActor({ slots: 1 }).join();
  const open = { kind: "open-job", job: job1, spec: specOf({ inputs: [], open: true }) } as const;
  const extend = { kind: "extend-job", job: job1, firstInput: 0, inputs: [input(2)] } as const;
  for (const word of [extend, open, extend, open, extend]) told.hear(word);
  told.grant(1, [1]);
  expect(begun(told)).toEqual(["0: 1/1"]);
  expect(told.actions("start-range")[0]?.plan.layout.ranges).toBe(2);
});

/** Two slots at work on job 1, whose processes live for many ranges and whose ranges take so long. */
function streaming(wallMs: number): ToldActor {
  const told = new ToldActor({ slots: 2 }).join();
  told.hear({ kind: "open-job", job: job1, spec: specOf({ payload: streamPayload }) });
  told.open(job2);
  told.grant(1, [1, 2]);
  told.end(heldRange(1, 1), { ...anOutput, wallMs });
  told.grant(2, [3]);
  told.clear();
  return told;
}

test("when no slot is free, those whose processes live on get some more, one after the other (W7)", () => {
  const told = streaming(25);
  told.grant(3, [4, 5, 6, 7, 8, 9]);
  expect(begun(told)).toEqual(["0: 1/4", "1: 1/5", "0: 1/6", "1: 1/7"]);
  told.clear();
  told.tell({ kind: "payload-ended", held: heldRange(2, 3) });
  expect(begun(told)).toEqual(["0: 1/8"]);
});

test("what came of several runs at once is one step", () => {
  const told = streaming(25);
  told.grant(3, [4, 5, 6, 7, 8, 9]);
  told.clear();
  const ended = { kind: "range-ended", outcome: { ...anOutput, wallMs: 25 } } as const;
  told.tell({
    kind: "runs-told",
    events: [
      { kind: "payload-ended", held: heldRange(2, 3) },
      { ...ended, held: heldRange(3, 4) },
      { ...ended, held: heldRange(2, 3) },
    ],
  });
  expect(begun(told)).toEqual(["0: 1/8", "0: 1/9"]);
  expect(told.actor.outbox.waiting.map(({ held }) => held.range)).toEqual([1, 4, 3]);
});

test("where ranges are long, none is handed over ahead", () => {
  const told = streaming(10_000);
  told.grant(3, [4, 5]);
  expect(begun(told)).toEqual([]);
});

test("nothing of another job is handed over ahead, nor what is to be alone, nor anything behind it (W7)", () => {
  const told = streaming(25);
  told.grant(1, [4, 5, 6, 7], job2);
  told.hear({ kind: "grant", alone: true, ...heldGrant(3, [8]) });
  expect(begun(told)).toEqual([]);
  told.end(heldRange(1, 2), { ...anOutput, wallMs: 25 });
  told.grant(4, [9, 10, 11]);
  expect(begun(told)).toEqual(["1: 1/8", "0: 1/9", "0: 1/10"]);
});

test("what was handed over ahead is ended when it is revoked, and returns when the actor leaves", () => {
  const told = streaming(25);
  told.grant(3, [4, 5]);
  told.hear({ kind: "revoke", revoked: [heldGrant(3, [4])] });
  expect(told.actions("abort-range").map(({ slot, held }) => [slot, held.range])).toEqual([[0, 4]]);
  told.clear();
  told.tell({ kind: "drain-requested", reason: "enough", graceMs: 0 });
  expect(told.actions("abort-range").map(({ held }) => held.range)).toEqual([3, 2, 5]);
});
