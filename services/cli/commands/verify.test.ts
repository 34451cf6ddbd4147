import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { checksumFile } from "../../shared/io/checksum.js";
import type { JobReport } from "../core/report.js";
import { mergedFileOf, reportFilesOf, reportOf } from "../core/testing.js";
import type { Selector } from "../core/selector.js";
import { CliError, exitCodes } from "../io/cli-error.js";
import { capturedTerminal, checkedAnswer, jobFolder, put, type Captured, type JobFolder } from "./testing.js";
import { verify } from "./verify.js";

const signal = new AbortController().signal;
const merged = "jobs/1/merged/drell-yan.0001.jsonl";
let place: JobFolder;
let captured: Captured;

beforeEach(async () => {
  place = await jobFolder();
  captured = capturedTerminal();
});

async function putReport(report: JobReport | string): Promise<void> {
  if (typeof report === "string") await put(place, "jobs/1/report.json", report);
  else for (const [name, text] of reportFilesOf(report)) await put(place, `jobs/1/${name}`, text);
}

/** A job whose two merged files lie there as the report says. */
async function wholeJob(): Promise<JobReport> {
  const files = await Promise.all(
    [1, 2].map(async (group) => {
      const file = mergedFileOf(group);
      const path = await put(place, file.path, `the events of group ${group}\n`);
      const { sizeBytes, adler32 } = await checksumFile(path, signal);
      return { ...file, sizeBytes, adler32: adler32.toString(16).padStart(8, "0") };
    }),
  );
  const report = reportOf({ mergedFiles: files });
  await putReport(report);
  return report;
}

function numbered(job: number): Selector {
  return { kind: "numbers", spans: [{ first: job, last: job }] };
}

function verifyAll(json = false): Promise<number> {
  return verify(
    { workdir: place.workdir, jobs: { kind: "all" }, output: json ? "json" : "text" },
    captured.terminal,
    signal,
  );
}

