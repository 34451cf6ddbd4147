import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { testFolder } from "../../shared/io/testing-folder.js";
import { job1, statusOf } from "../core/testing.js";
import { exitCodes } from "./cli-error.js";
import { watchJobs, type JobNews } from "./job-watch.js";
import { emptyBooks, FakeDriver } from "./wire-fake-driver.js";

let workdir: string;
let driver: FakeDriver;
let books = emptyBooks();
let stop: AbortController;

beforeEach(async () => {
  workdir = await testFolder();
  books = emptyBooks();
  for (const job of [1, 2, 3].map(jobNumber)) books.jobs.push(statusOf({ job, sequence: 1 }));
  stop = new AbortController();
  driver = await FakeDriver.start({ workdir, books });
});

afterEach(() => {
  stop.abort();
  driver.stop();
});

function watch(numbers: readonly number[], patienceMs = 60_000): AsyncGenerator<JobNews, void> {
  return watchJobs({ workdir, jobs: numbers.map(jobNumber), patienceMs }, stop.signal);
}

function wordsOf(news: JobNews): string {
  return news.kind === "status"
    ? `${news.status.job} ${news.status.state} ${news.status.eventsDone}`
    : news.kind;
}

describe("a watch", () => {
  it("tells how the job stands, each change, and ends with the job", async () => {
    const seen: string[] = [];
    for await (const news of watch([1])) {
      if (seen.push(wordsOf(news)) === 1) driver.change(1, { eventsDone: 7 });
      else if (seen.length === 2) driver.change(1, { state: "finished" });
    }
    expect(seen).toEqual(["1 running 0", "1 running 7", "1 finished 7"]);
    await expect.poll(() => driver.watchers).toBe(0);
  });

  it("has one stream for several jobs, and ends with the last of them", async () => {
    const seen: string[] = [];
    for await (const news of watch([1, 3])) {
      seen.push(wordsOf(news));
      if (seen.length === 2) {
        expect(driver.watchers).toBe(1);
        driver.change(2, { eventsDone: 5 });
        driver.change(3, { state: "failed" });
        driver.change(3, { state: "running" }); // Somebody has it tried again.
        driver.change(1, { state: "finished" });
      }
    }
    expect(seen).toEqual(["1 running 0", "3 running 0", "3 failed 0", "1 finished 0"]);
  });

  it("goes on with the next driver, told nothing twice and nothing left out", async () => {
    const seen: string[] = [];
    const first = driver;
    for await (const news of watch([1, 2, 3])) {
      seen.push(wordsOf(news));
      if (seen.length === 3) driver.change(3, { state: "cancelled" });
      if (news.kind === "status" && news.status.state === "cancelled") driver.stop();
      if (news.kind === "away") {
        driver.change(2, { eventsDone: 9 }); // While nobody can be told.
        driver = await FakeDriver.start({ workdir, books });
      }
      if (news.kind !== "back") continue;
      driver.change(1, { state: "finished" });
      driver.change(2, { state: "finished" });
    }
    const before = ["1 running 0", "2 running 0", "3 running 0", "3 cancelled 0"];
    expect(seen).toEqual([...before, "away", "back", "2 running 9", "1 finished 0", "2 finished 9"]);
    expect(first.watched).toEqual([{ jobs: [1, 2, 3], resumeToken: "" }]);
    expect(driver.watched).toEqual([{ jobs: [1, 2], resumeToken: "1" }]);
  });

  it("tells once that the driver is away, however often it is tried", async () => {
    const seen: string[] = [];
    const watching = (async () => {
      for await (const news of watch([1], 400)) {
        seen.push(wordsOf(news));
        driver.stop();
      }
    })();
    await expect(watching).rejects.toMatchObject({ exitCode: exitCodes.driverUnavailable });
    expect(seen).toEqual(["1 running 0", "away"]);
  });

  it("gives up when the driver stays away longer than it may", async () => {
    const watching = watch([1], -1);
    await watching.next();
    driver.stop();
    await expect(watching.next()).rejects.toMatchObject({ exitCode: exitCodes.driverUnavailable });
  });

  it("ends at once when it is told to stop, and leaves no call behind", async () => {
    const watching = watch([1]);
    await watching.next();
    stop.abort();
    await expect(watching.next()).rejects.toThrow("aborted");
    await expect.poll(() => driver.watchers).toBe(0);
  });

  it("is refused for a job that there is not", async () => {
    const refused = { exitCode: exitCodes.usage, message: "there is no job 4" };
    await expect(watch([job1, 4]).next()).rejects.toMatchObject(refused);
  });
});
