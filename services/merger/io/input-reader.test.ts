import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checksumFile } from "../../shared/io/checksum.js";
import { testFolder } from "../../shared/io/testing-folder.js";
import { lookByReading } from "./input-reader.js";
import type { MergeInput } from "./merge-input.js";

const never = new AbortController().signal;

test("however many inputs a group has, few are in memory, and no more than 10,000 flawed ones are told (I4)", async () => {
  let made = 0;
  function* inputs(): Generator<MergeInput> {
    for (; made < 1e6; made += 1)
      yield {
        range: made,
        events: { input: 0, first: 1, last: 1 },
        path: "/nowhere/output",
        sizeBytes: 1,
        adler32: 1,
      };
  }
  expect(await lookByReading(never, () => undefined)(inputs())).toHaveLength(10_000);
  expect(made).toBeLessThan(10_100);
});

test("inputs of all sizes are read once each, in their order", async () => {
  const folder = await testFolder();
  const sizes = [10, 3_000_000, 100_000, 0, 70_000, 2_000_000, 5, 65_536, 1_048_576, 1_048_577, 1];
  const inputs: MergeInput[] = [];
  for (const [range, size] of sizes.entries()) {
    const path = join(folder, String(range));
    await writeFile(path, Buffer.alloc(size, range));
    inputs.push({
      ...(await checksumFile(path, never)),
      range,
      path,
      events: { input: 0, first: 1, last: 1 },
    });
  }
  let bytes = 0;
  expect(await lookByReading(never, (some) => void (bytes += some))(inputs)).toEqual([]);
  expect(bytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
});
