// What a report looks like (docs/report.md). Fields that are not known are let through: a report may grow within its version.

import { z } from "zod";
import { failureClasses } from "../../shared/core/failure.js";
import { byArrival } from "../../shared/core/job-spec.js";
import { isFigure } from "../../shared/core/latencies.js";
import {
  rangeFates,
  reportSchema,
  reportStates,
  type FailureLine,
  type KeptLine,
  type MergedLine,
  type OutputLine,
  type RangesLine,
  type ReportList,
} from "../../shared/core/report.js";
import type { ReportSummary } from "../core/report.js";

const count = z.number().int().min(0);
const seconds = z.number().min(0);
const atLeastOne = z.number().int().min(1);
const adler32 = z.string().regex(/^[0-9a-f]{8}$/);
const time = z.iso.datetime();
const spans = z.array(z.tuple([count, atLeastOne]).readonly()).readonly();

const inputFile = z.object({
  path: z.string(),
  firstEvent: atLeastOne,
  events: atLeastOne,
  guid: z.string(),
  scope: z.string(),
  sizeBytes: count,
  modifiedUnixMs: count,
});

const grouping = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("arrival") }).transform(() => byArrival),
  z.object({ kind: z.literal("range"), acrossFiles: z.boolean() }),
]);

const reportedSpec = z.object({
  name: z.string(),
  inputs: z.array(inputFile).readonly(),
  eventsPerRange: atLeastOne,
  outputs: z.enum(["files", "none"]),
  outputSuffix: z.string(),
  merge: z.object({
    everyOutputs: atLeastOne,
    grouping,
    tool: z.object({ kind: z.enum(["concat", "tar", "command", "none"]) }),
  }),
});

const fateCounts = z.object({
  total: count,
  waiting: count,
  running: count,
  done: count,
  merged: count,
  kept: count,
  failed: count,
});

const latency = z.object({ figure: z.string(), count, medianMs: seconds, p99Ms: seconds });

/** `report.json`. */
export const reportHead = z.object({
  schema: z.literal(reportSchema),
  run: z.string(),
  job: atLeastOne,
  name: z.string(),
  state: z.enum(reportStates),
  reason: z.string(),
  times: z.object({
    submitted: time,
    firstDone: time.exactOptional(),
    lastDone: time.exactOptional(),
    lastMerged: time.exactOptional(),
    ended: time.exactOptional(),
    updated: time,
  }),
  ranges: fateCounts,
  events: fateCounts,
  mergedFiles: z.object({ files: count, sizeBytes: count, events: count }),
  failed: z
    .array(
      z.object({ reason: atLeastOne, class: z.enum(failureClasses), message: z.string(), ranges: count }),
    )
    .readonly(),
  groupsGivenUp: count,
  failures: z.object({ counted: count, told: count }),
  copies: z.object({ made: count, won: count }),
  quarantinedNodes: z.array(z.object({ node: z.string(), reason: z.string(), since: time })).readonly(),
  utilisation: z.object({
    held: seconds,
    busy: seconds,
    lost: seconds,
    starting: seconds,
    waiting: seconds,
    otherJobs: seconds,
  }),
  latencies: z.array(latency).readonly(),
  lists: z.object({ ranges: count, merged: count, kept: count, outputs: count, failures: count }),
  spec: reportedSpec,
});

/** As the command line sees it: later reports may have figures that it does not know. */
export const readableHead = reportHead.transform(({ latencies, ...head }): ReportSummary => {
  const known = latencies.flatMap(({ figure, ...rest }) => (isFigure(figure) ? [{ figure, ...rest }] : []));
  return { ...head, latencies: known };
});

/** Lines of the lists. */
export const reportLines = {
  ranges: z.object({
    first: count,
    count: atLeastOne,
    state: z.enum(rangeFates),
    reason: atLeastOne.exactOptional(),
  }) satisfies z.ZodType<RangesLine>,
  merged: z.object({
    group: atLeastOne,
    path: z.string(),
    sizeBytes: count,
    adler32,
    events: count,
    guid: z.string(),
    spans,
    missing: spans,
  }) satisfies z.ZodType<MergedLine>,
  kept: z.object({
    group: atLeastOne,
    message: z.string(),
    stderrTail: z.string().optional(),
    attempts: count.optional(),
    mergers: z.array(z.string()).optional(),
    spans,
  }) satisfies z.ZodType<KeptLine>,
  outputs: z.object({
    range: count,
    path: z.string(),
    sizeBytes: count,
    adler32,
  }) satisfies z.ZodType<OutputLine>,
  failures: z.object({
    range: count,
    events: z.object({ input: z.string(), first: atLeastOne, last: atLeastOne }),
    class: z.enum(failureClasses),
    node: z.string(),
    attempt: count,
    final: z.boolean(),
    message: z.string(),
    exitCode: z.number().int().exactOptional(),
    signal: z.string(),
    stderrTail: z.string(),
  }) satisfies z.ZodType<FailureLine>,
} satisfies Record<ReportList, z.ZodType>;
