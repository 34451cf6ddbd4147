import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { statusOf } from "../core/testing.js";
import type { JobControl } from "../core/job-control.js";
import { parseSelector, type Selector } from "../core/selector.js";
import { jobNumber } from "../../shared/core/id.js";
import { exitCodes } from "../io/cli-error.js";
import type { OutputForm } from "../io/output-form.js";
import { FakeDriver, type FakeBooks } from "../io/wire-fake-driver.js";
import { control } from "./control.js";
import { showList } from "./status.js";
import { capturedTerminal, checkedAnswer, fakeRun, type Captured, type JobFolder } from "./testing.js";
import { waitForJobs } from "./wait.js";
import { watch } from "./watch.js";

const { signal } = new AbortController();
let place: JobFolder;
let captured: Captured;
let books: FakeBooks;
let driver: FakeDriver;

beforeEach(async () => {
  ({ place, captured, books, driver } = await fakeRun());
  const half = { ranges: { ready: 10, held: 2, done: 3, merged: 5 }, failures: 1 };
  books.jobs.push(
    statusOf({ job: jobNumber(1), ...half }),
    statusOf({ job: jobNumber(2), state: "finished", ranges: { merged: 4 }, endedUnixMs: 9_000 }),
    statusOf({ job: jobNumber(3), state: "suspended", ...half }),
  );
});

function jobs(text: string): Selector {
  const selector = parseSelector(text);
  if (typeof selector === "string") throw new Error(selector);
  return selector;
}

function answers(): readonly unknown[] {
  return captured.stdout().trimEnd().split("\n").map(checkedAnswer);
}

describe("list", () => {
  const list = (text: string, output: OutputForm = "text"): Promise<number> =>
    showList({ workdir: place.workdir, jobs: jobs(text), output }, captured.terminal, signal);

  it("has a line for each job, and says what is most worth knowing", async () => {
    expect(await list("all")).toBe(exitCodes.ok);
    const lines = captured.stdout().split("\n");
    expect(lines[0]).toMatch(/^ID {2}NAME {7}STATE {6}DONE {2}RUN {2}WAIT {2}FAIL {2}TOTAL .*INFO$/);
    expect(lines[1]).toMatch(/^ 1 {2}drell-yan {2}running {7}8 {4}2 {4}10 {5}0 {5}20 .* 1 failure$/);
    expect(lines[2]).toMatch(/took 8s$/);
    expect(lines[3]).toMatch(/paused: resume 3$/);
  });

  it("prints one document, or an object a line", async () => {
    await list("1,3", "json");
    expect(checkedAnswer(captured.stdout())).toMatchObject({ jobs: [{ job: 1 }, { job: 3 }] });
    captured = capturedTerminal();
    await list("2-3", "jsonl");
    expect(answers()).toMatchObject([
      { job: 2, endedAt: "1970-01-01T00:00:09.000Z" },
      { job: 3, endedAt: null },
    ]);
  });

  it("names a job that there is not", async () => {
    const refused = { exitCode: exitCodes.usage, message: "there is no job 4: the jobs are 1-3" };
    await expect(list("2-9")).rejects.toMatchObject(refused);
  });
});

describe("wait", () => {
  const wait = (text: string, output: OutputForm = "text", timeoutMs?: number): Promise<number> =>
    waitForJobs({ workdir: place.workdir, jobs: jobs(text), timeoutMs, output }, captured.terminal, signal);

  it("ends when all are over, with the exit code of the worst", async () => {
    const waiting = wait("1,2");
    await expect.poll(() => driver.watchers).toBe(1);
    driver.change(1, { state: "failed", reason: "a fatal failure" });
    expect(await waiting).toBe(exitCodes.bad);
    expect(captured.stdout()).toBe(
      "job 1 drell-yan is failed: 8/20 ranges, a fatal failure\njob 2 drell-yan is finished: 4/4 ranges\n",
    );
    expect(await wait("2")).toBe(exitCodes.ok);
  });

  it("counts what failed and what a cancelled job gave up as not done", async () => {
    const ended = { ranges: { merged: 4, failed: 8 }, endedUnixMs: 9_000 };
    books.jobs.push(
      statusOf({ job: jobNumber(4), state: "cancelled", reason: "the job was cancelled", ...ended }),
      statusOf({ job: jobNumber(5), state: "finished-with-failures", ...ended }),
    );
    expect(await wait("4,5")).toBe(exitCodes.bad);
    expect(captured.stdout()).toBe(
      "job 4 drell-yan is cancelled: 4/12 ranges\n" +
        "job 5 drell-yan is finished-with-failures: 4/12 ranges, 8 failed\n",
    );
  });

  it("ends when the time is up, and says how the jobs stand then", async () => {
    expect(await wait("2-3", "json", 50)).toBe(exitCodes.notOver);
    expect(checkedAnswer(captured.stdout())).toMatchObject({
      areOver: false,
      jobs: [{ job: 2 }, { job: 3, state: "suspended" }],
    });
    expect(captured.stderr()).toBe("noctua: not all of it was over after 50ms\n");
  });
});

