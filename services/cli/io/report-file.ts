// Reads the report of a job that is over: jobs/<n>/report.json, version 1.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { failureClasses } from "../../shared/core/failure.js";
import type { JobNumber } from "../../shared/core/id.js";
import { byArrival } from "../../shared/core/job-spec.js";
import { isFigure } from "../../shared/core/latencies.js";
import { jobFolder } from "../../shared/core/names.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import type { JobReport } from "../core/report.js";

const count = z.number().int().min(0);
const spans = z.array(z.tuple([count, z.number().int().min(1)]).readonly()).readonly();

const inputFile = z.object({
  path: z.string(),
  firstEvent: z.number().int().min(1),
  events: z.number().int().min(1),
  guid: z.string(),
  scope: z.string(),
  sizeBytes: count,
  modifiedUnixMs: count,
});

/** Earlier reports are of jobs that group by arrival. */
const grouping = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("arrival") }).transform(() => byArrival),
    z.object({ kind: z.literal("range"), acrossFiles: z.boolean() }),
  ])
  .default(byArrival);

const reportedSpec = z.object({
  name: z.string(),
  inputs: z.array(inputFile).readonly(),
  eventsPerRange: z.number().int().min(1),
  /** Earlier reports are of jobs with files. */
  outputs: z.enum(["files", "none"]).default("files"),
  outputSuffix: z.string(),
  merge: z.object({
    everyOutputs: z.number().int().min(1),
    grouping,
    tool: z.object({ kind: z.enum(["concat", "tar", "command", "none"]) }),
  }),
});

const failure = z.object({
  events: z.object({ input: z.string(), first: z.number(), last: z.number() }),
  class: z.enum(failureClasses),
  node: z.string(),
  attempt: count,
  final: z.boolean(),
  message: z.string(),
  stderrTail: z.string().default(""),
});

/** Fields that are not read are let through, so that a report may grow within its version. */
const reportFile = z.object({
  version: z.literal(1),
  job: z.number().int().min(1),
  name: z.string(),
  state: z.enum(["finished", "finished-with-failures", "failed", "cancelled"]),
  reason: z.string(),
  submittedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  spec: reportedSpec,
  ranges: z.object({ total: count, merged: count, failed: count, kept: count }),
  events: z.object({ total: count, merged: count }),
  /** Earlier reports say nothing of it. */
  done: z.object({ ranges: count, events: count, spans }).default({ ranges: 0, events: 0, spans: [] }),
  mergedFiles: z
    .array(
      z.object({
        group: z.number().int().min(1),
        path: z.string(),
        sizeBytes: count,
        adler32: z.string().regex(/^[0-9a-f]{8}$/),
        events: count,
        spans,
        missing: spans.default([]),
      }),
    )
    .readonly(),
  failed: z.array(z.object({ spans, class: z.enum(failureClasses), message: z.string() })).readonly(),
  keptGroups: z.array(z.object({ group: z.number().int().min(1), message: z.string(), spans })).readonly(),
  failures: z.array(failure).readonly(),
  /** Earlier reports say nothing of them. */
  quarantinedNodes: z
    .array(z.object({ node: z.string(), reason: z.string() }))
    .readonly()
    .default([]),
  /** Earlier reports say nothing of them, and later ones may have more figures. */
  latencies: z
    .array(z.object({ figure: z.string(), count, medianMs: z.number(), p99Ms: z.number() }))
    .transform((all) => all.flatMap(({ figure, ...rest }) => (isFigure(figure) ? [{ figure, ...rest }] : [])))
    .readonly()
    .default([]),
}) satisfies z.ZodType<JobReport>;

/** Mistakes of one report that are named. */
const mistakesShown = 5;

export function reportPath(workdir: string, job: JobNumber): string {
  return join(workdir, jobFolder(job), "report.json");
}

/** The report; undefined while there is none, since it is written when the job is over. Throws on a damaged one. */
export async function readReport(workdir: string, job: JobNumber): Promise<JobReport | undefined> {
  const path = reportPath(workdir, job);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : parseReport(path, text);
}

function parseReport(path: string, text: string): JobReport {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new Error(`expected JSON in ${path}, found: ${errorMessage(error)}`, { cause: error });
  }
  const parsed = reportFile.safeParse(content);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, mistakesShown);
  const mistakes = issues.map(({ path: field, message }) => `${field.join(".")}: ${message}`);
  throw new Error(`${path} is no report of version 1: ${mistakes.join("; ")}`);
}
