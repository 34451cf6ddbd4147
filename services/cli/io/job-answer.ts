// What commands that tell of jobs print for programs. Version 1 of each.

import { z } from "zod";
import { unreachable } from "../../shared/core/assert.js";
import { reportStates } from "../../shared/core/report.js";
import type { JobStatus } from "../core/job-status.js";
import type { JobNews } from "./job-watch.js";

const count = z.int().min(0);
const time = z.iso.datetime({ precision: 3 });

const jobFields = {
  job: z.int().min(1).describe("Its number."),
  name: z.string(),
  state: z.enum(reportStates),
  takesRanges: z.boolean().describe("Ranges may be added to it, also while it is suspended."),
  sequence: count.describe("Grows with every fact about the job."),
  ranges: z
    .strictObject({
      ready: count.describe("Wait for an actor."),
      held: count.describe("Are held by actors."),
      done: count.describe("Have an output that is in no merged file; or are done, where nothing is merged."),
      merged: count.describe("Are in a published merged file."),
      failed: count.describe(
        "Failed for good; of a job that is cancelled or failed, also those that were never tried.",
      ),
    })
    .describe("Where its ranges stand; they sum up to all of them."),
  events: count,
  eventsDone: count.describe("Merged or not."),
  eventsRunning: count.describe("Done within ranges that run, as their payloads said some seconds ago."),
  groupsOpen: count.describe("Merge groups that are planned and not yet published or given up."),
  filesMerged: count,
  groupsFailed: count.describe("Merge groups that were given up; their inputs are kept."),
  failures: count.describe("Of payloads so far, final or not."),
  reason: z.string().describe("Why it failed; empty when it did not."),
  actors: count.describe("Connected now."),
  slots: count.describe("Of these actors."),
  copiesMade: count.describe("Ranges that were lent a second time, since they ran for very long."),
  copiesWon: count,
  nodesQuarantined: count,
  quarantinedNodes: z.array(z.string()).describe("The first of them."),
  outputs: z.enum(["files", "none"]),
  keepsOutputs: z.boolean().describe("Its outputs are not merged."),
  mergesRunning: count.describe("For some seconds or longer."),
  merging: z
    .array(
      z.strictObject({
        merger: z.string(),
        group: z.int().min(1),
        bytesRead: count,
        bytesTotal: count.describe("0 when nobody knows."),
        runningMs: count,
      }),
    )
    .describe("Those of them that run longest."),
  filesExpected: count
    .nullable()
    .describe("Merged files that there will be, if nothing fails; null when nobody knows."),
  allocationLeftMs: count
    .nullable()
    .describe("Until the wall time of its last actor ends; null when nobody knows."),
  waitsFor: z.string().describe("Who waits for room, and what for; empty when nobody does."),
  submittedAt: time,
  endedAt: time.nullable().describe("Null while it is not over."),
};

/** A job: a line of `list` and `status` with `--output jsonl`. */
const jobLineSchema = z.strictObject({ schema: z.literal("noctua.jobstatus/v1"), ...jobFields });
/** A job among others. */
export const jobSchema = z.strictObject(jobFields);

/** `list` and `status` with `--output json`. */
const jobsAnswerSchema = z.strictObject({
  schema: z.literal("noctua.jobs/v1"),
  jobs: z.array(jobSchema).describe("Ascending by number."),
});

/** `wait`. */
const waitAnswerSchema = z.strictObject({
  schema: z.literal("noctua.wait/v1"),
  areOver: z.boolean().describe("False when the time was up before."),
  jobs: z.array(jobSchema),
});

/** A line of `watch`. */
const watchUpdateSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    schema: z.literal("noctua.watch/v1"),
    kind: z.literal("status"),
    at: time.describe("When it was heard."),
    status: jobSchema,
  }),
  z.strictObject({
    schema: z.literal("noctua.watch/v1"),
    kind: z.literal("away"),
    at: time,
    why: z.string().describe("The driver is asked again, and nothing more is told until it is back."),
  }),
  z.strictObject({
    schema: z.literal("noctua.watch/v1"),
    kind: z.literal("back").describe("The driver answers again; jobs that have changed since are told next."),
    at: time,
  }),
]);

/** All schemas, by what stands in `schema` before the slash. */
export const jobSchemas = {
  jobstatus: jobLineSchema,
  jobs: jobsAnswerSchema,
  wait: waitAnswerSchema,
  watch: watchUpdateSchema,
} as const;

export function jobLine(status: JobStatus): z.output<typeof jobLineSchema> {
  return { schema: "noctua.jobstatus/v1", ...jobInJson(status) };
}

export function jobInJson(status: JobStatus): z.output<typeof jobSchema> {
  const { job, name, state, submittedUnixMs, endedUnixMs, ranges, ...rest } = status;
  const { quarantinedNodes, merging } = rest;
  return {
    ...{ job, name, state },
    ...rest,
    ranges: { ...ranges },
    quarantinedNodes: [...quarantinedNodes],
    merging: merging.map((one) => ({ ...one })),
    filesExpected: rest.filesExpected ?? null,
    allocationLeftMs: rest.allocationLeftMs ?? null,
    submittedAt: isoTime(submittedUnixMs),
    endedAt: endedUnixMs === undefined ? null : isoTime(endedUnixMs),
  };
}

export function watchUpdate(news: JobNews, nowUnixMs: number): z.output<typeof watchUpdateSchema> {
  const said = { schema: "noctua.watch/v1", at: isoTime(nowUnixMs) } as const;
  switch (news.kind) {
    case "status":
      return { ...said, kind: "status", status: jobInJson(news.status) };
    case "away":
      return { ...said, kind: "away", why: news.why };
    case "back":
      return { ...said, kind: "back" };
    default:
      return unreachable(news);
  }
}

export function isoTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
