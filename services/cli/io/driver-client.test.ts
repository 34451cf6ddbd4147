import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { byArrival, type JobSpec } from "../../shared/core/job-spec.js";
import { job1, smallSpec } from "../core/testing.js";
import { CliError, exitCodes } from "./cli-error.js";
import { getJob, listJobs, submitJob, watchJob, type JobNews } from "./driver-client.js";
import { emptyBooks, FakeDriver } from "./wire-fake-driver.js";
import { noNeeds } from "../../shared/core/payload-needs.js";
import { ensureAuthority } from "../../shared/io/trust/authority.js";

const spec: JobSpec = {
  ...smallSpec,
  jobDir: "/in",
  payload: { kind: "exec", command: ["run", "{output}"], timeoutMs: 1_000, needs: noNeeds },
  outputs: "files",
  merge: { grouping: byArrival, everyOutputs: 5, tool: { kind: "concat" }, attemptsMax: 3, timeoutMs: 1_000 },
  requires: {},
  variants: [],
  retry: { attemptsMax: 3, backoff: { firstMs: 0, lastMs: 0 }, rules: [] },
  speculation: { enabled: true, factor: 2 },
  durability: "strict",
  open: false,
  priority: 0,
};

let workdir: string;
let driver: FakeDriver;
let books = emptyBooks();
let stop: AbortController;

beforeEach(async () => {
  workdir = await mkdtemp(join(tmpdir(), "noctua-cli-"));
  books = emptyBooks();
  stop = new AbortController();
  driver = await FakeDriver.start({ workdir, books });
});

afterEach(async () => {
  stop.abort();
  driver.stop();
  await rm(workdir, { recursive: true, force: true });
});

async function failureOf(asked: Promise<unknown>): Promise<CliError> {
  const outcome = await asked.catch((error: unknown) => error);
  if (outcome instanceof CliError) return outcome;
  throw new Error(`expected a CliError, found ${String(outcome)}`);
}

describe("a driver that is asked", () => {
  it("begins a job, and the same one when asked again with the same id", async () => {
    expect(await submitJob(workdir, "a", spec, stop.signal)).toEqual({ job: 1, isRepeated: false });
    expect(await submitJob(workdir, "a", spec, stop.signal)).toEqual({ job: 1, isRepeated: true });
    expect(await submitJob(workdir, "b", spec, stop.signal)).toEqual({ job: 2, isRepeated: false });
    expect(await listJobs(workdir, stop.signal)).toHaveLength(2);
    expect(await getJob(workdir, job1, stop.signal)).toMatchObject({ name: "drell-yan", events: 20 });
  });

  it("has its refusals passed on as they are", async () => {
    await submitJob(workdir, "a", spec, stop.signal);
    const refused = await failureOf(submitJob(workdir, "a", { ...spec, name: "other" }, stop.signal));
    expect(refused).toMatchObject({
      exitCode: exitCodes.usage,
      message: expect.stringContaining("spec.name differs"),
    });
  });
});

describe("a driver that cannot be asked", () => {
  it("is told of when it has never been there", async () => {
    const error = await failureOf(listJobs(join(workdir, "elsewhere"), stop.signal));
    expect(error.exitCode).toBe(exitCodes.driverUnavailable);
    expect(error.message).toMatch(/no driver has been started.*noctua driver --workdir/);
  });

  it("is told of when nobody listens any more", async () => {
    driver.stop();
    const error = await failureOf(listJobs(workdir, stop.signal));
    expect(error.exitCode).toBe(exitCodes.driverUnavailable);
    expect(error.message).toMatch(/no driver answers for .*noctua driver --workdir/);
  });

  it("is told of when another run took its port", async () => {
    await ensureAuthority(workdir, "another-run");
    const error = await failureOf(listJobs(workdir, stop.signal));
    expect(error.exitCode).toBe(exitCodes.driverUnavailable);
    expect(error.message).toMatch(/has no certificate of the run of .* it is another run's/);
  });
});

describe("a watch", () => {
  it("tells how the job stands, each change, and ends with the job", async () => {
    await submitJob(workdir, "a", spec, stop.signal);
    const seen: string[] = [];
    for await (const news of watchJob(workdir, job1, 1_000, stop.signal)) {
      if (news.kind !== "status") continue;
      seen.push(`${news.status.state} ${news.status.eventsDone}`);
      if (news.status.eventsDone === 0) driver.change(1, { eventsDone: 7 });
      else if (news.status.state === "running") driver.change(1, { state: "finished" });
    }
    expect(seen).toEqual(["running 0", "running 7", "finished 7"]);
  });

  it("goes on with the next driver, after what it has seen", async () => {
    await submitJob(workdir, "a", spec, stop.signal);
    const seen: string[] = [];
    const next: FakeDriver[] = [];
    for await (const news of watchJob(workdir, job1, 60_000, stop.signal)) {
      seen.push(news.kind === "away" ? "away" : `${news.status.state} ${news.status.sequence}`);
      if (seen.length === 1) driver.stop();
      if (news.kind === "away" && next.length === 0) {
        driver = await FakeDriver.start({ workdir, books });
        next.push(driver);
        driver.change(1, { state: "finished" });
      }
    }
    expect(seen[0]).toBe("running 1");
    expect(seen).toContain("away");
    expect(seen.at(-1)).toBe("finished 2");
    expect(next[0]?.watchedAfter).toEqual([1]);
  });

  it("gives up when the driver stays away longer than it may", async () => {
    await submitJob(workdir, "a", spec, stop.signal);
    const news: JobNews[] = [];
    const watching = (async () => {
      for await (const one of watchJob(workdir, job1, -1, stop.signal)) {
        news.push(one);
        driver.stop();
      }
    })();
    expect((await failureOf(watching)).exitCode).toBe(exitCodes.driverUnavailable);
  });

  it("ends at once when it is told to stop, and leaves no call behind", async () => {
    await submitJob(workdir, "a", spec, stop.signal);
    const watching = (async () => {
      for await (const news of watchJob(workdir, job1, 1_000, stop.signal))
        if (news.kind === "status") stop.abort();
    })();
    await expect(watching).rejects.toThrow("aborted");
    await expect.poll(() => driver.watchers).toBe(0);
  });

  it("is refused for a job that there is not", async () => {
    const watch = watchJob(workdir, job1, 60_000, stop.signal);
    expect(await failureOf(watch.next())).toMatchObject({
      exitCode: exitCodes.usage,
      message: "there is no job 1",
    });
  });
});
