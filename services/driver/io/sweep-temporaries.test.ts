import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../../shared/io/testing-folder.js";
import { sweepTemporaries } from "./sweep-temporaries.js";

const uuid = "0f5d3a52-0b53-4f7c-8a3e-2f1f6d2a9c11";
const nowUnixMs = 1_700_000_000_000;
const log = { warn: (message: string): never => expect.fail(message) };

test("what killed processes left is removed when it is old, and nothing else (W1)", async () => {
  const workdir = await testFolder();
  const put = async (path: string, ageMs: number): Promise<void> => {
    await mkdir(join(workdir, dirname(path)), { recursive: true });
    await writeFile(join(workdir, path), "");
    const seconds = (nowUnixMs - ageMs) / 1_000;
    await utimes(join(workdir, path), seconds, seconds);
  };
  const old = 3_700_000;
  const left = [
    `driver/address.json.${uuid}.tmp`,
    "driver/trust/ca.key.0123456789abcdef.tmp",
    `driver/claims/7.json.${uuid}.tmp`,
    `run/node-7.json.${uuid}.tmp`,
  ];
  for (const path of left) await put(path, old);
  const kept = [
    "driver/address.json",
    "driver/mine.tmp",
    "run/node-7.json",
    "run/notes.tmp",
    "driver/claims/7.json",
  ];
  for (const path of kept) await put(path, old);
  const young = `run/node-8.json.${uuid}.tmp`;
  await put(young, 1_000);
  await sweepTemporaries(workdir, nowUnixMs, log)();
  const files = await readdir(workdir, { recursive: true, withFileTypes: true });
  const found = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  expect(found.sort()).toEqual([...kept, young].map((path) => join(workdir, path)).sort());
});

test("a workdir that has none of the folders is left alone", async () => {
  await sweepTemporaries(await testFolder(), nowUnixMs, log)();
});
