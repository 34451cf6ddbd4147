import { expect, test } from "vitest";
import { formatSize, parseSizeBytes } from "./size.js";

test("sizes are read in the units that people write", () => {
  const texts = ["64MB", "1.5 GB", "10kB", "3B", "2TB"];
  expect(texts.map(parseSizeBytes)).toEqual([64e6, 1.5e9, 1e4, 3, 2e12]);
});

test("what has no unit, or another one, is no size", () => {
  for (const text of ["", "64", "MB", "-1MB", "1mb", "1 MB 2 kB", "1e3MB"])
    expect(parseSizeBytes(text), text).toBeUndefined();
});

test("sizes are shown in the greatest unit of which there is one", () => {
  expect([0, 999, 1_000, 64e6, 1.5e9, 2e12].map(formatSize)).toEqual([
    "0B",
    "999B",
    "1kB",
    "64MB",
    "1.5GB",
    "2TB",
  ]);
});
