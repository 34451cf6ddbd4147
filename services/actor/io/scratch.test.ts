import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { silentLogger } from "../../shared/io/logger.js";
import { openScratch } from "./scratch.js";
import { isThere, newFolder, removeFolders } from "./testing.js";

afterAll(removeFolders);

test("the scratch folder is private, and gone when it is closed", async () => {
  const root = await newFolder();
  const options = { root, name: "node-1", incarnation: "a", log: silentLogger };
  const scratch = await openScratch(options, new AbortController().signal);
  const run = await scratch.runFolder("1.2.3");
  for (const folder of [scratch.folder, run]) expect((await stat(folder)).mode & 0o777).toBe(0o700);
  await writeFile(join(run, "output"), "events");
  await scratch.close();
  expect(await isThere(scratch.folder)).toBe(false);
});
