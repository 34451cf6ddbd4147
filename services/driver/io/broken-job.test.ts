import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { silentLogger } from "../../shared/io/logger.js";
import { testFolder } from "../../shared/io/testing-folder.js";
import { JobFault } from "../core/state/fault.js";
import { ToldDriver } from "../core/testing/testing.js";
import { realParts } from "../core/turn.js";
import { brokenKeeper } from "./broken-job.js";
import { jobFilesIn } from "./job-files.js";
import type { ReadFarm } from "./report-lists.js";
import { ReportWriter } from "./report-writer.js";

const job = jobNumber(1);

/** Job 1 went out of service when one of its three ranges was done. */
async function aBrokenJob(): Promise<{ workdir: string; keep: () => Promise<void>; writer: ReportWriter }> {
  const workdir = await testFolder();
  await mkdir(join(workdir, "driver/journal"), { recursive: true, mode: 0o700 });
  const driver = new ToldDriver();
  driver.submit();
  driver.actor().ask(3).done(1, [0]);
  const files = jobFilesIn(workdir);
  const read: ReadFarm = (question) => Promise.resolve(question(driver.farm));
  const clock = { unixMs: () => 1_700_000_009_000 };
  const writer = new ReportWriter({ files, read, clock });
  const keeper = brokenKeeper({ files, read, clock, reports: writer, log: silentLogger });
  const keep = (): Promise<void> => {
    driver.parts = { ...realParts };
    const blamed = new JobFault(job, "publish-merge was done", new TypeError("no such group"));
    driver.tell({ kind: "tell-fault", blamed });
    return keeper(job);
  };
  return { workdir, keep, writer };
}

const reportIn = async (workdir: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(workdir, "jobs/1/report.json"), "utf8")) as Record<string, unknown>;

test("the report of a job that goes out of service says so, and else what it said before (K2)", async () => {
  const { workdir, keep, writer } = await aBrokenJob();
  await writer.update(job, new AbortController().signal);
  const before = await reportIn(workdir);
  await keep();
  const after = await reportIn(workdir);
  expect(after).toEqual({
    ...before,
    state: "broken",
    reason: "no such group (while publish-merge was done)",
    times: { ...(before["times"] as object), ended: expect.any(String), updated: expect.any(String) },
  });
});

test.each(["none", "{ half"])("where there was %s, it says what was known last", async (former) => {
  const { workdir, keep } = await aBrokenJob();
  if (former !== "none") {
    await mkdir(join(workdir, "jobs/1"), { recursive: true });
    await writeFile(join(workdir, "jobs/1/report.json"), former);
  }
  await keep();
  const report = await reportIn(workdir);
  expect(report).toMatchObject({ state: "broken", ranges: { done: 1 }, lists: { ranges: 0 } });
  expect(await readFile(join(workdir, "jobs/1/ranges.jsonl"), "utf8")).toBe("");
});

test("what is to be kept is kept once, though it be asked for twice at a time (K3)", async () => {
  const { workdir, keep } = await aBrokenJob();
  for (let file = 1; file <= 50; file += 1) await writeFile(join(workdir, `driver/journal/${file}.log`), "");
  await Promise.all([keep(), keep()]);
  expect(await readdir(join(workdir, "driver/broken"))).toEqual(["job-1"]);
  expect(await readdir(join(workdir, "driver/broken/job-1"))).toHaveLength(50);
});
