// The driver as a whole, in this process: real journal, real files, real port, with an actor and a merger that are played
// by the test.

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { JobState, type JobStatus, type SubmitJobResponse } from "../../gen/noctua/v1/job.js";
import { aSpec } from "../../services/driver/core/testing/testing-spec.js";
import {
  actorHello,
  dialAsActor,
  dialAsMerger,
  dialJobs,
  mergerHello,
  TestWatch,
  type TestActor,
  type TestMerger,
} from "../../services/driver/io/wire-test-peer.js";
import { listJobs } from "../../services/cli/io/driver-client.js";
import { present } from "../../services/shared/core/assert.js";
import { readAddress } from "../../services/shared/io/address-file.js";
import { rangeLayout } from "../../services/shared/core/event-range.js";
import { grantNumber, groupNumber, jobNumber } from "../../services/shared/core/id.js";
import { outputPath, temporaryMergedPath } from "../../services/shared/core/names.js";
import { eachRange } from "../../services/shared/core/spans.js";
import { specToWire } from "../../services/shared/io/wire-types.js";
import type { Credential } from "../../services/shared/io/trust/credential.js";
import { askHttps } from "../../services/shared/io/trust/testing-trust.js";
import { startDriver, type RunningDriver } from "../support/driver-in-process.js";
import { privateFolder } from "../support/private-folder.js";

/** An address of this machine that others can dial, where it has one. */
const foreign = Object.values(networkInterfaces())
  .flat()
  .find((at) => at?.family === "IPv4" && !at.internal)?.address;

const job = jobNumber(1);
const spec = aSpec({ inputs: [4, 3], everyOutputs: 3 });
const layout = rangeLayout(spec);

function outputOf(range: number, grant: number): string {
  return outputPath(
    { job, range, grant: grantNumber(grant), events: layout.locate(range) },
    spec.outputSuffix,
  );
}

async function put(workdir: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(workdir, path)), { recursive: true });
  await writeFile(join(workdir, path), text);
}

/** Reports the ranges, whose outputs are written: each says which it is. */
async function work(
  driver: RunningDriver,
  actor: TestActor,
  grant: number,
  ranges: readonly number[],
): Promise<void> {
  for (const range of ranges) await put(driver.workdir, outputOf(range, grant), `range ${range}\n`);
  actor.say(resultsOf(grant, ranges));
}

function resultsOf(grant: number, ranges: readonly number[]) {
  const spans = { first: [...ranges], count: ranges.map(() => 1) };
  const column = ranges.map(() => 8);
  const outputs = [
    { job, spans, grant: ranges.map(() => grant), sizeBytes: column, adler32: column, wallMs: column },
  ];
  return {
    $case: "results" as const,
    value: { number: ranges[0] ?? 0, outputs, failures: [], returned: [], suspected: [] },
  };
}

/** Fuses the next group that the driver lends. */
async function merge(driver: RunningDriver, merger: TestMerger, isWritten = true): Promise<void> {
  const { value: task } = await merger.incoming.next("task");
  if (task.merge === undefined || task.spans === undefined) throw new Error("expected a merge task");
  const ranges = [...eachRange(task.spans)];
  const paths = ranges.map((range, i) => join(driver.workdir, outputOf(range, task.grant[i] ?? 0)));
  const text = (await Promise.all(paths.map((path) => readFile(path, "utf8")))).join("");
  const { group, grant } = task.merge;
  if (isWritten)
    await put(driver.workdir, temporaryMergedPath(job, groupNumber(group), grantNumber(grant)), text);
  const value = { sizeBytes: text.length, adler32: 1, events: ranges.length, wallMs: 1, guid: "" };
  merger.say({
    $case: "result",
    value: { number: group, merge: task.merge, outcome: { $case: "merged", value } },
  });
}

function joinAs(driver: RunningDriver, changes: Parameters<typeof actorHello>[0] = {}): TestActor {
  const actor = dialAsActor(driver);
  onTestFinished(() => actor.vanish());
  return actor.say(actorHello(changes)).say({ $case: "demand", value: { credit: 100 } });
}

