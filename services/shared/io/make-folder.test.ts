import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "./make-folder.js";
import { testFolder } from "./testing-folder.js";

test("a folder is made with those above it, all of its mode, and may be there already", async () => {
  const root = await testFolder();
  await Promise.all([1, 2].map(() => makeFolder(join(root, "a/b/c"), { mode: 0o700 })));
  for (const made of ["a", "a/b", "a/b/c"]) expect((await stat(join(root, made))).mode & 0o777).toBe(0o700);
});

test("below a file none can be made", async () => {
  const file = join(await testFolder(), "file");
  await writeFile(file, "");
  await expect(makeFolder(join(file, "a/b"))).rejects.toThrow("ENOTDIR");
});
