import { writeFile } from "node:fs/promises";
import { beforeEach, describe, expect, it } from "vitest";
import type { Selector } from "../core/selector.js";
import { exitCodes } from "../io/cli-error.js";
import type { FakeBooks, FakeDriver } from "../io/wire-fake-driver.js";
import { showStatus } from "./status.js";
import { submit, type SubmitOptions } from "./submit.js";
import { capturedTerminal, checkedAnswer, fakeRun, type Captured, type JobFolder } from "./testing.js";

const signal = new AbortController().signal;
let place: JobFolder;
let captured: Captured;
let books: FakeBooks;
let driver: FakeDriver;

beforeEach(async () => {
  ({ place, captured, books, driver } = await fakeRun());
});

const all: Selector = { kind: "all" };

function numbered(job: number): Selector {
  return { kind: "numbers", spans: [{ first: job, last: job }] };
}

function submitJob(changes: Partial<SubmitOptions> = {}): Promise<number> {
  const { jobFile, workdir } = place;
  const usual = { jobFile, workdir, requestId: undefined, wait: false, output: "text", env: {} } as const;
  return submit({ ...usual, ...changes }, captured.terminal, signal);
}

describe("submit", () => {
  it("prints the number of the job, and begins a new one each time", async () => {
    expect(await submitJob()).toBe(exitCodes.ok);
    expect(await submitJob()).toBe(exitCodes.ok);
    expect(captured.stdout()).toBe("job 1\njob 2\n");
    expect([...books.requests.values()][0]?.spec).toMatchObject({ name: "drell-yan", jobDir: place.folder });
  });

  it("tells programs the number, and with --wait how it ended", async () => {
    await submitJob({ output: "jsonl" });
    expect(checkedAnswer(captured.stdout())).toMatchObject({ job: 1, isRepeated: false, status: null });
    const waiting = submitJob({ wait: true, output: "json" });
    await expect.poll(() => driver.watchers).toBe(1);
    driver.change(2, { state: "finished" });
    expect(await waiting).toBe(exitCodes.ok);
    const answer = captured.stdout().slice(captured.stdout().indexOf("\n"));
    expect(checkedAnswer(answer)).toMatchObject({ job: 2, status: { state: "finished" } });
  });

  it("begins one job for one request id, and refuses another job under it", async () => {
    await submitJob({ requestId: "night7" });
    await submitJob({ requestId: "night7" });
    expect(captured.stdout()).toBe("job 1\njob 1\n");
    expect(captured.stderr()).toMatch(/made before/);
    await writeFile(`${place.folder}/1.lhe`, "other events");
    await expect(submitJob({ requestId: "night7" })).rejects.toMatchObject({ exitCode: exitCodes.usage });
  });

  it.each([
    ["finished", exitCodes.ok, "20/20 ranges, 4 merged, finished"],
    ["finished-with-failures", exitCodes.bad, "finished with failures"],
    ["failed", exitCodes.bad, "failed"],
  ] as const)(
    "shows the progress until the job is over when it is to wait: %s",
    async (state, exitCode, text) => {
      const waiting = submitJob({ wait: true });
      await expect.poll(() => driver.watchers).toBe(1);
      driver.change(1, { ranges: { ready: 10, held: 2, done: 3, merged: 5, failed: 0 }, filesMerged: 1 });
      await expect.poll(() => captured.stderr()).toContain("drell-yan");
      driver.change(1, {
        state,
        ranges: { ready: 0, held: 0, done: 0, merged: 20, failed: 0 },
        filesMerged: 4,
      });
      expect(await waiting).toBe(exitCode);
      expect(captured.stdout()).toBe("job 1\n");
      expect(captured.stderr()).toContain(text);
    },
  );
});

describe("status", () => {
  const show = (job: number | undefined, json = false): Promise<number> => {
    const jobs = job === undefined ? all : numbered(job);
    const output = json ? "json" : "text";
    return showStatus({ workdir: place.workdir, jobs, output }, captured.terminal, signal);
  };

  it("lists all jobs", async () => {
    expect(await show(undefined)).toBe(exitCodes.ok);
    expect(captured.stdout()).toContain("no jobs yet");
    await submitJob();
    await show(undefined);
    expect(captured.stdout()).toMatch(/JOB {2}NAME.*\n1 {4}drell-yan {2}running {2}\[\.{12}\] {2}0\/20/);
  });

  it("tells all that is known of one job", async () => {
    await submitJob();
    await show(1);
    expect(captured.stdout()).toMatch(/ranges +20: 20 ready, 0 held/);
  });

  it("prints JSON with its schema's name, and times that people and programs can read", async () => {
    await submitJob();
    driver.change(1, { state: "finished", submittedUnixMs: 0, endedUnixMs: 1_000 });
    captured = capturedTerminal();
    await show(1, true);
    const { schema, jobs } = JSON.parse(captured.stdout()) as { schema: string; jobs: unknown[] };
    expect(schema).toBe("noctua.jobs/v1");
    expect(jobs).toEqual([
      expect.objectContaining({
        job: 1,
        state: "finished",
        ranges: { ready: 20, held: 0, done: 0, merged: 0, failed: 0 },
        submittedAt: "1970-01-01T00:00:00.000Z",
        endedAt: "1970-01-01T00:00:01.000Z",
      }),
    ]);
  });

  it("refuses a job that there is not", async () => {
    await expect(show(9)).rejects.toMatchObject({
      exitCode: exitCodes.usage,
      message: "there are no jobs yet: noctua submit begins one",
    });
  });
});
