import { appendFile, mkdir, rename, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import type { LoggedRange } from "../../shared/core/logged.js";
import { logLine, type LogWord } from "../../shared/io/run-log.js";
import { exitCodes } from "../io/cli-error.js";
import { showLogs, type LogsOptions } from "./logs.js";
import { capturedTerminal, checkedAnswer, jobFolder, type Captured, type JobFolder } from "./testing.js";

const { signal } = new AbortController();
const job = jobNumber(1);
let place: JobFolder;
let captured: Captured;

beforeEach(async () => {
  place = await jobFolder();
  captured = capturedTerminal();
});

const at = (second: number): string => `2026-11-22T20:00:${String(second).padStart(2, "0")}.000Z`;

function loggedRange(range: number, grant = 7): LoggedRange {
  return { range, grant, input: "/data/dy/1.lhe", first: range + 1, last: range + 1, began: at(0) };
}

const output = (second: number, ...ranges: LoggedRange[]): string =>
  logLine({ kind: "output", job: 1, node: "n1", at: at(second), ranges });

function end(second: number, range: number, more: Partial<Extract<LogWord, { kind: "end" }>> = {}): string {
  return logLine({ kind: "end", range, grant: 7, at: at(second), seconds: 1.5, outcome: "made", ...more });
}

const failed = { outcome: "failed", class: "event", exitCode: 3, message: "no such cell" } as const;

async function log(name: string, ...lines: readonly string[]): Promise<string> {
  const path = join(place.workdir, "jobs/1/logs", name);
  await mkdir(dirname(path), { recursive: true });
  await appendFile(path, lines.join(""));
  return path;
}

async function show(changes: Partial<LogsOptions> = {}): Promise<readonly string[]> {
  const question = { kind: "job", job } as const;
  const options = { workdir: place.workdir, question, node: undefined, linesMax: undefined };
  const code = await showLogs(
    { ...options, raw: false, follow: false, output: "text", ...changes },
    captured.terminal,
    signal,
  );
  expect(code).toBe(exitCodes.ok);
  return captured.stdout().split("\n").slice(0, -1);
}

const ofRange = (range: number) => ({ question: { kind: "range", job, range } }) as const;
const headOf = (range: number, second: number, where = "a1, slot1"): string =>
  `== range ${range} (event ${range + 1} of /data/dy/1.lhe), grant 7, on n1 (${where}), 2026-11-22T20:00:0${second}Z`;

describe("logs for programs", () => {
  it("are entries that say whose they are and how it ended, with what a terminal would obey escaped", async () => {
    await log("a1/slot1.log", output(3, loggedRange(5)), "\u001b[31mone \u202e\ntwo\n", end(4, 5, failed));
    await show({ output: "json", linesMax: 2 });
    const text = captured.stdout();
    for (const harm of ["\u001b", "\u202e"]) expect(text).not.toContain(harm);
    const whose = {
      actor: "a1",
      log: "slot1",
      node: "n1",
      at: at(3),
      ranges: [{ range: 5, grant: 7 }],
      merge: null,
    };
    expect(checkedAnswer(text)).toMatchObject({
      entries: [
        { ...whose, kind: "text", text: "\u001b[31mone \u202e", endsLine: true },
        { ...whose, kind: "text", text: "two" },
        {
          ...whose,
          kind: "end",
          end: { range: 5, outcome: "failed", class: "event", exitCode: 3, tookMs: 1_500 },
        },
      ],
    });
  });

  it("are one entry a line, also of what is not shown", async () => {
    await log("a1/slot1.log", output(3, loggedRange(5)), "one\ntwo\n");
    const lines = await show({ output: "jsonl", linesMax: 1 });
    expect(lines.map(checkedAnswer)).toMatchObject([
      { kind: "lines-above", lines: 1 },
      { kind: "text", text: "two" },
    ]);
  });

  it("are neither raw nor, in one document, without an end", async () => {
    await mkdir(join(place.workdir, "jobs/1"), { recursive: true });
    const usage = { exitCode: exitCodes.usage };
    await expect(show({ output: "jsonl", raw: true })).rejects.toMatchObject(usage);
    await expect(show({ output: "json", follow: true })).rejects.toMatchObject(usage);
  });
});

const over = JSON.stringify({ state: "finished" });

describe("the logs of a job", () => {
  it("are the ends of what failed last", async () => {
    await log("a1/slot1.log", output(1, loggedRange(4)), "fine\n", end(2, 4));
    await log("a1/slot1.log", output(3, loggedRange(5)), "one\ntwo\nthree\n", end(4, 5, failed));
    expect(await show({ linesMax: 2 })).toEqual([
      headOf(5, 3),
      "  … 1 line above (--lines shows more)",
      "  two",
      "  three",
      "== range 5, grant 7, failed after 1.5 s (event, exit code 3): no such cell",
    ]);
  });

  it("are what was written last, where nothing failed", async () => {
    for (let range = 0; range < 7; range += 1)
      await log(
        `a${range % 2}/slot1.log`,
        output(range, loggedRange(range)),
        `${range}\n`,
        end(range, range),
      );
    const lines = await show();
    expect(lines.filter((line) => line.startsWith("  "))).toEqual(["  2", "  3", "  4", "  5", "  6"]);
    expect(captured.stderr()).toMatch("(2 earlier parts not shown");
  });

  it("hold what has no line of Noctua's above it, such as a setup's", async () => {
    await log("a1/setup.log", "installing\n");
    expect(await show()).toEqual(["== no range on a1, setup", "  installing"]);
  });

  it("say that there are none", async () => {
    await mkdir(join(place.workdir, "jobs/1"), { recursive: true });
    await show();
    expect(captured.stderr()).toMatch(
      /^no payload or merge of job 1 has written anything or failed: there are no logs in /,
    );
  });

  it("are refused for a job that is not there", async () => {
    await mkdir(join(place.workdir, "jobs/3"), { recursive: true });
    await expect(show()).rejects.toThrow(/^there is no job 1 in .*; its jobs: 3$/);
  });
});

describe("the logs of a range", () => {
  it("are all that its runs wrote, on every node, in the order of time", async () => {
    await log("a2/slot3.log", output(5, loggedRange(4)), "second\n", end(6, 4));
    await log("a1/slot1.log", output(1, loggedRange(4)), "first\n", end(2, 4, failed));
    await log("a1/slot1.log", output(3, loggedRange(5)), "another\n", end(4, 5));
    expect(await show(ofRange(4))).toEqual([
      headOf(4, 1),
      "  first",
      "== range 4, grant 7, failed after 1.5 s (event, exit code 3): no such cell",
      headOf(4, 5, "a2, slot3"),
      "  second",
      "== range 4, grant 7, ended well after 1.5 s",
    ]);
  });

  it("are found by an event of it, and on one node alone", async () => {
    await log("a1/slot1.log", output(1, loggedRange(4)), "on a1\n");
    await log("a2/slot1.log", output(2, loggedRange(4)), "on a2\n", output(3, loggedRange(5)), "other\n");
    const question = { kind: "event", job, path: "1.lhe", event: 5 } as const;
    const lines = await show({ question, node: "a2" });
    expect(lines).toEqual([headOf(4, 2, "a2, slot1"), "  on a2"]);
  });

  it("are found in what was put aside, and below many ranges of one process", async () => {
    await log("a1/slot1.log.1", output(1, loggedRange(4), loggedRange(5)), "both\n", end(2, 4));
    await log("a1/slot1.log", output(3, loggedRange(5)), "alone\n", end(4, 5));
    const lines = await show(ofRange(5));
    expect(lines.filter((line) => !line.startsWith("== one"))).toEqual([
      "  both",
      headOf(5, 3),
      "  alone",
      "== range 5, grant 7, ended well after 1.5 s",
    ]);
  });

  it("say why there may be none, and whom to ask", async () => {
    const rotated = logLine({ kind: "rotated", logs: 3 });
    await log("a1/slot1.log", rotated, output(1, loggedRange(4)), "x\n");
    expect(await show(ofRange(6))).toEqual([]);
    expect(captured.stderr()).toMatch(
      /^nothing about range 6 of job 1 is in the 1 log in .*: it wrote nothing/,
    );
    expect(captured.stderr()).toMatch("it was in 2 logs rotated away");
    expect(captured.stderr()).toMatch(`=> noctua explain 1 6 --workdir ${place.workdir}`);
  });

  it("show nothing that a terminal would obey, nor what looks like Noctua's, but for those who want it raw", async () => {
    const written = "\u001b[2Jgone\n== range 4, grant 7, ended well\n@@noctua rotated {}\r\n";
    await log("a1/slot1.log", output(1, loggedRange(4)), written);
    const lines = await show(ofRange(4));
    expect(lines.slice(1)).toEqual([
      "  ^[[2Jgone",
      "  == range 4, grant 7, ended well",
      "  @noctua rotated {}",
    ]);
    captured = capturedTerminal();
    await show({ ...ofRange(4), raw: true });
    expect(captured.stdout()).toBe(written.replace("@@", "@"));
    expect(captured.stderr()).toMatch(headOf(4, 1));
  });

  it("are read whole where lines are longer than a page, and cannot be forged there", async () => {
    const long = `${"x".repeat(65_536)}${end(9, 4).trimEnd()}\n`;
    await log("a1/slot1.log", output(1, loggedRange(4)), long);
    await show({ ...ofRange(4), raw: true });
    expect(captured.stdout()).toBe(long);
  });
});

describe("logs that are followed", () => {
  /** Writes a step each time that what is printed shows that the one before was seen. */
  async function follow(steps: readonly (() => Promise<unknown>)[], changes: Partial<LogsOptions> = {}) {
    const shown = show({ follow: true, ...changes });
    let before = "";
    for (const step of steps) {
      await expect.poll(() => captured.stdout()).not.toBe(before);
      before = captured.stdout();
      await step();
    }
    return shown;
  }

  const report = () => log("../report.json", over);

  it("are shown as they grow and through rotation, until the job is over", async () => {
    const path = await log("a1/slot1.log", output(1, loggedRange(4)), "one\n");
    const lines = await follow([
      () => log("a1/slot1.log", "two\n"),
      () => log("a1/slot1.log", "three\nfo"),
      async () => {
        await log("a1/slot1.log", "ur\n", end(2, 4));
        await rename(path, `${path}.1`);
        await log("a1/slot1.log", logLine({ kind: "rotated", logs: 1 }), output(3, loggedRange(5)), "five\n");
      },
      () => log("a2/slot1.log", output(4, loggedRange(6)), "six\n"),
      report,
    ]);
    expect(lines).toEqual([
      ...[headOf(4, 1), "  one", "  two", "  three", "  four"],
      "== range 4, grant 7, ended well after 1.5 s",
      ...[headOf(5, 3), "  five", headOf(6, 4, "a2, slot1"), "  six"],
    ]);
    expect(captured.stderr()).toMatch("job 1 is over");
  });

  it("are of the range that was asked for, wherever it is tried next", async () => {
    await log("a1/slot1.log", output(1, loggedRange(4)), "one\n");
    const lines = await follow(
      [
        async () => {
          await log("a1/slot2.log", output(1, loggedRange(9)), "another\n");
          await log("a2/slot1.log", output(2, loggedRange(4)), "again\n");
        },
        report,
      ],
      ofRange(4),
    );
    expect(lines.filter((line) => line.startsWith("  "))).toEqual(["  one", "  again"]);
  });

  it("end when they are told to", async () => {
    await log("a1/slot1.log", output(1, loggedRange(4)), "one\n");
    const stop = new AbortController();
    const question = { kind: "job", job } as const;
    const options = { workdir: place.workdir, question, node: undefined, linesMax: undefined, raw: false };
    const shown = showLogs({ ...options, follow: true, output: "text" }, captured.terminal, stop.signal);
    await expect.poll(() => captured.stdout()).toMatch("one");
    stop.abort();
    expect(await shown).toBe(exitCodes.ok);
  });
});

it("a report of a job that was taken up again does not end what is followed while it writes", async () => {
  const path = await log("../report.json", over);
  await utimes(path, 1, 1);
  await log("a1/slot1.log", output(1, loggedRange(4)), "one\n");
  const shown = show({ follow: true });
  await expect.poll(() => captured.stdout()).toMatch("one");
  await log("a1/slot1.log", "two\n");
  await expect.poll(() => captured.stdout()).toMatch("two");
  await writeFile(path, `${over} `);
  expect((await stat(path)).mtimeMs).toBeGreaterThan(1_000);
  await shown;
});
