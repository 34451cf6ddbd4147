import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { JobReport } from "../core/report.js";
import { parseSelector } from "../core/selector.js";
import { mergedFileOf, reportFilesOf, reportOf } from "../core/testing.js";
import { exitCodes } from "../io/cli-error.js";
import type { OutputForm } from "../io/output-form.js";
import { showReports } from "./report.js";
import { capturedTerminal, jobFolder, put, type Captured, type JobFolder } from "./testing.js";

let place: JobFolder;
let captured: Captured;

beforeEach(async () => {
  place = await jobFolder();
  captured = capturedTerminal();
});

/** As its driver left it; `changes` are of the files. */
async function putReport(report: JobReport, changes: Readonly<Record<string, string>> = {}): Promise<void> {
  for (const [name, text] of reportFilesOf(report)) await put(place, `jobs/1/${name}`, changes[name] ?? text);
}

/** `jobs` as one would type them. */
function show(output: OutputForm = "text", jobs = "1"): Promise<number> {
  const selector = parseSelector(jobs);
  if (typeof selector === "string") throw new Error(selector);
  return showReports({ workdir: place.workdir, jobs: selector, output }, captured.terminal);
}

/** One range failed for good at its third attempt; all others are merged. */
const partlyFailed = reportOf({
  state: "finished-with-failures",
  mergedFiles: [mergedFileOf(1), mergedFileOf(2, { spans: [[5, 4]], events: 8, missing: [[9, 1]] })],
  failed: [{ spans: [[9, 1]], class: "event", message: "exit code 3" }],
  ranges: { merged: 9, failed: 1 },
  events: { merged: 18 },
});

const reportState = z.object({ state: z.string() });

const failure = {
  ...{ range: 9, events: { input: "/in/2.lhe", first: 9, last: 10 }, class: "event", node: "n07" },
  ...{ attempt: 3, final: true, message: "exit code 3", exitCode: 3, signal: "" },
  stderrTail: "reading\nno vertex in event 9\n",
};

describe("noctua report", () => {
  it("tells of a job that finished, within eighty columns, and ends well", async () => {
    await putReport(reportOf());
    expect(await show()).toBe(exitCodes.ok);
    const lines = captured.stdout().split("\n");
    expect(lines.slice(0, 2)).toEqual([
      "job 1 drell-yan: finished after 1m 5s",
      "  20 of 20 events in 2 merged files, 80 B",
    ]);
    const told = lines.filter((line) => !line.includes(place.workdir)); // How long that is, is its owner's affair.
    expect(Math.max(...told.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(captured.stderr()).toBe("");
  });

  it("tells what failed, why, where, and the end of its stderr, and ends badly", async () => {
    await putReport(partlyFailed, { "failures.jsonl": `${JSON.stringify(failure)}\n` });
    expect(await show()).toBe(exitCodes.bad);
    const text = captured.stdout();
    expect(text).toContain("job 1 drell-yan: finished with failures after 1m 5s\n");
    expect(text).toContain("  1 range failed for good\n    1 (event): exit code 3\n");
    expect(text).toContain("    events 9-10 of /in/2.lhe, attempt 3 on n07, failed for good: exit code 3\n");
    expect(text).toContain("      | no vertex in event 9\n");
  });

  it("lets nothing that a payload wrote change the terminal", async () => {
    const evil = { ...failure, stderrTail: "\u001b[2Jno vertex\u0007" };
    await putReport(partlyFailed, { "failures.jsonl": `${JSON.stringify(evil)}\n` });
    await show();
    expect(captured.stdout()).toContain("no vertex");
    // eslint-disable-next-line no-control-regex -- these are what must not be there
    expect(captured.stdout()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  });

  it("says how a job stands that is not over", async () => {
    await putReport(reportOf({ state: "running", ranges: { merged: 4, running: 2, waiting: 4 } }));
    expect(await show()).toBe(exitCodes.notOver);
    expect(captured.stdout()).toContain("job 1 drell-yan: running after ");
    expect(captured.stdout()).toContain("  10 ranges: 4 waiting, 2 running, 0 done, 4 merged\n");
  });

  it("says when there will be a report, and who knows more until then", async () => {
    await mkdir(join(place.workdir, "jobs/1"), { recursive: true });
    expect(await show()).toBe(exitCodes.notOver);
    expect(captured.stdout()).toBe("");
    expect(captured.stderr()).toMatch(/job 1 has no report yet[^]*=> noctua status 1 --workdir /);
  });

  it.each<[string, JobReport, number]>([
    ["finished", reportOf(), exitCodes.ok],
    ["finished in part", partlyFailed, exitCodes.bad],
    ["cancelled", reportOf({ state: "cancelled" }), exitCodes.bad],
    ["at work", reportOf({ state: "running" }), exitCodes.notOver],
  ])("prints the file as it is for programs, of a job that is %s", async (_name, report, code) => {
    await putReport(report);
    expect(await show("json")).toBe(code);
    expect(captured.stdout()).toBe(`${reportFilesOf(report).get("report.json") ?? ""}\n`);
  });

  it("prints several jobs a line each, where that is wanted, and ends as the worst of them", async () => {
    await putReport(reportOf());
    const [head] = [...reportFilesOf(partlyFailed)].filter(([name]) => name === "report.json");
    await put(place, "jobs/2/report.json", JSON.stringify(JSON.parse(head?.[1] ?? ""), undefined, 1));
    expect(await show("jsonl", "all")).toBe(exitCodes.bad);
    const states = captured
      .stdout()
      .trimEnd()
      .split("\n")
      .map((line) => reportState.parse(JSON.parse(line)));
    expect(states).toEqual([{ state: "finished" }, { state: "finished-with-failures" }]);
  });

  it("refuses a job that there is not, and names those that there are", async () => {
    await putReport(reportOf());
    await expect(show("text", "7")).rejects.toMatchObject({
      exitCode: exitCodes.usage,
      message: "there is no job 7: the jobs are 1",
    });
  });

  it.each<[string, string, RegExp]>([
    ["cut short", "{", /expected JSON in .*jobs\/1\/report\.json, found: /],
    ["of another kind", '{"state":"done"}', /report\.json is no noctua.report\/v1: state: /],
    ["in want of fields", '{"state":"finished"}', /report\.json is no noctua.report\/v1: schema: /],
  ])("names a report that is %s", async (_name, text, message) => {
    await putReport(reportOf(), { "report.json": text });
    await expect(show()).rejects.toThrow(message);
  });

  it("names the line of a list that is damaged", async () => {
    await putReport(partlyFailed, { "failures.jsonl": `${JSON.stringify(failure)}\n{"range":\n` });
    await expect(show()).rejects.toThrow(/expected JSON in .*failures\.jsonl, line 2,/);
  });
});
