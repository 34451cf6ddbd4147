import { Writable } from "node:stream";
import { status as codes, type ClientReadableStream, type StatusObject } from "@grpc/grpc-js";
import { afterEach, expect, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { specToWire } from "../../shared/io/wire-types.js";
import { aSpec } from "../core/testing/testing-spec.js";
import type { Bench } from "../core/bench.js";
import type { FarmView } from "../core/state/farm.js";
import { JobFault } from "../core/state/fault.js";
import type { JobView } from "../core/state/job.js";
import { jobStatus } from "../core/status.js";
import { JobsWatcher } from "./jobs-watcher.js";
import { aServedDriver, type ServedDriver } from "./testing-port.js";
import { WatchRoom } from "./watch-room.js";
import type { ShownStatus } from "./wire-jobs.js";
import { dialJobs, type JobClient, type JobsNews } from "./wire-test-peer.js";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function aDriver(jobs: number): Promise<{ readonly driver: ServedDriver; readonly client: JobClient }> {
  const driver = await aServedDriver();
  closing.push(() => driver.close());
  const client = dialJobs(driver);
  closing.push(() => client.close());
  for (let job = 1; job <= jobs; job += 1) await submit(client, job);
  return { driver, client };
}

function submit(client: JobClient, job: number): Promise<unknown> {
  const request = { requestId: `submit ${job}`, spec: specToWire(aSpec({ name: `job-${job}` })) };
  return new Promise((resolve) => client.submitJob(request, resolve));
}

/** Pauses, resumes or cancels a job. */
function change(
  client: JobClient,
  job: number,
  what: "pauseJob" | "resumeJob" | "cancelJob",
): Promise<unknown> {
  return new Promise((resolve) =>
    client[what]({ requestId: `${what} ${job} ${Math.random()}`, job }, resolve),
  );
}

class Watch {
  readonly call: ClientReadableStream<JobsNews>;
  readonly ended: Promise<string>;
  token = "";
  /** Numbers of jobs, as they were told. */
  readonly told: number[] = [];
  readonly #news: JobsNews[] = [];
  #wake: () => void = () => undefined;

  constructor(client: JobClient, jobs: number[] = [], resumeToken = "") {
    this.call = client.watchJobs({ jobs, resumeToken });
    closing.push(() => this.call.cancel());
    this.call.on("data", (news: JobsNews) => {
      this.#news.push(news);
      this.told.push(...news.jobs.map(({ job }) => job));
      this.#wake();
    });
    this.call.on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      this.call.on("status", ({ code, details }: StatusObject) => resolve(`${codes[code]}: ${details}`));
    });
  }

  /** The numbers of the jobs that are told next. */
  async next(): Promise<number[]> {
    while (this.#news.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    const news = this.#news.shift();
    this.token = news?.resumeToken ?? "";
    return news?.jobs.map(({ job }) => job) ?? [];
  }
}

test("each job is told as it stands, then what changes, and jobs that come later", async () => {
  const { client } = await aDriver(2);
  const watch = new Watch(client);
  expect(await watch.next()).toEqual([1, 2]);
  await change(client, 1, "pauseJob");
  expect(await watch.next()).toEqual([1]);
  await submit(client, 3);
  expect(await watch.next()).toEqual([3]);
});

test("of a run without jobs the first response comes at once, so that who watches can go on from it", async () => {
  const { client } = await aDriver(0);
  const watch = new Watch(client);
  expect(await watch.next()).toEqual([]);
  await submit(client, 1);
  expect(await new Watch(client, [], watch.token).next()).toEqual([1]);
});

test("a watch goes on from where an earlier one was: only what changed since is told (W2)", async () => {
  const { client } = await aDriver(3);
  const earlier = new Watch(client);
  await earlier.next();
  earlier.call.cancel();
  await change(client, 2, "pauseJob");
  await change(client, 1, "pauseJob");
  expect(await new Watch(client, [], earlier.token).next()).toEqual([2, 1]);
  expect(await new Watch(client, [3, 2], earlier.token).next()).toEqual([2]);
});

test("jobs that are named are watched until each was over", async () => {
  const { client, driver } = await aDriver(3);
  const watch = new Watch(client, [1, 3, 1]);
  expect(await watch.next()).toEqual([1, 3]);
  watch.told.length = 0;
  for (const job of [1, 2, 3]) {
    await change(client, job, "cancelJob");
    driver.engine.post({ kind: "confirm-reported", job: jobNumber(job) });
  }
  expect(await watch.ended).toBe("OK: OK");
  expect([...new Set(watch.told)].sort()).toEqual([1, 3]);
  const again = new Watch(client, [1, 3]);
  expect(await again.next()).toEqual([1, 3]);
  expect(await again.ended).toBe("OK: OK");
});