function joinToMerge(driver: RunningDriver): TestMerger {
  const merger = dialAsMerger(driver);
  onTestFinished(() => merger.vanish());
  return merger.say(mergerHello()).say({ $case: "demand", value: { credit: 100 } });
}

async function submit(driver: RunningDriver): Promise<SubmitJobResponse> {
  const client = dialJobs(driver);
  onTestFinished(() => client.close());
  return new Promise((resolve, reject) => {
    client.submitJob({ requestId: "a", spec: specToWire(spec) }, (error, answer) => {
      if (error === null) resolve(answer);
      else reject(error);
    });
  });
}

/** The job's state when something holds of it. */
async function stateWhen(driver: RunningDriver, holds: (state: JobStatus) => boolean): Promise<JobStatus> {
  const client = dialJobs(driver);
  const watch = new TestWatch(client, 1, 0);
  onTestFinished(() => client.close());
  for (;;) {
    const state = await watch.next();
    if (holds(state)) return state;
  }
}

const isOver = (state: JobStatus): boolean => state.endedUnixMs > 0;
const all = [0, 1, 2, 3, 4, 5, 6];
const mergedText = all.map((range) => `range ${range}\n`);

/** What lies in a folder of the job, each with its text. */
async function filesIn(workdir: string, folder: string): Promise<Record<string, string>> {
  const path = join(workdir, "jobs/1", folder);
  const names = (await readdir(path)).sort();
  const texts = await Promise.all(
    names.map(async (name) => [name, await readFile(join(path, name), "utf8")] as const),
  );
  return Object.fromEntries(texts);
}

const merged = {
  "drell-yan.0001.lhe": mergedText.slice(0, 3).join(""),
  "drell-yan.0002.lhe": mergedText.slice(3, 6).join(""),
  "drell-yan.0003.lhe": mergedText.slice(6).join(""),
};

