import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pack } from "./packed-column.js";
import { RunsBuilder } from "./runs.js";

/** Columns of each shape: few values in runs, small numbers, and numbers as large as can be. */
const columns = fc.oneof(
  fc
    .array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 60 })), { minLength: 1, maxLength: 20 })
    .map((runs) => runs.flatMap(([value, count]) => Array.from({ length: count }, () => value))),
  fc.array(fc.nat(300), { minLength: 1, maxLength: 100 }),
  fc.array(fc.nat(2 ** 48 - 1), { minLength: 1, maxLength: 100 }),
);

test("a packed column says what was packed, value by value, whole and in runs", () => {
  fc.assert(
    fc.property(columns, fc.nat(), fc.nat(), (values, one, other) => {
      const packed = pack(Float64Array.from(values));
      expect(values.map((_, at) => packed.at(at))).toEqual(values);
      const whole = new Float64Array(values.length + 1);
      packed.unpack(whole);
      expect([...whole]).toEqual([...values, 0]);
      const [first = 0, end = 0] = [one % (values.length + 1), other % (values.length + 1)].sort(
        (a, b) => a - b,
      );
      expect(told((runs) => packed.tell(runs, first, end))).toEqual(
        told((runs) => runs.addColumn(Float64Array.from(values), first, end)),
      );
    }),
    { seed: 3, numRuns: 300, examples: [[[0, 2 ** 48 - 1], 0, 2]] },
  );
});

function told(tell: (runs: RunsBuilder) => void): unknown {
  const runs = new RunsBuilder();
  tell(runs);
  return runs.runs();
}

describe("runs", () => {
  test("are as long as they can be", () => {
    const runs = new RunsBuilder();
    runs.add(1, 2);
    runs.addColumn(Uint8Array.of(0, 1, 1, 5, 5), 1, 5);
    runs.add(5, 3);
    expect(runs.runs()).toEqual({ value: [1, 5], count: [4, 5] });
  });
});
