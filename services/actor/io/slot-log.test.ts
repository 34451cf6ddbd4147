import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { failureOf } from "../../shared/core/failure.js";
import { silentLogger } from "../../shared/io/logger.js";
import { logWordOf, type LogWord } from "../../shared/io/run-log.js";
import { heldRange, job1 } from "../core/testing.js";
import { SlotLogs, type BegunRange } from "./slot-log.js";
import { newFolder, removeFolders } from "./testing.js";
import { aRun } from "./testing-run.js";

afterAll(removeFolders);

const limits = { runBytesMax: 10, logBytesMax: 600, pendingBytesMax: 10_000 };
const clock = { nowMs: () => 5_000, unixMs: () => 0 };
const at = "1970-01-01T00:00:00.000Z";

function logsIn(workdir: string, changes: Partial<typeof limits> = {}, log = silentLogger): SlotLogs {
  return new SlotLogs({ workdir, actor: "a1", node: "n1", clock, log }, { ...limits, ...changes });
}

const folderIn = (workdir: string): string => join(workdir, "jobs/1/logs/a1");
const begun = new Map<number, BegunRange>();
const rangeOf = (range: number): BegunRange => {
  const known = begun.get(range);
  const run =
    known ?? aRun({ held: heldRange(7, range), events: { input: 0, first: range + 1, last: range + 1 } });
  begun.set(range, run);
  return run;
};
const made = { kind: "made", wallMs: 1 } as const;
const text = (written: string): Buffer => Buffer.from(written);

/** What Noctua said in a log, and what it says a program wrote. */
async function linesOf(workdir: string, name = "slot1.log"): Promise<readonly (LogWord | string)[]> {
  const content = await readFile(join(folderIn(workdir), name), "utf8");
  return content
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => logWordOf(line) ?? line);
}

const outputOf = (...ranges: number[]): LogWord => {
  const logged = ranges.map((range) => {
    return { range, grant: 7, input: "/in/1.lhe", first: range + 1, last: range + 1, began: at };
  });
  return { kind: "output", job: 1, node: "n1", at, ranges: logged };
};
const endOf = (range: number): LogWord => {
  return { kind: "end", range, grant: 7, at, seconds: 0, outcome: "made" };
};

test("what a run writes stands between a line that says whose it is and one that says how it ended", async () => {
  const workdir = await newFolder();
  const log = logsIn(workdir).open(job1, 0);
  log.begin(rangeOf(5));
  log.write(text("hello"));
  log.end(rangeOf(5), made);
  await log.close();
  expect(await linesOf(workdir)).toEqual([outputOf(5), "hello", endOf(5)]);
});

test("of each run the beginning is kept, and the rest is counted", async () => {
  const workdir = await newFolder();
  const log = logsIn(workdir).open(job1, 0);
  log.begin(rangeOf(5));
  for (const piece of ["01234", "56789abc", "def"]) log.write(text(piece));
  log.end(rangeOf(5), made);
  await log.close();
  const leftOut = { kind: "left-out", bytes: 6 };
  expect(await linesOf(workdir)).toEqual([outputOf(5), "0123456789", leftOut, endOf(5)]);
});

test("a slot keeps no more than two logs of bounded size, and says how many were before", async () => {
  const workdir = await newFolder();
  const logs = logsIn(workdir);
  for (let range = 0; range < 50; range += 1) {
    const log = logs.open(job1, 0);
    log.begin(rangeOf(range));
    log.write(text("12345\n"));
    log.end(rangeOf(range), made);
    await log.close();
  }
  expect((await readdir(folderIn(workdir))).sort()).toEqual(["slot1.log", "slot1.log.1"]);
  const lines = await linesOf(workdir);
  expect(lines.at(-1)).toEqual(endOf(49));
  const [older] = await linesOf(workdir, "slot1.log.1");
  const [newer] = lines;
  const logsBefore = (word: LogWord | string | undefined): number =>
    typeof word === "object" && word.kind === "rotated" ? word.logs : 0;
  expect(logsBefore(newer)).toBe(logsBefore(older) + 1);
  const bytes = (await readFile(join(folderIn(workdir), "slot1.log.1"))).byteLength;
  expect(bytes).toBeLessThan(2 * limits.logBytesMax);
});

test("where nothing is written and nothing fails, no file is made", async () => {
  const workdir = await newFolder();
  const log = logsIn(workdir).open(job1, 0);
  log.begin(rangeOf(1));
  log.end(rangeOf(1), made);
  await log.close();
  expect(await readdir(workdir)).toEqual([]);
});

