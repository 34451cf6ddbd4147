import { appendFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { logLine, type LogWord } from "../../shared/io/run-log.js";
import type { LogQuestion } from "../core/log-question.js";
import { showLogs } from "./logs.js";
import { capturedTerminal, jobFolder, type Captured, type JobFolder } from "./testing.js";

const { signal } = new AbortController();
const job = jobNumber(1);
let place: JobFolder;
let captured: Captured;

beforeEach(async () => {
  place = await jobFolder();
  captured = capturedTerminal();
});

const at = (second: number): string => `2026-11-22T20:00:0${second}.000Z`;

function begun(second: number, group: number, command?: string): string {
  const merge = { group, grant: 9, ...(command === undefined ? {} : { command }) };
  return logLine({ kind: "output", job: 1, node: "n1", at: at(second), ranges: [], merge });
}

function ended(
  second: number,
  group: number,
  more: Partial<Extract<LogWord, { kind: "merge-end" }>> = {},
): string {
  return logLine({
    kind: "merge-end",
    group,
    grant: 9,
    at: at(second),
    seconds: 2,
    outcome: "made",
    ...more,
  });
}

const noLicence = { outcome: "failed", class: "transient", exitCode: 3, message: "no licence" } as const;
const head = (second: number, group: number, command: string): string =>
  `== merge group ${group}, grant 9, its ${command}, on n1 (m1, merge1), 2026-11-22T20:00:0${second}Z`;
const failed3 = "== merge group 3, grant 9, failed after 2 s (transient, exit code 3): no licence";

async function log(name: string, ...lines: readonly string[]): Promise<void> {
  const path = join(place.workdir, "jobs/1/logs", name);
  await mkdir(dirname(path), { recursive: true });
  await appendFile(path, lines.join(""));
}

async function show(question: LogQuestion, node?: string): Promise<readonly string[]> {
  captured = capturedTerminal();
  const options = { workdir: place.workdir, question, node, linesMax: undefined, raw: false, follow: false };
  await showLogs({ ...options, output: "text" }, captured.terminal, signal);
  return captured.stdout().split("\n").slice(0, -1);
}

describe("what commands of merges wrote", () => {
  beforeEach(async () => {
    await log("m1/merge1.log", begun(1, 2, "merge command"), "well\n", begun(2, 2, "count command"), "40\n");
    await log("m1/merge1.log", ended(2, 2), begun(3, 3, "merge command"), "@@oh\n", ended(4, 3, noLicence));
    const range = { range: 1, grant: 7, input: "/in/1.lhe", first: 2, last: 2, began: at(0) };
    await log("a1/slot1.log", logLine({ kind: "output", job: 1, node: "n2", at: at(5), ranges: [range] }));
    const { message, ...how } = noLicence;
    const end = { kind: "end", range: 1, grant: 7, at: at(6), seconds: 1, message, ...how } as const;
    await log("a1/slot1.log", "payload\n", logLine(end));
  });

  it("is shown of one group, command by command", async () => {
    expect(await show({ kind: "group", job, group: 2 })).toEqual([
      head(1, 2, "merge command"),
      "  well",
      head(2, 2, "count command"),
      "  40",
      "== merge group 2, grant 9, ended well after 2 s",
    ]);
  });

  it("is shown of the merges that failed, and beside payloads that failed where a whole job is asked for", async () => {
    const ofGroup3 = [head(3, 3, "merge command"), "  @oh", failed3];
    expect(await show({ kind: "merges", job })).toEqual(ofGroup3);
    expect(await show({ kind: "job", job })).toEqual([
      ...ofGroup3,
      "== range 1 (event 2 of /in/1.lhe), grant 7, on n2 (a1, slot1), 2026-11-22T20:00:05Z",
      "  payload",
      "== range 1, grant 7, failed after 1 s (transient, exit code 3): no licence",
    ]);
    expect(await show({ kind: "merges", job }, "n2")).toEqual([]);
    expect(await show({ kind: "merges", job }, "m1")).toEqual(ofGroup3);
  });

  it("is not shown of a range of that number, and what is not there is said", async () => {
    expect(await show({ kind: "range", job, range: 3 })).toEqual([]);
    expect(await show({ kind: "group", job, group: 7 })).toEqual([]);
    expect(captured.stderr()).toContain("nothing about merge group 7 of job 1 is in the 2 logs");
  });

  it("of a merge that failed without a word tells how it failed", async () => {
    await log("m1/merge2.log", begun(1, 5), ended(2, 5, noLicence));
    expect(await show({ kind: "group", job, group: 5 })).toEqual([
      "== merge group 5, grant 9, on n1 (m1, merge2), 2026-11-22T20:00:01Z",
      failed3.replace("group 3", "group 5"),
    ]);
  });
});
