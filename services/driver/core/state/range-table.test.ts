import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grantNumber, groupNumber } from "../../../shared/core/id.js";
import { outputBytesMax, rangeStates, type RangeState } from "./range-page.js";
import { RangeTable, type RangeTableView } from "./range-table.js";

const [first, second] = [grantNumber(1), grantNumber(2)];
const output = { grant: first, sizeBytes: 5, adler32: 7 };

describe("the range table", () => {
  test("begins with every range ready, and nothing known of any", () => {
    const table = new RangeTable(3);
    expect(table.counts).toEqual({ ready: 3, held: 0, done: 0, merged: 0, failed: 0 });
    expect(table.stateOf(2)).toBe("ready");
    expect([table.holderOf(0), table.winnerOf(0), table.groupOf(0), table.creditUsed(0)]).toEqual([
      undefined,
      undefined,
      undefined,
      0,
    ]);
  });

  test("tells the holder of a held range, and the winner of one that is done or merged (R3)", () => {
    const table = new RangeTable(1);
    table.hold(0, second);
    expect([table.holderOf(0), table.winnerOf(0)]).toEqual([second, undefined]);
    expect([table.isHeldBy(0, second), table.isHeldBy(0, first)]).toEqual([true, false]);
    table.finish(0, "held", output);
    expect([table.holderOf(0), table.winnerOf(0)]).toEqual([undefined, first]);
    expect(table.isHeldBy(0, first)).toBe(false);
    table.merge(0);
    expect(table.winnerOf(0)).toBe(first);
  });

  test("keeps sizes up to 48 bits and checksums of 32", () => {
    fc.assert(
      fc.property(fc.nat({ max: outputBytesMax }), fc.nat({ max: 2 ** 32 - 1 }), (sizeBytes, adler32) => {
        const table = new RangeTable(1);
        table.finish(0, "ready", { grant: second, sizeBytes, adler32 });
        expect(table.outputOf(0)).toEqual({ grant: second, sizeBytes, adler32 });
      }),
      { seed: 1, examples: [[outputBytesMax, 2 ** 32 - 1]] },
    );
  });

  test("forgets all of an output that is lost, and nothing of its credit", () => {
    const table = new RangeTable(1);
    table.hold(0, first);
    table.spendCredit(0);
    table.finish(0, "held", output);
    table.join(0, groupNumber(4));
    table.lose(0);
    expect([table.stateOf(0), table.groupOf(0), table.winnerOf(0)]).toEqual(["ready", undefined, undefined]);
    expect(table.creditUsed(0)).toBe(1);
  });

  test("counts credit to 255 and no further", () => {
    const table = new RangeTable(1);
    for (let i = 0; i < 300; i += 1) table.spendCredit(0);
    expect(table.creditUsed(0)).toBe(255);
  });

  test("leads from state to state as drawn, and refuses every other way (R1, R2)", () => {
    const into = {
      ready: () => new RangeTable(1),
      held: () => moved((table) => table.hold(0, first)),
      done: () => moved((table) => table.finish(0, "ready", output)),
      merged: () =>
        moved(
          (table) => table.finish(0, "ready", output),
          (table) => table.merge(0),
        ),
      failed: () => moved((table) => table.fail(0, "ready")),
    } as const;
    const ways = {
      hold: [(table: RangeTable) => table.hold(0, second), "ready", "held"],
      free: [(table: RangeTable) => table.free(0), "held", "ready"],
      "finish, held": [(table: RangeTable) => table.finish(0, "held", output), "held", "done"],
      "finish, ready": [(table: RangeTable) => table.finish(0, "ready", output), "ready", "done"],
      "fail, held": [(table: RangeTable) => table.fail(0, "held"), "held", "failed"],
      "fail, ready": [(table: RangeTable) => table.fail(0, "ready"), "ready", "failed"],
      merge: [(table: RangeTable) => table.merge(0), "done", "merged"],
      lose: [(table: RangeTable) => table.lose(0), "done", "ready"],
      join: [(table: RangeTable) => table.join(0, groupNumber(1)), "done", "done"],
    } as const;
    for (const [name, [go, from, to]] of Object.entries(ways)) {
      for (const state of rangeStates) {
        const table = into[state]();
        if (state === from) {
          go(table);
          expect(table.stateOf(0), `${name} of a ${state} range`).toBe(to);
          expect(table.counts).toEqual({ ready: 0, held: 0, done: 0, merged: 0, failed: 0, [to]: 1 });
        } else expect(() => go(table), `${name} of a ${state} range`).toThrow("range 0 is");
      }
    }
  });

  test("all that is known of ranges comes back from its columns, in pieces of any length (R4)", () => {
    const step = fc.record({
      range: fc.nat({ max: 19 }),
      to: fc.constantFrom(...rangeStates),
      credit: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 25 }), (steps, piece) => {
        const table = new RangeTable(20);
        for (const one of steps) take(table, one);
        const restored = new RangeTable(20);
        for (let first = 0; first < 20; first += piece)
          restored.restore(table.columns({ first, count: Math.min(piece, 20 - first) }));
        const all = { first: 0, count: 20 };
        expect(restored.columns(all)).toEqual(table.columns(all));
        expect(restored.counts).toEqual(table.counts);
        for (let range = 0; range < 20; range += 1)
          expect(known(restored, range)).toEqual(known(table, range));
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  test("what is known of a range does not depend on what befell other pages, nor on how the job grew", () => {
    const pages = 80;
    const steps = fc.array(
      fc.record({
        page: fc.nat(pages - 1),
        at: fc.constantFrom(0, 1, 2_000, 4_094, 4_095),
        to: fc.constantFrom(...rangeStates),
        credit: fc.nat(2),
      }),
      { minLength: 400, maxLength: 600 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: pages * 4_096 }), (all, first) => {
        const table = new RangeTable(first);
        const alone = new Map<number, RangeTable>();
        for (const { page, at, to, credit } of all) {
          const range = page * 4_096 + at;
          if (range >= table.ranges) table.grow(range + 1 - table.ranges);
          const single = alone.get(range) ?? new RangeTable(range + 1);
          alone.set(range, single);
          for (const one of [table, single]) goOn(one, { range, to, credit });
        }
        for (const [range, single] of alone) expect(known(table, range)).toEqual(known(single, range));
        const restored = new RangeTable(table.ranges);
        const whole = { first: 0, count: table.ranges };
        restored.restore(table.columns(whole));
        expect(restored.counts).toEqual(table.counts);
        expect(restored.columns(whole)).toEqual(table.columns(whole));
      }),
      { seed: 11, numRuns: 20 },
    );
  });

  test("columns that contradict themselves are not entered", () => {
    const columns = new RangeTable(2).columns({ first: 0, count: 2 });
    const wrong = [
      { span: { first: 1, count: 2 } },
      { state: { value: [5], count: [2] } },
      { state: { value: [0], count: [1] } },
      { credit: { value: [256], count: [2] } },
      { holder: { value: [1, 2], count: [1, 2] } },
      { group: { value: [1], count: [] } },
      { state: { value: [2], count: [2] } },
      { sizeBytes: [1], adler32: [1] },
    ];
    for (const change of wrong)
      expect(() => new RangeTable(2).restore({ ...columns, ...change }), JSON.stringify(change)).toThrow();
  });

  test("has no range beyond its last", () => {
    const table = new RangeTable(2);
    expect(() => table.stateOf(2)).toThrow("range 2 is one of the job's 2");
    expect(() => table.hold(-1, first)).toThrow("range -1");
    expect(() => table.outputOf(0)).toThrow("range 0 is done");
  });
});

/** Leads a range on from wherever it stands. */
function goOn(table: RangeTable, step: Step): void {
  const { range } = step;
  const state = table.stateOf(range);
  if (state === "held")
    table.finish(range, "held", { grant: first, sizeBytes: range, adler32: 2 ** 32 - 1 - range });
  else if (state === "failed") table.revive(range);
  else if (state === "done") {
    if (step.credit === 0) table.lose(range);
    else {
      table.join(range, groupNumber(range + 1));
      if (step.credit > 1) table.merge(range);
    }
  } else take(table, step);
}

interface Step {
  readonly range: number;
  readonly to: RangeState;
  readonly credit: number;
}

function take(table: RangeTable, { range, to, credit }: Step): void {
  for (let spent = 0; spent < credit; spent += 1) table.spendCredit(range);
  if (table.stateOf(range) !== "ready" || to === "ready") return;
  if (to === "held") table.hold(range, second);
  else if (to === "failed") table.fail(range, "ready");
  else {
    table.finish(range, "ready", { grant: second, sizeBytes: 2 ** 40 + range, adler32: 2 ** 31 + range });
    if (credit > 0 || to === "merged") table.join(range, groupNumber(1 + (range % 3)));
    if (to === "merged") table.merge(range);
  }
}

/** All that anybody may ask of a range; a question that is missing here does not compile. */
function known(table: RangeTable, range: number): unknown {
  const isDone = table.stateOf(range) === "done";
  const questions: Record<
    Exclude<keyof RangeTableView, "ranges" | "counts" | "columns" | "column">,
    unknown
  > = {
    stateOf: table.stateOf(range),
    holderOf: table.holderOf(range),
    isHeldBy: table.isHeldBy(range, second),
    winnerOf: table.winnerOf(range),
    creditUsed: table.creditUsed(range),
    groupOf: table.groupOf(range),
    outputOf: isDone ? table.outputOf(range) : undefined,
  };
  return questions;
}

function moved(...steps: readonly ((table: RangeTable) => void)[]): RangeTable {
  const table = new RangeTable(1);
  for (const step of steps) step(table);
  return table;
}