describe("verify", () => {
  it("finds nothing wrong with a job that is whole", async () => {
    await wholeJob();
    await mkdir(join(place.workdir, "jobs/1/outputs/00000"), { recursive: true });
    expect(await verifyAll()).toBe(exitCodes.ok);
    expect(captured.stdout()).toMatch(
      /^job 1\n {2}ok .*verified: every range is accounted for, none twice\n$/s,
    );
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      "a changed byte",
      () => put(place, merged, "the events of grouP 1\n"),
      /0001.jsonl: expected adler32 \w{8}, found \w{8}/,
    ],
    ["a file cut short", () => put(place, merged, "the events"), /0001.jsonl: expected 22 bytes, found 10/],
    ["a file that is gone", () => rm(join(place.workdir, merged)), /0001.jsonl: is not there/],
    [
      "a link to a file elsewhere",
      async () => {
        await rm(join(place.workdir, merged));
        await symlink("/etc/hostname", join(place.workdir, merged));
      },
      /0001.jsonl: expected a file, found something else/,
    ],
    [
      "a file too many",
      () => put(place, "jobs/1/merged/drell-yan.0003.jsonl", ""),
      /0003.jsonl: the report does not name it/,
    ],
    [
      "a temporary file",
      () => put(place, "jobs/1/merged/3.12.tmp", ""),
      /3.12.tmp: a temporary file was left behind/,
    ],
    [
      "an output",
      () => put(place, "jobs/1/outputs/00000/input1.events1-2.grant3.jsonl", ""),
      /the report does not keep it/,
    ],
    [
      "a file beside the folders of outputs",
      () => put(place, "jobs/1/outputs/stray", ""),
      /outputs\/stray: the report does not keep it/,
    ],
    [
      "a temporary file in a folder of a folder",
      () => put(place, "jobs/1/outputs/00007/some/stray.tmp", ""),
      /00007\/some\/stray.tmp: a temporary file was left behind/,
    ],
  ])("finds %s", async (_name, damage, message) => {
    await wholeJob();
    await damage();
    expect(await verifyAll()).toBe(exitCodes.bad);
    expect(captured.stdout()).toMatch(message);
    expect(captured.stdout()).toMatch(/1 problem found\n$/);
  });

  it.each<[string, (text: string) => string, RegExp]>([
    ["no JSON", () => "{", /expected JSON in .*report\.json/],
    ["another version", (text) => text.replace("report/v1", "report/v2"), /no noctua.report\/v1: schema: /],
    [
      "a field of another kind",
      (text) => text.replace(/"events":\{("\w+":0,)*"total":20/, '"events":{"total":-1'),
      /no noctua.report\/v1: events.total/,
    ],
    [
      "an input without events",
      (text) => text.replace('"eventsPerRange":2', '"eventsPerRange":0'),
      /no noctua.report\/v1: spec.eventsPerRange/,
    ],
  ])("finds a report that cannot be believed: %s", async (_name, damaged, message) => {
    const text = reportFilesOf(await wholeJob()).get("report.json") ?? "";
    expect(damaged(text)).not.toBe(text);
    await putReport(damaged(text));
    expect(await verifyAll()).toBe(exitCodes.bad);
    expect(captured.stdout()).toMatch(message);
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      "is no JSON",
      () => put(place, "jobs/1/merged.jsonl", "{\n"),
      /expected JSON in .*merged\.jsonl, line 1/,
    ],
    ["is cut short", () => put(place, "jobs/1/ranges.jsonl", ""), /ranges 0-9 .*: missing/],
    ["is gone", () => rm(join(place.workdir, "jobs/1/kept.jsonl")), /no such file .*kept\.jsonl/],
    [
      "calls others merged",
      () => put(place, "jobs/1/ranges.jsonl", '{"first":0,"count":10,"state":"done"}\n'),
      /ranges\.jsonl calls others merged than merged\.jsonl has in files/,
    ],
  ])("finds a list that %s", async (_name, damage, message) => {
    await wholeJob();
    await damage();
    expect(await verifyAll()).toBe(exitCodes.bad);
    expect(captured.stdout()).toMatch(message);
  });

  it("says that a job is not over, though it has a report", async () => {
    await putReport(reportOf({ state: "running" }));
    expect(await verifyAll()).toBe(exitCodes.notOver);
  });

  it("says that a job is not over", async () => {
    await mkdir(join(place.workdir, "jobs/1"), { recursive: true });
    expect(await verifyAll()).toBe(exitCodes.notOver);
    expect(captured.stdout()).toBe("job 1: not over yet, so there is nothing to verify\n");
  });

  it("looks at every job, and tells what is wrong before what is not over", async () => {
    await wholeJob();
    await put(place, "jobs/1/merged/3.12.tmp", "");
    await mkdir(join(place.workdir, "jobs/2"));
    expect(await verifyAll()).toBe(exitCodes.bad);
    const options = { workdir: place.workdir, jobs: numbered(2), output: "text" } as const;
    expect(await verify(options, captured.terminal, signal)).toBe(exitCodes.notOver);
  });

  it("prints JSON with its schema's name", async () => {
    await wholeJob();
    await put(place, "jobs/1/merged/3.12.tmp", "");
    expect(await verifyAll(true)).toBe(exitCodes.bad);
    expect(checkedAnswer(captured.stdout())).toMatchObject({
      schema: "noctua.verify/v1",
      jobs: [
        {
          job: 1,
          isOver: true,
          problems: 1,
          checks: [
            { name: "report", ok: true, problems: [] },
            { name: "ranges", ok: true },
            { name: "lists", ok: true },
            { name: "events", ok: true },
            { name: "merged files", ok: true },
            {
              name: "merged folder",
              ok: false,
              problems: ["jobs/1/merged/3.12.tmp: a temporary file was left behind"],
            },
            { name: "outputs folder", ok: true },
          ],
        },
      ],
    });
  });

  it("refuses a workdir without jobs, and a job that there is not", async () => {
    await expect(verifyAll()).rejects.toThrow(/expected jobs in .*found none/);
    await wholeJob();
    const options = { workdir: place.workdir, jobs: numbered(7), output: "text" } as const;
    await expect(verify(options, captured.terminal, signal)).rejects.toThrow(CliError);
    await expect(verify(options, captured.terminal, signal)).rejects.toThrow(
      "there is no job 7: the jobs are 1",
    );
  });
});
