import { expect, test } from "vitest";
import { flatnessOf, type Point } from "./flatness.js";

const every = (value: (hours: number) => number): Point[] =>
  Array.from({ length: 60 }, (_, i) => ({ hours: i / 60, value: value(i / 60) }));

test("a figure that rises by a tenth and more from the second third to the last is not flat (F1)", () => {
  const rising = flatnessOf(
    every((hours) => 100 + 60 * hours),
    1,
    0,
  );
  expect(rising?.isFlat).toBe(false);
  expect(rising?.slopePerHour).toBeCloseTo(60); // (F2)
  expect(rising?.slopeError).toBeCloseTo(0);
});

test("a figure that warms up and stays, that falls, or that rises by less than its slack is flat (F1)", () => {
  const warm = (hours: number): number => Math.min(100, 20 + 300 * hours);
  expect(flatnessOf(every(warm), 1, 0)).toMatchObject({
    isFlat: true,
    thirds: [expect.any(Number), 100, 100],
  });
  expect(
    flatnessOf(
      every((hours) => 100 - hours),
      1,
      0,
    )?.isFlat,
  ).toBe(true);
  expect(
    flatnessOf(
      every((hours) => 10 + 6 * hours),
      1,
      5,
    )?.isFlat,
  ).toBe(true);
});

test("two looks in a third are too few to tell", () => {
  expect(
    flatnessOf(
      [0, 0.2, 0.5, 0.8, 0.9].map((hours) => ({ hours, value: 1 })),
      1,
      0,
    ),
  ).toBeUndefined();
});