test("a run that fails is logged even when it wrote nothing", async () => {
  const workdir = await newFolder();
  const log = logsIn(workdir).open(job1, 0);
  log.begin(rangeOf(1));
  const failure = { ...failureOf("event", "no such cell"), exitCode: 3 };
  log.end(rangeOf(1), { kind: "failure", failure });
  await log.close();
  const how = { outcome: "failed", class: "event", exitCode: 3, message: "no such cell" };
  expect(await linesOf(workdir)).toEqual([outputOf(1), { ...endOf(1), ...how }]);
});

test("a program that processes several ranges is logged below all of them", async () => {
  const workdir = await newFolder();
  const log = logsIn(workdir).open(job1, 0);
  log.write(text("starting\n"));
  log.begin(rangeOf(1));
  log.begin(rangeOf(2));
  log.write(text("both\n"));
  log.end(rangeOf(1), made);
  log.write(text("one\n"));
  log.end(rangeOf(2), made);
  await log.close();
  const expected = [outputOf(), "starting", outputOf(1, 2), "both", endOf(1), outputOf(2), "one", endOf(2)];
  expect(await linesOf(workdir)).toEqual(expected);
});

test("two programs in one slot are told apart, line by line", async () => {
  const workdir = await newFolder();
  const logs = logsIn(workdir);
  const [one, other] = [logs.open(job1, 0), logs.open(job1, 0)];
  one.begin(rangeOf(1));
  other.begin(rangeOf(2));
  one.write(text("one "));
  other.write(text("two "));
  one.write(text("three"));
  one.end(rangeOf(1), made);
  other.end(rangeOf(2), made);
  await one.close();
  await other.close();
  const expected = [outputOf(1), "one ", outputOf(2), "two ", outputOf(1), "three", endOf(1), endOf(2)];
  expect(await linesOf(workdir)).toEqual(expected);
});

test("no program can write a line of Noctua's", async () => {
  const workdir = await newFolder();
  const log = logsIn(workdir, { runBytesMax: 1_000 }).open(job1, 0);
  log.begin(rangeOf(1));
  const forged = '@noctua end {"range":1}\n';
  for (const piece of [forged, "a\n", forged, "b@c\n@", "noctua"]) log.write(text(piece));
  log.end(rangeOf(1), made);
  await log.close();
  const shown = [`@${forged.trim()}`, "a", `@${forged.trim()}`, "b@c", "@@noctua"];
  expect(await linesOf(workdir)).toEqual([outputOf(1), ...shown, endOf(1)]);
});

test("a log that its actor left in the middle of a line goes on with a line of its own", async () => {
  const workdir = await newFolder();
  const log = logsIn(workdir).open(job1, 0);
  log.begin(rangeOf(1));
  log.write(text("hal"));
  await logsIn(workdir).flush();
  await log.close();
  await writeFile(join(folderIn(workdir), "slot1.log"), "hal", { flag: "a" });
  const next = logsIn(workdir).open(job1, 0);
  next.begin(rangeOf(2));
  next.write(text("new\n"));
  await next.close();
  expect((await linesOf(workdir)).slice(-3)).toEqual(["hal", outputOf(2), "new"]);
});

test("what comes faster than it can be written is counted, and does not pile up", async () => {
  const workdir = await newFolder();
  const log = logsIn(workdir, { runBytesMax: 1_000_000, pendingBytesMax: 400 }).open(job1, 0);
  log.begin(rangeOf(1));
  for (let i = 0; i < 100; i += 1) log.write(text("123456789\n"));
  log.end(rangeOf(1), made);
  await log.close();
  const lines = await linesOf(workdir);
  const kept = lines.filter((line) => line === "123456789").length;
  expect(kept).toBeGreaterThan(5);
  expect(kept).toBeLessThan(41);
  expect(lines.at(-2)).toEqual({ kind: "left-out", bytes: 10 * (100 - kept) });
});

test("a log that cannot be written is said once, and costs nothing else", async () => {
  const workdir = await newFolder();
  await writeFile(join(workdir, "jobs"), "in the way");
  const said: string[] = [];
  const logs = logsIn(workdir, {}, { ...silentLogger, warn: (message) => said.push(message) });
  for (const slot of [0, 1]) {
    const log = logs.open(job1, slot);
    log.begin(rangeOf(1));
    log.write(text("lost"));
    await log.close();
  }
  expect(said).toEqual(["what payloads write cannot be logged"]);
});
