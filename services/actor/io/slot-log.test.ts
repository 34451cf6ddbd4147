import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { silentLogger } from "../../shared/io/logger.js";
import { job1 } from "../core/testing.js";
import { SlotLogs } from "./slot-log.js";
import { newFolder, removeFolders } from "./testing.js";

afterAll(removeFolders);

const limits = { runBytesMax: 10, logBytesMax: 60 };

async function logsIn(workdir: string, log = silentLogger): Promise<SlotLogs> {
  return Promise.resolve(new SlotLogs({ workdir, actor: "node-1", log }, limits));
}

const folderIn = (workdir: string): string => join(workdir, "jobs/1/logs/node-1");

test("of each run the beginning is kept, and the rest is counted", async () => {
  const workdir = await newFolder();
  const run = (await logsIn(workdir)).begin(job1, 0, "range 5");
  run.write(Buffer.from("01234"));
  run.write(Buffer.from("56789abc"));
  run.write(Buffer.from("def"));
  await run.end();
  const text = await readFile(join(folderIn(workdir), "slot1.log"), "utf8");
  expect(text).toBe("--- range 5\n0123456789\n--- 6 more bytes are left out\n");
});

test("a slot keeps no more than two logs of bounded size", async () => {
  const workdir = await newFolder();
  const logs = await logsIn(workdir);
  for (let i = 0; i < 50; i += 1) {
    const run = logs.begin(job1, 0, `range ${i}`);
    run.write(Buffer.from("12345\n"));
    await run.end();
  }
  expect((await readdir(folderIn(workdir))).sort()).toEqual(["slot1.log", "slot1.log.1"]);
  const last = await readFile(join(folderIn(workdir), "slot1.log"), "utf8");
  expect(last.length).toBeLessThan(limits.logBytesMax + 40);
  expect(last).toMatch(/--- range 49\n12345\n$/);
});

test("a payload that writes nothing makes no file", async () => {
  const workdir = await newFolder();
  await (await logsIn(workdir)).begin(job1, 0, "range 1").end();
  expect(await readdir(workdir)).toEqual([]);
});

test("a log that cannot be written is said once, and costs nothing else", async () => {
  const workdir = await newFolder();
  await writeFile(join(workdir, "jobs"), "in the way");
  const said: string[] = [];
  const logs = await logsIn(workdir, { ...silentLogger, warn: (message) => said.push(message) });
  for (const slot of [0, 1]) {
    const run = logs.begin(job1, slot, "range 1");
    run.write(Buffer.from("lost"));
    await run.end();
  }
  expect(said).toEqual(["what payloads write cannot be logged"]);
});
