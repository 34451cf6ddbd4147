// The longest pages that valid names make, over a real port, to a client that takes no more than a page may have (paging.ts, L2).

import { afterEach, expect, test } from "vitest";
import {
  ClusterServiceClient,
  type GetNodeResponse,
  type ListNodesResponse,
} from "../../../gen/noctua/v1/cluster.js";
import {
  JobServiceClient,
  type ListFailuresResponse,
  type ListJobsResponse,
  type ListMergedFilesResponse,
  type ListRangesResponse,
  type WatchJobsResponse,
} from "../../../gen/noctua/v1/job.js";
import { failureMessageMax, failureOf } from "../../shared/core/failure.js";
import { grantNumber, groupNumber, jobNumber } from "../../shared/core/id.js";
import type { Labels } from "../../shared/core/labels.js";
import type { Hello } from "../core/facts/command.js";
import { jobOf, type FarmView } from "../core/state/farm.js";
import { aSpec, type SpecChanges } from "../core/testing/testing-spec.js";
import { pageBytesMax } from "./paging.js";
import { aServedDriver, type ServedDriver } from "./testing-port.js";
import { dial } from "./wire-test-peer.js";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Three bytes on the wire. */
const wide = "\u6f22";

interface Clients {
  readonly driver: ServedDriver;
  readonly jobs: JobServiceClient;
  readonly cluster: ClusterServiceClient;
}

async function aDriver(): Promise<Clients> {
  const driver = await aServedDriver();
  closing.push(() => driver.close());
  const options = { "grpc.max_receive_message_length": pageBytesMax + 1_000 };
  const jobs = dial(JobServiceClient, driver, "reader", options);
  const cluster = dial(ClusterServiceClient, driver, "reader", options);
  closing.push(
    () => jobs.close(),
    () => cluster.close(),
  );
  return { driver, jobs, cluster };
}

function submit({ engine }: ServedDriver, changes: SpecChanges, number = 1): void {
  engine.post({ kind: "submit-job", reply: number, requestId: `request ${number}`, spec: aSpec(changes) });
}

function join({ engine }: ServedDriver, stream: number, hello: Partial<Hello>): void {
  const whole = { role: "actor", name: `actor-${stream}`, incarnation: "1", node: "n", slots: 1 } as const;
  const nothing = { labels: {}, allocationEndsAtMs: undefined, ranges: [], merges: [] };
  engine.post({ kind: "open-session", stream, hello: { ...whole, ...nothing, ...hello } });
}

/** Until something holds of the committed farm. */
async function until({ engine }: ServedDriver, holds: (farm: FarmView) => boolean): Promise<void> {
  while (!(await engine.read(holds))) await new Promise(setImmediate);
}

interface Asked {
  readonly pageSize: number;
  readonly pageToken: string;
}

function answered<Answer>(
  call: (done: (error: Error | null, answer: Answer) => void) => unknown,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    call((error, answer) => (error === null ? resolve(answer) : reject(error)));
  });
}

/** All items, page after page, of which there must be several. */
async function allOf<Page extends { readonly nextPageToken: string }, Item>(
  call: (asked: Asked) => Promise<Page>,
  itemsOf: (page: Page) => readonly Item[],
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let pages = 0;
  let pageToken = "";
  do {
    const page = await call({ pageSize: 1_000, pageToken });
    expect(itemsOf(page).length).toBeGreaterThan(0);
    found.push(...itemsOf(page));
    pageToken = page.nextPageToken;
    pages += 1;
  } while (pageToken !== "");
  expect(pages).toBeGreaterThan(1);
  return found;
}

function upTo(count: number, first = 0): readonly number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

test("nodes with long names and many labels", async () => {
  const { driver, cluster } = await aDriver();
  const names = upTo(300).map((i) => `${wide.repeat(250)}${1_000 + i}`);
  const labels: Labels = Object.fromEntries(upTo(64).map((i) => [`k${i}`.padEnd(63, "k"), wide.repeat(63)]));
  names.forEach((node, i) => join(driver, i + 1, { node, labels, name: node }));
  const nodes = await allOf(
    (asked) => answered<ListNodesResponse>((done) => cluster.listNodes(asked, done)),
    (page) => page.nodes,
  );
  expect(nodes.map(({ name }) => name)).toEqual(names);
});

