// The job that is measured: one input, one event a range; unless told otherwise, with few merge groups, and no merger is there.

import {
  JobServiceClient,
  type GetJobResponse,
  type JobStatus,
  type SubmitJobResponse,
} from "../../gen/noctua/v1/job.js";
import { Durability, Outputs, type JobSpec } from "../../gen/noctua/v1/types.js";
import { groupOutputsMax } from "../../services/shared/core/job-spec.js";
import { dialing } from "../../services/shared/io/trust/dialing.js";
import type { BenchDriver } from "./bench-driver.js";

/** In what a job is to differ from the usual one. */
export interface JobChanges extends Partial<JobSpec> {
  /** Outputs of a merge group. Default: as many as may be, so that hardly any is planned while ranges are done. */
  readonly mergeEvery?: number | undefined;
}

/** Submits a job of so many ranges; resolves with its number when it is durable. */
export async function submitJob(
  driver: BenchDriver,
  ranges: number,
  { mergeEvery = groupOutputsMax, ...changes }: JobChanges = {},
): Promise<number> {
  const { job } = await ask(driver, (client) => {
    const request = { requestId: "bench", spec: { ...specOf(ranges, mergeEvery), ...changes } };
    return new Promise<SubmitJobResponse>((resolve, reject) => {
      client.submitJob(request, (error, response) => (error === null ? resolve(response) : reject(error)));
    });
  });
  return job;
}

/** How the job stands. */
export async function statusOfJob(driver: BenchDriver, job: number): Promise<JobStatus> {
  const { status } = await ask(driver, (client) => {
    return new Promise<GetJobResponse>((resolve, reject) => {
      client.getJob({ job }, (error, response) => (error === null ? resolve(response) : reject(error)));
    });
  });
  if (status === undefined) throw new Error(`expected the status of job ${job}, found none`);
  return status;
}

async function ask<Answer>(
  driver: BenchDriver,
  question: (client: JobServiceClient) => Promise<Answer>,
): Promise<Answer> {
  const { target, credentials, options } = await dialing(driver.workdir, driver.address, "client");
  const client = new JobServiceClient(target, credentials, options);
  try {
    return await question(client);
  } finally {
    client.close();
  }
}

function specOf(ranges: number, everyOutputs: number): JobSpec {
  const input = { path: "/bench/events.dat", firstEvent: 1, events: ranges, guid: "", scope: "" };
  return {
    name: "bench",
    jobDir: "/bench",
    inputs: [{ ...input, sizeBytes: 1_000_000, modifiedUnixMs: 1_700_000_000_000 }],
    eventsPerRange: 1,
    payload: {
      kind: { $case: "exec", value: { command: ["true"] } },
      timeoutMs: 3_600_000,
      needs: undefined,
    },
    outputs: Outputs.OUTPUTS_FILES,
    outputSuffix: ".dat",
    merge: {
      everyOutputs,
      tool: { $case: "concat", value: {} },
      attemptsMax: 3,
      timeoutMs: 3_600_000,
      checks: undefined,
      ranges: undefined,
    },
    requires: {},
    variants: [],
    retry: { attemptsMax: 3, backoff: { firstMs: 0, lastMs: 0 }, rules: [] },
    speculation: { enabled: true, factor: 2 },
    durability: Durability.DURABILITY_STRICT,
    open: false,
    priority: 0,
  };
}
