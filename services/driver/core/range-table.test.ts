import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grantNumber, groupNumber } from "../../shared/core/id.js";
import { outputBytesMax } from "./output-pages.js";
import { RangeTable, rangeStates } from "./range-table.js";

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

  test("has no range beyond its last", () => {
    const table = new RangeTable(2);
    expect(() => table.stateOf(2)).toThrow("range 2 is one of the job's 2");
    expect(() => table.hold(-1, first)).toThrow("range -1");
    expect(() => table.outputOf(0)).toThrow("range 0 is done");
  });
});

function moved(...steps: readonly ((table: RangeTable) => void)[]): RangeTable {
  const table = new RangeTable(1);
  for (const step of steps) step(table);
  return table;
}