test("a node that thousands of actors and mergers are on", async () => {
  const { driver, cluster } = await aDriver();
  for (const i of upTo(3_000, 1)) {
    const role = i % 2 === 0 ? "actor" : "merger";
    join(driver, i, { role, name: `${wide.repeat(250)}${10_000 + i}` });
  }
  const { node } = await answered<GetNodeResponse>((done) => cluster.getNode({ node: "n" }, done));
  expect(node).toMatchObject({ slots: 1_500, actors: { length: 100 }, mergers: { length: 100 } });
});

test("jobs that tell of nodes with long names, listed and watched", async () => {
  const { driver, jobs } = await aDriver();
  for (const i of upTo(600, 1)) submit(driver, { name: "j".repeat(64) }, i);
  await until(driver, (farm) => farm.jobs.size === 600);
  for (const i of upTo(10)) driver.farm.barred.add(`${wide.repeat(255)}${i}`);
  const listed = await allOf(
    (asked) => answered<ListJobsResponse>((done) => jobs.listJobs(asked, done)),
    (page) => page.jobs,
  );
  expect(listed.map(({ job }) => job)).toEqual(upTo(600, 1));

  const watched: number[] = [];
  const call = jobs.watchJobs({ jobs: [], resumeToken: "" });
  closing.push(() => call.cancel());
  for await (const news of call) {
    const { jobs: some } = news as WatchJobsResponse;
    watched.push(...some.map(({ job }) => job));
    if (watched.length >= 600) break;
  }
  expect(watched).toEqual(upTo(600, 1));
});

test("merged files of which each has many spans", async () => {
  const { driver, jobs } = await aDriver();
  submit(driver, {});
  await until(driver, (farm) => farm.jobs.size === 1);
  const { groups } = jobOf(driver.farm, jobNumber(1));
  const file = { sizeBytes: 1, adler32: 1, events: 1, guid: "" };
  const spans = { first: upTo(2_000, 2 ** 28), count: upTo(2_000, 2 ** 28) };
  for (const number of upTo(500, 1).map(groupNumber)) {
    const stage = { kind: "closed", grant: grantNumber(number), file } as const;
    groups.set(number, { number, stage, spans, attemptsUsed: 0, failedOn: [] });
  }
  const files = await allOf(
    (asked) => answered<ListMergedFilesResponse>((done) => jobs.listMergedFiles({ job: 1, ...asked }, done)),
    (page) => page.files,
  );
  expect(files.map(({ group }) => group)).toEqual(upTo(500, 1));
});

test("ranges that failed with long messages, in files with long paths", async () => {
  const { driver, jobs } = await aDriver();
  const ranges = 900;
  submit(driver, { inputs: [ranges], path: `/${wide.repeat(4_000)}`, attempts: 1 });
  join(driver, 1, { node: wide.repeat(256), slots: ranges });
  driver.engine.post({ kind: "raise-demand", stream: 1, credit: ranges });
  await until(driver, ({ jobs: all }) => all.get(jobNumber(1))?.table.counts.held === ranges);
  const failures = upTo(ranges).map((range) => {
    const failure = failureOf("event", `${range % 50} `.padEnd(failureMessageMax, wide));
    const told = { ...failure, exitCode: 1, stderrTail: wide.repeat(1_365) };
    return { job: jobNumber(1), range, grant: grantNumber(1), failure: told };
  });
  const nothing = { outputs: [], returned: [], suspected: [] };
  driver.engine.post({ kind: "report-results", stream: 1, number: 1, failures, ...nothing });
  await until(driver, ({ jobs: all }) => all.get(jobNumber(1))?.table.counts.failed === ranges);

  const spans = await allOf(
    (asked) =>
      answered<ListRangesResponse>((done) =>
        jobs.listRanges({ job: 1, states: [], node: "", ...asked }, done),
      ),
    (page) => page.spans,
  );
  expect(spans.map(({ first }) => first)).toEqual(upTo(ranges));
  const failed = await allOf(
    (asked) =>
      answered<ListFailuresResponse>((done) =>
        jobs.listFailures({ job: 1, failureClass: 0, node: "", ...asked }, done),
      ),
    (page) => page.failures,
  );
  expect(failed.map(({ range }) => range)).toEqual(upTo(ranges));
});
