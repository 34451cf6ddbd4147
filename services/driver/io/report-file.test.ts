import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { grantNumber, groupNumber, jobNumber } from "../../shared/core/id.js";
import {
  handInFolder,
  mergedPath,
  outputPath,
  inputListPath,
  temporaryMergedPath,
} from "../../shared/core/names.js";
import { silentLogger } from "../../shared/io/logger.js";
import { mergeOf, ToldDriver } from "../core/testing/testing.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { jobFilesIn } from "./job-files.js";
import { sweepReported } from "./job-sweep.js";
import { writeReport } from "./report-file.js";
import type { ReadFarm } from "./report-lists.js";
import { ReportWriter } from "./report-writer.js";

const job = jobNumber(1);
const spec = aSpec({ inputs: [4], everyOutputs: 2, mergeAttempts: 1 });
const made: string[] = [];

afterEach(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true });
});

/** A job that ended: ranges 0 and 1 are merged, the group of 2 and 3 was given up. */
function anEnd(): ToldDriver {
  const driver = new ToldDriver();
  driver.submit(spec);
  driver.actor().ask(4).done(1, [0, 1, 2, 3]);
  const merger = driver.merger().ask(2);
  merger.merged(mergeOf(1, 2));
  driver.tell({ kind: "confirm-published", merge: mergeOf(1, 2) });
  driver.tell({ kind: "confirm-inputs-removed", merge: mergeOf(1, 2) });
  merger.failMerge(mergeOf(2, 3));
  return driver;
}

async function aWorkdir(): Promise<string> {
  const workdir = await mkdtemp(join(tmpdir(), "noctua-"));
  made.push(workdir);
  return workdir;
}

function output(range: number, grant: number): string {
  const events = { input: 0, first: range + 1, last: range + 1 };
  return outputPath({ job, range, grant: grantNumber(grant), events }, ".lhe");
}

/** All files below the workdir. */
async function filesIn(workdir: string): Promise<string[]> {
  const entries = await readdir(workdir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(workdir.length + 1)).sort();
}

async function put(workdir: string, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(workdir, path)), { recursive: true });
    await writeFile(join(workdir, path), path);
  }
}

