// A real driver and a real merger, and outputs that wait to be reported.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { JobServiceClient, type JobStatus } from "../../../gen/noctua/v1/job.js";
import type { MergeSpec } from "../../../gen/noctua/v1/types.js";
import { adler32Of } from "../../../services/shared/core/adler32.js";
import { jobNumber } from "../../../services/shared/core/id.js";
import { mergedFolder } from "../../../services/shared/core/names.js";
import { dialing } from "../../../services/shared/io/trust/dialing.js";
import { BenchDriver } from "../bench-driver.js";
import { withFolder } from "../bench-folder.js";
import { submitJob } from "../bench-job.js";
import { BenchService } from "../bench-service.js";
import { OutputActor } from "./output-actor.js";
import type { PlainTool } from "./plain-tools.js";
import { PublishedFiles } from "./published-files.js";

export interface MergeShape {
  readonly tool: PlainTool;
  readonly outputBytes: number;
  readonly outputsPerGroup: number;
  readonly groups: number;
}

export interface MergeFarmOptions {
  readonly folder: string;
  /** Of the merger. */
  readonly slots: number;
  readonly nodeFlags: readonly string[];
}

export interface MergeFarm {
  /** For what else is measured beside it. */
  readonly folder: string;
  readonly driver: BenchDriver;
  readonly actor: OutputActor;
  readonly published: PublishedFiles;
  /** Of each output. */
  readonly content: Uint8Array;
  /** Starts the merger, which stays. */
  startMerger(): Promise<BenchService>;
  /** The job when it was first seen so. */
  when(isWanted: (status: JobStatus) => boolean): Promise<JobStatus>;
}

/** No lease ends while something else is measured. */
const driverArguments = ["--lease", "30m"];

export async function withMergeFarm<Result>(
  shape: MergeShape,
  options: MergeFarmOptions,
  measure: (farm: MergeFarm) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  return withFolder(options.folder, async (folder) => {
    const workdir = join(folder, "workdir");
    await mkdir(workdir, { mode: 0o700 });
    const driver = await BenchDriver.start({ workdir, driverArguments }, signal);
    let actor: OutputActor | undefined;
    let merger: BenchService | undefined;
    let published: PublishedFiles | undefined;
    try {
      const ranges = shape.groups * shape.outputsPerGroup;
      const speculation = { enabled: false, factor: 2 };
      const job = await submitJob(driver, ranges, { merge: ruleOf(shape), speculation });
      const content = randomBytes(shape.outputBytes);
      const wanted = { job, ranges, content, adler32: adler32Of(content), suffix: ".dat" };
      actor = await OutputActor.store(driver, wanted, signal);
      const merged = join(workdir, mergedFolder(jobNumber(job)));
      await mkdir(merged, { recursive: true });
      published = new PublishedFiles(merged);
      const startMerger = async (): Promise<BenchService> => {
        merger = await BenchService.start("merger", { ...options, workdir, scratch: workdir });
        await merger.whenJoined(signal);
        return merger;
      };
      const when = (isWanted: (status: JobStatus) => boolean): Promise<JobStatus> =>
        firstWhen(driver, job, isWanted);
      return await measure({ folder, driver, actor, published, content, startMerger, when });
    } finally {
      published?.close();
      actor?.leave();
      await merger?.end();
      await driver.end("SIGKILL");
    }
  });
}

function ruleOf({ tool, outputsPerGroup }: MergeShape): MergeSpec {
  return {
    everyOutputs: outputsPerGroup,
    tool: tool === "tar" ? { $case: "tar", value: {} } : { $case: "concat", value: {} },
    attemptsMax: 1,
    timeoutMs: 3_600_000,
    checks: undefined,
    ranges: undefined,
  };
}

async function firstWhen(
  driver: BenchDriver,
  job: number,
  isWanted: (status: JobStatus) => boolean,
): Promise<JobStatus> {
  const { target, credentials, options } = await dialing(driver.workdir, driver.address, "client");
  const client = new JobServiceClient(target, credentials, options);
  try {
    const watch = client.watchJob({ job, afterSequence: 0 });
    for await (const { status } of watch as AsyncIterable<{ readonly status?: JobStatus }>) {
      if (status === undefined) continue;
      if (isWanted(status)) return status;
      if (status.groupsFailed > 0 || status.ranges?.failed !== 0 || status.endedUnixMs > 0)
        throw new Error(`expected the job to be merged, found ${JSON.stringify(status)}`);
    }
    throw new Error("expected the job to be merged, found that the watch ended");
  } finally {
    client.close();
  }
}