describe("watch", () => {
  const watchThem = (text: string, output: OutputForm): Promise<number> => {
    const stdout = { write: (part: string | Uint8Array) => captured.terminal.printBytes(Buffer.from(part)) };
    const out = { terminal: captured.terminal, stdout };
    return watch({ workdir: place.workdir, jobs: jobs(text), output }, out, signal);
  };

  it("tells programs of each change once, and goes on when the driver is started anew", async () => {
    const watching = watchThem("1-3", "jsonl");
    await expect.poll(() => captured.stdout()).toContain('"job":3');
    driver.stop();
    await expect.poll(() => captured.stdout()).toContain('"kind":"away"');
    driver = await FakeDriver.start({ workdir: place.workdir, books });
    onTestFinished(() => driver.stop());
    await expect.poll(() => captured.stdout()).toContain('"kind":"back"');
    driver.change(3, { state: "cancelled" });
    driver.change(1, { state: "finished" });
    expect(await watching).toBe(exitCodes.bad);
    expect(answers()).toMatchObject([
      { kind: "status", status: { job: 2, state: "finished" } },
      { kind: "status", status: { job: 1, state: "running" } },
      { kind: "status", status: { job: 3, state: "suspended" } },
      { kind: "away" },
      { kind: "back" },
      { kind: "status", status: { job: 3, state: "cancelled" } },
      { kind: "status", status: { job: 1, state: "finished" } },
    ]);
  });

  it("prints a line for each of several jobs when there is news", async () => {
    const watching = watchThem("1,2", "text");
    await expect.poll(() => driver.watchers).toBe(1);
    driver.change(1, { state: "cancelled" });
    expect(await watching).toBe(exitCodes.bad);
    const lines = captured.stdout().split("\n");
    expect(lines.filter((line) => /^1 drell-yan \[.*cancelled$/.test(line))).toHaveLength(1);
    expect(lines.filter((line) => /^2 drell-yan \[.*finished$/.test(line))).toHaveLength(1);
    expect(captured.stdout()).not.toContain("\u001b");
  });

  it("says so and is well again when the driver was away, though the job has no news", async () => {
    const watching = watchThem("1", "text");
    await expect.poll(() => driver.watchers).toBe(1);
    driver.stop();
    await expect.poll(() => captured.stdout()).toMatch(/driver away, trying again\n$/);
    driver = await FakeDriver.start({ workdir: place.workdir, books });
    onTestFinished(() => driver.stop());
    await expect.poll(() => captured.stdout()).toMatch(/away.*\n1 drell-yan (?!.*away).*\n$/);
    driver.change(1, { state: "finished" });
    expect(await watching).toBe(exitCodes.ok);
  });

  it("takes a thousand jobs beside those that are over, and says what to do about more", async () => {
    for (let job = 4; job <= 1_002; job += 1) books.jobs.push(statusOf({ job: jobNumber(job) }));
    const refused = {
      exitCode: exitCodes.usage,
      message:
        "expected at most 1000 jobs to watch that are not over, found 1001: name fewer, such as 1-1001; " +
        "noctua list shows any number",
    };
    await expect(watchThem("all", "text")).rejects.toMatchObject(refused);
    const watching = watchThem("1-1001", "jsonl");
    await expect.poll(() => driver.watchers).toBe(1);
    for (const { job, state } of [...books.jobs])
      if (state !== "finished") driver.change(job, { state: "finished" });
    expect(await watching).toBe(exitCodes.ok);
    expect(driver.watched).toHaveLength(1);
  });
});

describe("cancel, pause, resume, retry and close", () => {
  const ask = (asked: JobControl, text: string, output: OutputForm = "text"): Promise<number> => {
    const options = { workdir: place.workdir, jobs: jobs(text), control: asked, requestId: "night7", output };
    return control(options, captured.terminal, signal);
  };

  it("have a line for each job, and take of all those that stand so that they can", async () => {
    expect(await ask("cancel", "all")).toBe(exitCodes.ok);
    expect(captured.stdout()).toBe("job 1 is cancelled\njob 3 is cancelled\n");
    captured = capturedTerminal();
    expect(await ask("close", "1,3")).toBe(exitCodes.ok);
    expect(captured.stdout()).toMatch(
      /^job 1 is running and takes no more inputs\njob 3 is running and takes/,
    );
    captured = capturedTerminal();
    expect(await ask("pause", "all", "jsonl")).toBe(exitCodes.ok);
    expect(answers()).toMatchObject([{ job: 1, state: "suspended" }]);
  });

  it("go on with the others where one job refuses, and tell so", async () => {
    driver.refuse(2);
    expect(await ask("pause", "1-3")).toBe(exitCodes.bad);
    expect(captured.stdout()).toBe("job 1 is suspended\njob 3 is suspended\n");
    expect(captured.stderr()).toBe("noctua: job 2 is finished\n");
    await expect(ask("pause", "2")).rejects.toMatchObject({ exitCode: exitCodes.usage });
  });
});
