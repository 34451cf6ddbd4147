// What the command line expects of a report (docs/schemas/report.schema.json) is what the driver writes.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { reportHead, reportLines } from "../../services/cli/io/report-schema.js";
import { mergeOf, ToldDriver } from "../../services/driver/core/testing/testing.js";
import { aSpec } from "../../services/driver/core/testing/testing-spec.js";
import { jobFilesIn } from "../../services/driver/io/job-files.js";
import { ReportWriter } from "../../services/driver/io/report-writer.js";
import { jobNumber } from "../../services/shared/core/id.js";
import { reportLists } from "../../services/shared/core/report.js";

it("is kept by what the driver writes, in every field", async () => {
  const workdir = await mkdtemp(join(tmpdir(), "noctua-"));
  onTestFinished(() => rm(workdir, { recursive: true }));
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [6], everyOutputs: 2, attempts: 1, mergeAttempts: 1 }));
  const actor = driver.actor().ask(6);
  actor.done(1, [0, 1, 2, 3]);
  actor.fail(1, 4, "event");
  const merger = driver.merger().ask(2);
  merger.merged(mergeOf(1, 2));
  driver.tell({ kind: "confirm-published", merge: mergeOf(1, 2) });
  merger.failMerge(mergeOf(2, 3));
  const reports = new ReportWriter({
    files: jobFilesIn(workdir),
    read: (question) => Promise.resolve(question(driver.farm)),
    clock: { unixMs: () => Date.UTC(2026, 0, 1) },
  });
  await reports.update(jobNumber(1), new AbortController().signal);
  const read = (name: string): Promise<string> => readFile(join(workdir, "jobs/1", name), "utf8");
  const head: unknown = JSON.parse(await read("report.json"));
  expect(
    reportHead
      .strict()
      .safeParse(head)
      .error?.issues.filter(({ path: [first] }) => first !== "spec") ?? [],
  ).toEqual([]);
  for (const list of reportLists) {
    const lines = (await read(`${list}.jsonl`)).split("\n");
    for (const line of lines.filter((text) => text !== ""))
      expect(reportLines[list].strict().safeParse(JSON.parse(line)).error).toBeUndefined();
  }
});
