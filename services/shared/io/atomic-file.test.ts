import { readdir, readFile, stat, writeFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { syncFile, syncFolder, writeFileAtomically } from "./atomic-file.js";
import { testFolder } from "./testing-folder.js";

let folder: string;

beforeEach(async () => {
  folder = await testFolder();
});

test("a file is written or replaced whole, with the mode that is asked for, and nothing else stays", async () => {
  const path = join(folder, "token");
  await writeFileAtomically(path, "old", { mode: 0o600 });
  await writeFileAtomically(path, Buffer.from("new"), { mode: 0o640 });
  expect(await readFile(path, "utf8")).toBe("new");
  expect((await stat(path)).mode & 0o777).toBe(0o640);
  expect(await readdir(folder)).toEqual(["token"]);
});

test("a write that fails leaves what was there, and no temporary", async () => {
  const path = join(folder, "inner");
  await mkdir(path);
  await writeFile(join(path, "kept"), "");
  await expect(writeFileAtomically(path, "no file replaces a folder")).rejects.toThrow();
  expect(await readdir(path)).toEqual(["kept"]);
  expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("files and folders can be made durable, and a file is no folder", async () => {
  const path = join(folder, "plain");
  await writeFile(path, "x");
  await syncFile(path);
  await syncFolder(folder);
  await expect(syncFolder(path)).rejects.toThrow("ENOTDIR");
});
