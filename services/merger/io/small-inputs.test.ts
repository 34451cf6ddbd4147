import { rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../../shared/io/testing-folder.js";
import type { MergeInput } from "./merge-input.js";
import { QuickReading, readInBackground } from "./small-inputs.js";

async function input(content: string, sizeBytes = content.length): Promise<MergeInput> {
  const path = join(await testFolder(), "output");
  await writeFile(path, content);
  return { range: 0, events: { input: 0, first: 1, last: 1 }, path, sizeBytes, adler32: 1 };
}

const room = Buffer.alloc(100);

/** Reads as if each file took so long. */
class Timed {
  tookMs = 0;
  #nowMs = 0;
  readonly reading = new QuickReading(() => (this.#nowMs += this.tookMs));

  /** Reads that many files, and says how many were not read at once. */
  async read(file: MergeInput, files: number): Promise<number> {
    let background = 0;
    for (let i = 0; i < files; i += 1) {
      if (this.reading.mayRead(file) && this.reading.read(file, room) !== undefined) continue;
      background += 1;
      this.reading.mayReadAhead(file);
      await readInBackground(file);
    }
    return background;
  }
}

test("files that open quickly are read at once, but for one now and then (Q1, Q3)", async () => {
  const file = await input("quick");
  expect(new QuickReading().read(file, room)?.toString()).toBe("quick");
  expect(await new Timed().read(file, 1_024)).toBe(4);
});

test("where files open slowly, ever more are read in the background, and where it is quick again, none (Q2)", async () => {
  const timed = new Timed();
  const file = await input("slow");
  timed.tookMs = 1;
  expect(await timed.read(file, 1 + 4 + 1 + 8 + 1 + 16)).toBe(4 + 8 + 16);
  expect(await timed.read(file, 2_000)).toBeGreaterThan(1_980);
  timed.tookMs = 0;
  await timed.read(file, 512);
  expect(await timed.read(file, 200)).toBeLessThanOrEqual(1);
});

test("large files, and those that are not what was reported, are left to the background", async () => {
  const quick = new QuickReading();
  expect(quick.mayRead({ ...(await input("")), sizeBytes: 262_145 })).toBe(false);
  expect(quick.read(await input("longer", 5), room)).toBeUndefined();
  expect(quick.read(await input("short", 6), room)).toBeUndefined();
  const linked = await input("content");
  await symlink(linked.path, `${linked.path}.link`);
  expect(quick.read({ ...linked, path: `${linked.path}.link` }, room)).toBeUndefined();
  await rm(linked.path);
  expect(quick.read(linked, room)).toBeUndefined();
  expect(await readInBackground(linked)).toBe("is missing");
});