describe("a driver", () => {
  it("runs a job to its end, and leaves merged files and a report", async () => {
    const driver = await startDriver(await privateFolder());
    expect(await submit(driver)).toEqual({ job: 1, repeatedRequest: false });
    const actor = joinAs(driver);
    const { value } = await actor.incoming.next("grant");
    expect(value).toMatchObject({ job: 1, grant: 1, spans: { first: [0], count: [7] } });
    await work(driver, actor, 1, all);
    const merger = joinToMerge(driver);
    for (let groups = 0; groups < 3; groups += 1) await merge(driver, merger);
    expect(await stateWhen(driver, isOver)).toMatchObject({
      state: JobState.JOB_STATE_FINISHED,
      ranges: { ready: 0, held: 0, done: 0, merged: 7, failed: 0 },
      filesMerged: 3,
      eventsDone: 7,
    });
    expect(await filesIn(driver.workdir, "merged")).toEqual(merged);
    expect(await readdir(join(driver.workdir, "jobs/1/outputs"))).toEqual([]);
    const report: unknown = JSON.parse(await readFile(join(driver.workdir, "jobs/1/report.json"), "utf8"));
    expect(report).toMatchObject({ state: "finished", run: driver.run, ranges: { total: 7, merged: 7 } });
    expect((await actor.incoming.next("closeJob")).value).toEqual({ job: 1 });
  });

  it("that stops in the middle is followed by one that knows all that was acknowledged (P2, P6)", async () => {
    const first = await startDriver(await privateFolder());
    await submit(first);
    const actor = joinAs(first);
    await actor.incoming.next("grant");
    await work(first, actor, 1, [0, 1, 2, 3]);
    await actor.incoming.next("acknowledge");
    await first.stop();
    await actor.incoming.ended();

    const second = await startDriver(first.workdir);
    expect(second).toMatchObject({ run: first.run, epoch: first.epoch + 1 });
    expect(await submit(second)).toEqual({ job: 1, repeatedRequest: true });
    // Range 4 was done while nobody drove; 5 is not held any more; 6 still runs.
    const held = [{ job: 1, grant: 1, spans: { first: [4, 6], count: [1, 1] } }];
    const again = joinAs(second, { held, epoch: first.epoch });
    await work(second, again, 1, [4]);
    const { value: granted } = await again.incoming.next("grant");
    expect(granted).toMatchObject({ job: 1, grant: 2, spans: { first: [5], count: [1] } });
    await work(second, again, 2, [5]);
    await work(second, again, 1, [6]);
    const merger = joinToMerge(second);
    for (let groups = 0; groups < 3; groups += 1) await merge(second, merger);
    expect(await stateWhen(second, isOver)).toMatchObject({ state: JobState.JOB_STATE_FINISHED });
    expect(await filesIn(second.workdir, "merged")).toEqual(merged);
  });

  it("publishes what the last one had accepted and not yet published (P3)", async () => {
    const first = await startDriver(await privateFolder());
    await submit(first);
    const actor = joinAs(first);
    await actor.incoming.next("grant");
    await work(first, actor, 1, [0, 1, 2]);
    const merger = joinToMerge(first);
    await merge(first, merger, false); // A file system that shows the temporary late.
    await merger.incoming.next("acknowledge");
    await first.stop();
    expect((await readdir(join(first.workdir, "jobs/1"))).sort()).toEqual(["outputs"]);

    await put(
      first.workdir,
      temporaryMergedPath(job, groupNumber(1), grantNumber(2)),
      merged["drell-yan.0001.lhe"],
    );
    const second = await startDriver(first.workdir);
    await stateWhen(second, ({ filesMerged }) => filesMerged === 1);
    expect(await filesIn(second.workdir, "merged")).toEqual({
      "drell-yan.0001.lhe": merged["drell-yan.0001.lhe"],
    });
  });

  it("refuses a workdir that another one drives, and names it", async () => {
    const workdir = await privateFolder();
    const first = await startDriver(workdir);
    await expect(startDriver(workdir)).rejects.toThrow(
      new RegExp(`found one that lives: epoch ${first.epoch}: process ${process.pid} on`),
    );
    expect(await submit(first)).toEqual({ job: 1, repeatedRequest: false });
  });

  it("ends, and says why, when another one takes its workdir over", async () => {
    const workdir = await privateFolder();
    const first = await startDriver(workdir);
    const second = await startDriver(workdir, { takeOver: true });
    await expect(submit(first)).rejects.toThrow();
    await expect(first.stop()).rejects.toThrow("another driver has taken over this workdir");
    expect(await submit(second)).toEqual({ job: 1, repeatedRequest: false });
  });

  it.runIf(foreign !== undefined)(
    "is reached from other machines where it is told to listen for them",
    async () => {
      const driver = await startDriver(await privateFolder(), { host: present(foreign, "an address") });
      expect(await readAddress(driver.workdir)).toMatchObject({ host: foreign });
      expect(await listJobs(driver.workdir, new AbortController().signal)).toEqual([]);
    },
  );

  it("says over HTTP that it is ready, and what hinders it, and gives figures to who has a credential", async () => {
    const driver = await startDriver(await privateFolder());
    const get = async (path: string, credential?: Credential): Promise<string> => {
      const { status, text } = await askHttps({ port: driver.httpPort }, path, credential);
      return `${status} ${text}`;
    };
    expect(await get("/readyz")).toMatch(/^200 /);
    expect(await get("/metrics")).toMatch(/^401 /);
    await submit(driver);
    const actor = joinAs(driver);
    await actor.incoming.next("grant");
    await work(driver, actor, 1, [0, 1, 2]);
    const metrics = async (): Promise<string> => get("/metrics", driver.trust.reader);
    await stateWhen(driver, ({ ranges }) => ranges?.done === 3);
    expect(await metrics()).toContain('noctua_ranges{job="1",state="held"} 4');
    expect(await metrics()).toContain("noctua_ranges_done_total 3");
    expect(await metrics()).toContain('noctua_sessions{role="actor",attachment="attached"} 1');
    const merger = joinToMerge(driver);
    await merge(driver, merger, false);
    await merger.incoming.next("acknowledge");
    await expect
      .poll(() => get("/readyz"), { timeout: 30_000 })
      .toMatch(/^503 .*publish-merge fails: expected /);
  });
});
