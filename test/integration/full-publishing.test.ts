// What the driver itself does with files, on a file system that is full or read-only: it is done when there is room, and once.

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { jobFilesIn } from "../../services/driver/io/job-files.js";
import { FileWork } from "../../services/driver/io/file-work.js";
import type { ReadFarm } from "../../services/driver/io/report-lists.js";
import { ReportWriter } from "../../services/driver/io/report-writer.js";
import type { Command } from "../../services/driver/core/facts/command.js";
import type { FileEffect } from "../../services/driver/core/facts/effect.js";
import { mergeOf, ToldDriver } from "../../services/driver/core/testing/testing.js";
import { aSpec } from "../../services/driver/core/testing/testing-spec.js";
import { grantNumber, groupNumber, jobNumber } from "../../services/shared/core/id.js";
import { outputPath, temporaryMergedPath } from "../../services/shared/core/names.js";
import { silentLogger } from "../../services/shared/io/logger.js";
import { after } from "../../services/shared/io/system-clock.js";
import { until } from "../../services/shared/io/testing-processes.js";
import { mayMount, smallDisk, type SmallDisk } from "../support/small-disk.js";

const job = jobNumber(1);
const merge = mergeOf(1, 2);
const inputs = [0, 1, 2].map((range) => {
  const events = { input: 0, first: range + 1, last: range + 1 };
  return outputPath({ job, range, grant: grantNumber(1), events }, ".lhe");
});

/** The file work of a driver whose group 1 was accepted, on a disk of its own. */
async function aWork(): Promise<{ disk: SmallDisk; work: FileWork; driver: ToldDriver; posted: Command[] }> {
  const disk = await smallDisk("1m");
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [3] }));
  driver.actor().ask(3).done(1, [0, 1, 2]);
  driver.merger().ask(1).merged(merge);
  for (const path of [...inputs, temporaryMergedPath(job, groupNumber(1), grantNumber(2))]) {
    await mkdir(dirname(join(disk.path, path)), { recursive: true });
    await writeFile(join(disk.path, path), "events");
  }
  const posted: Command[] = [];
  const files = jobFilesIn(disk.path);
  const read: ReadFarm = (question) => Promise.resolve(question(driver.farm));
  const work = new FileWork({
    files,
    read,
    reports: new ReportWriter({ files, read, clock: { unixMs: () => 0 } }),
    keepBroken: () => Promise.resolve(),
    post: (command) => posted.push(command),
    log: silentLogger,
    rng: { next: () => 0 },
    after,
  });
  onTestFinished(() => work.stop());
  return { disk, work, driver, posted };
}

const works: readonly (readonly [FileEffect["kind"], FileEffect, RegExp])[] = [
  ["publish-merge", { kind: "publish-merge", merge }, /^publish-merge fails: EROFS/],
  ["remove-inputs", { kind: "remove-inputs", merge }, /^remove-inputs fails: EROFS/],
  ["report-job", { kind: "report-job", job }, /^report-job fails: E/],
];

it.skipIf(!mayMount()).each(works)("%s waits for a read-only file system", async (kind, effect, why) => {
  const { disk, work, driver, posted } = await aWork();
  if (kind === "report-job") driver.workFiles();
  const before = await readdir(disk.path, { recursive: true });
  await disk.remount("ro");
  work.start(effect);
  await until(() => Promise.resolve(work.failing !== undefined));
  expect(work.failing).toMatch(why);
  expect(await readdir(disk.path, { recursive: true })).toEqual(before);
  await disk.remount("rw");
  await until(() => Promise.resolve(posted.length > 0));
  expect(posted).toHaveLength(1);
  expect(work.failing).toBeUndefined();
});

it.skipIf(!mayMount())(
  "a full file system keeps back the report, and neither what is published nor what is removed",
  async () => {
    const { disk, work, driver, posted } = await aWork();
    await disk.fill("completely");
    work.start({ kind: "publish-merge", merge });
    await until(() => Promise.resolve(posted.length === 1));
    work.start({ kind: "remove-inputs", merge });
    await until(() => Promise.resolve(posted.length === 2));
    await disk.fill("completely");
    driver.workFiles();
    work.start({ kind: "report-job", job });
    await until(() => Promise.resolve(work.failing !== undefined));
    expect(work.failing).toMatch(/^report-job fails: ENOSPC/);
    await disk.free();
    await until(() => Promise.resolve(posted.length === 3));
    expect(await readFile(join(disk.path, "jobs/1/report.json"), "utf8")).toMatch('"state": "finished"');
    expect((await readdir(join(disk.path, "jobs/1"))).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  },
);
