// Ranges that take several slots of their node.

import { expect, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { noNeeds } from "../../shared/core/payload-needs.js";
import { anOutput, heldRange, job1, specOf, ToldActor } from "./testing.js";

const wide = jobNumber(2);

/** A node of so many slots; each range of job 2 takes `cores` of them, and each of job 1 one. */
function atWork(slots: number, cores: number): ToldActor {
  const told = new ToldActor({ slots }).atWork();
  told.hear({ kind: "open-job", job: wide, spec: specOf({ payload: wideExec(cores) }) });
  return told;
}

function wideExec(cores: number) {
  return { kind: "exec" as const, command: ["reconstruct"], timeoutMs: 60_000, needs: { ...noNeeds, cores } };
}

function begun(told: ToldActor): string[] {
  return told.actions("start-range").map(({ slot, held }) => `${slot}: ${held.job}/${held.range}`);
}

test("a range has as many neighbouring slots as it needs, and no other range has one of them (B1, B2)", () => {
  const told = atWork(5, 2);
  told.grant(1, [1, 2, 3], wide);
  expect(begun(told)).toEqual(["0: 2/1", "2: 2/2"]);
  told.grant(1, [1, 2], job1);
  expect(begun(told).slice(2)).toEqual(["4: 1/1"]);
  told.clear();
  told.end(heldRange(1, 1, wide));
  expect(begun(told)).toEqual(["0: 2/3"]);
});

test("a node with fewer slots than a range needs gives it all (B1)", () => {
  const told = atWork(3, 8);
  told.grant(1, [1, 2], wide);
  expect(begun(told)).toEqual(["0: 2/1"]);
  told.end(heldRange(1, 1, wide));
  expect(begun(told).slice(1)).toEqual(["0: 2/2"]);
});

test("narrow ranges that come later do not begin where a wide one will be the next (B3)", () => {
  const told = atWork(4, 2);
  told.grant(1, [1, 2, 3, 4], job1);
  told.grant(1, [1], wide);
  told.grant(2, [5, 6, 7, 8], job1);
  told.clear();
  told.end(heldRange(1, 2));
  expect(begun(told)).toEqual([]); // Slots 0 and 1 are kept.
  told.end(heldRange(1, 4));
  told.end(heldRange(1, 1));
  told.end(heldRange(1, 3));
  expect(begun(told)).toEqual(["3: 1/5", "0: 2/1", "2: 1/6"]);
});

test("what came before a wide range, and what is as wide, is not held up by it", () => {
  const told = atWork(4, 2);
  told.grant(1, [1, 2, 3, 4], job1);
  told.grant(2, [5], job1);
  told.grant(1, [1, 2, 3], wide);
  told.clear();
  for (const range of [1, 2, 3]) told.end(heldRange(1, range));
  expect(begun(told)).toEqual(["0: 1/5"]);
  told.end(heldRange(1, 4));
  told.end(heldRange(2, 5));
  expect(begun(told)).toEqual(["0: 1/5", "2: 2/1", "0: 2/2"]);
  told.end(heldRange(1, 2, wide));
  expect(begun(told).at(-1)).toBe("0: 2/3");
});

test("nothing is handed over ahead where a wide range will be the next (B3)", () => {
  const told = new ToldActor({ slots: 2 }).join();
  const stream = { ...wideExec(1), kind: "stream" as const, slotsPerProcess: 1, startTimeoutMs: 60_000 };
  told.hear({ kind: "open-job", job: job1, spec: specOf({ payload: stream }) });
  told.hear({ kind: "open-job", job: wide, spec: specOf({ payload: wideExec(2) }) });
  told.grant(1, [1, 2, 3]);
  told.end(heldRange(1, 1), { ...anOutput, wallMs: 10 });
  told.grant(1, [1], wide);
  told.clear();
  told.grant(2, [4, 5, 6]);
  expect(begun(told)).toEqual([]);
  told.end(heldRange(1, 2));
  told.end(heldRange(1, 3));
  expect(begun(told)).toEqual(["0: 2/1"]);
});

test("an actor whose ranges are wide asks for as many as it can do, and not for as many as it has slots", () => {
  const told = new ToldActor({ slots: 8, prefetchMs: 10 }).join();
  told.hear({ kind: "open-job", job: wide, spec: specOf({ payload: wideExec(4) }) });
  expect(told.said("demand").at(-1)?.credit).toBe(8);
  told.grant(1, [1, 2, 3, 4, 5, 6, 7, 8], wide);
  for (const range of [1, 2, 3, 4]) told.end(heldRange(1, range, wide));
  expect(told.said("demand").at(-1)?.credit).toBe(8);
  told.end(heldRange(1, 5, wide));
  expect(told.said("demand").at(-1)?.credit).toBe(9);
});