test("a job that goes out of service is watched no longer", async () => {
  const { client, driver } = await aDriver(1);
  const watch = new Watch(client, [1]);
  await watch.next();
  const blamed = new JobFault(jobNumber(1), "publish-merge was done", new TypeError("no such group"));
  driver.engine.post({ kind: "tell-fault", blamed });
  expect(await watch.ended).toBe("OK: OK");
  expect(await new Watch(client, [1]).ended).toBe("OK: OK");
});

test("many jobs come in parts, and who stops between two of them goes on with what was not told (W1)", async () => {
  const { client } = await aDriver(150);
  const watch = new Watch(client);
  expect(await watch.next()).toHaveLength(100);
  const { token } = watch;
  const rest = await new Watch(client, [], token).next();
  expect(rest).toEqual(upTo(101, 150));
});

test("what makes no sense is refused: a job that is not there, too many, a token of something else", async () => {
  const { client, driver } = await aDriver(1);
  expect(await new Watch(client, [1, 2]).ended).toContain(
    "NOT_FOUND: expected the number of a job of this run, found 2",
  );
  const many = Array.from({ length: 1_001 }, (_, i) => i + 1);
  expect(await new Watch(client, many).ended).toBe(
    "INVALID_ARGUMENT: jobs: expected at most 1000, or none for all, found 1001",
  );
  for (const token of ["x", Buffer.from("1:another-run:3").toString("base64url")])
    expect(await new Watch(client, [], token).ended).toContain("INVALID_ARGUMENT: resume_token: expected");
  driver.jobs.close();
});

test("when the driver stops, whoever watches is told to ask the next one", async () => {
  const { client, driver } = await aDriver(1);
  const watch = new Watch(client);
  await watch.next();
  driver.jobs.close();
  expect(await watch.ended).toBe("UNAVAILABLE: the driver stops: ask again when there is another");
});

test("a peer that tells of progress of a job that is not there ends nobody's watch", async () => {
  const { client, driver } = await aDriver(1);
  const watch = new Watch(client);
  await watch.next();
  driver.news.hear(7, { latencies: [], slotTimes: undefined, running: [{ job: jobNumber(99), events: 2 }] });
  await change(client, 1, "pauseJob");
  expect(await watch.next()).toEqual([1]);
});

test("how far things are is told to who watches all, though nothing is journaled of it", async () => {
  const { client, driver } = await aDriver(2);
  const watch = new Watch(client);
  await watch.next();
  driver.jobs.tellProgress(jobNumber(2));
  expect(await watch.next()).toEqual([2]);
});

const atRest = { eventsRunning: 0, allocationLeftMs: undefined, mergesRunning: 0, merging: [] };

function upTo(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

test("of who does not read one message is kept, whatever happens meanwhile, and then the last state is told (W1)", async () => {
  const { client, driver } = await aDriver(250);
  const written: JobsNews[] = [];
  let read: () => void = () => undefined;
  let wake: () => void = () => undefined;
  const room = new WatchRoom();
  const { engine } = driver;
  const stream = new Writable({
    objectMode: true,
    write(message: JobsNews, _, done) {
      written.push(message);
      read = done;
      wake();
    },
  });
  const call = Object.assign(stream, { request: { jobs: [], resumeToken: "" }, cancelled: false });
  const books = {
    read: (question: (farm: FarmView, bench: Bench) => void) => engine.read(question),
    shownIn:
      ({ farm }: Bench) =>
      (job: JobView): ShownStatus => ({ ...jobStatus(farm, job), ...atRest }),
    room,
  };
  const watcher = new JobsWatcher(call, new Set(), books);
  const next = async (): Promise<JobsNews | undefined> => {
    const { length } = written;
    read();
    while (written.length === length) await new Promise<void>((resolve) => (wake = resolve));
    return written.at(-1);
  };
  void room.serve(watcher, new Set());
  expect(written).toHaveLength(1);
  for (let i = 0; i < 30; i += 1) {
    await change(client, 150, i % 2 === 0 ? "pauseJob" : "resumeJob");
    room.tell(jobNumber(150), driver.farm.revision);
  }
  expect(written).toHaveLength(1);
  const later = [...((await next())?.jobs ?? []), ...((await next())?.jobs ?? [])];
  expect(later.map(({ job }) => job)).toEqual([...upTo(101, 149), ...upTo(151, 250), 150]);
  expect(call.writableLength).toBe(1);
  room.close();
});