describe("the end of a job", () => {
  const driver = anEnd();
  const parts = (workdir: string, told = driver) => {
    const files = jobFilesIn(workdir);
    const read: ReadFarm = (question) => Promise.resolve(question(told.farm));
    const clock = { unixMs: () => Date.UTC(2026, 0, 1) };
    return { files, read, reports: new ReportWriter({ files, read, clock }) };
  };
  const report = [
    "failures.jsonl",
    "kept.jsonl",
    "merged.jsonl",
    "outputs.jsonl",
    "ranges.jsonl",
    "report.json",
  ].map((name) => `jobs/1/${name}`);

  test("leaves a report that people and programs can read, with times as people write them", async () => {
    const workdir = await aWorkdir();
    await writeReport(parts(workdir), job);
    const written: unknown = JSON.parse(await readFile(join(workdir, "jobs/1/report.json"), "utf8"));
    expect(written).toMatchObject({
      schema: "noctua.report/v1",
      state: "finished-with-failures",
      ranges: { total: 4, merged: 2, failed: 0, kept: 2 },
      times: {
        submitted: "2023-11-14T22:13:21.000Z",
        ended: "2023-11-14T22:13:21.000Z",
        updated: "2026-01-01T00:00:00.000Z",
      },
      lists: { ranges: 2, merged: 1, kept: 1, outputs: 2, failures: 0 },
    });
    expect(await filesIn(workdir)).toEqual(report);
    const kept: unknown = JSON.parse(await readFile(join(workdir, "jobs/1/kept.jsonl"), "utf8"));
    expect(kept).toMatchObject({ group: 2, attempts: 1, mergers: ["merger"], spans: [[2, 2]] });
  });

  test("sweeps outputs that came too late and temporaries, and keeps those of groups that were given up", async () => {
    const workdir = await aWorkdir();
    const kept = [output(2, 1), output(3, 1)];
    const merged = mergedPath(job, { group: 1, late: 0 }, spec);
    const temporary = temporaryMergedPath(job, groupNumber(2), grantNumber(3));
    await put(
      workdir,
      ...[...kept, merged, output(2, 3), output(0, 1), `${output(2, 3)}.tmp`],
      ...["jobs/1/report.json.0f.tmp", "jobs/1/ranges.jsonl.0f.tmp"],
      temporary,
      inputListPath(temporary),
    );
    await writeReport(parts(workdir), job);
    expect(await filesIn(workdir)).toEqual([merged, ...kept, ...report].sort());
  });

  test("keeps all outputs that are their ranges' where nothing is merged", async () => {
    const whole = new ToldDriver();
    whole.submit(aSpec({ inputs: [4], attempts: 1, keepsOutputs: true }));
    const actor = whole.actor().ask(4);
    actor.done(1, [0, 1, 3]);
    actor.fail(1, 2);
    const workdir = await aWorkdir();
    const kept = [output(0, 1), output(1, 1), output(3, 1)];
    const strange = ["jobs/1/outputs/00000/input9.events1-1.grant1.lhe", `${output(0, 1)}.part`];
    await put(workdir, ...kept, ...strange, output(2, 1), output(1, 0));
    await writeReport(parts(workdir, whole), job);
    expect(await filesIn(workdir)).toEqual([...kept, ...report].sort());
    const lines = (await readFile(join(workdir, "jobs/1/outputs.jsonl"), "utf8")).trimEnd().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { range: 0, path: kept[0], adler32: expect.stringMatching(/^[0-9a-f]{8}$/) as string },
      { range: 1, path: kept[1] },
      { range: 3, path: kept[2] },
    ]);
  });

  test("leaves what younger grants made: the job was retried while this driver was paused (R1)", async () => {
    const workdir = await aWorkdir();
    const young = [output(0, 4), temporaryMergedPath(job, groupNumber(2), grantNumber(5))];
    await put(workdir, ...young, output(0, 3));
    await writeReport(parts(workdir), job);
    expect(await filesIn(workdir)).toEqual([...report, ...young].sort());
  });

  test("sweeps what actors left too late, and keeps what was set aside for somebody to look at", async () => {
    const workdir = await aWorkdir();
    const at = (name: string): string => `${handInFolder(job)}/${name}`;
    await put(workdir, at("a.i.1.handin"), at("a.i.2.handin.9.tmp"), at("b.i.1.handin.refused"));
    await writeReport(parts(workdir), job);
    expect(await filesIn(workdir)).toEqual([at("b.i.1.handin.refused"), ...report].sort());
  });

  test("may be repeated", async () => {
    const workdir = await aWorkdir();
    await put(workdir, output(2, 1), output(0, 1));
    await writeReport(parts(workdir), job);
    const first = await filesIn(workdir);
    await writeReport(parts(workdir), job);
    expect(await filesIn(workdir)).toEqual(first);
  });

  test("removes folders of outputs that are empty then", async () => {
    const workdir = await aWorkdir();
    await put(workdir, output(0, 1));
    await mkdir(join(workdir, "jobs/1/outputs/00007"), { recursive: true });
    await writeReport(parts(workdir), job);
    expect(await readdir(join(workdir, "jobs/1/outputs"))).toEqual([]);
  });

  test("follows no link out of the outputs", async () => {
    const workdir = await aWorkdir();
    await put(workdir, "elsewhere/precious", output(0, 1));
    await symlink(join(workdir, "elsewhere"), join(workdir, "jobs/1/outputs/link"));
    await writeReport(parts(workdir), job);
    expect(await filesIn(workdir)).toEqual(["elsewhere/precious", ...report].sort());
  });

  test("leaves a file alone that somebody put where only folders are expected", async () => {
    const workdir = await aWorkdir();
    await put(workdir, "jobs/1/outputs/.nfs0000000000001", output(0, 1));
    await writeReport(parts(workdir), job);
    expect(await filesIn(workdir)).toEqual(["jobs/1/outputs/.nfs0000000000001", ...report].sort());
  });

  test("is swept again when a driver begins and when it ends: an actor that was cut off may have died unheard", async () => {
    const workdir = await aWorkdir();
    const log = silentLogger;
    await put(workdir, output(2, 1), output(0, 1), temporaryMergedPath(job, groupNumber(2), grantNumber(3)));
    const ended = driver.farm.jobs.get(job)?.stage.kind;
    const sweepAtEnd = sweepReported({ ...parts(workdir), log });
    await sweepAtEnd();
    expect(ended).toBe("ended");
    expect(await filesIn(workdir)).toHaveLength(3); // It is for the report to sweep it first.
    driver.tell({ kind: "confirm-reported", job });
    const sweepAtNextEnd = sweepReported({ ...parts(workdir), log });
    await expect.poll(() => filesIn(workdir)).toEqual([output(2, 1)]);
    await put(workdir, output(0, 1));
    await sweepAtNextEnd();
    expect(await filesIn(workdir)).toEqual([output(2, 1)]);
  });
});
