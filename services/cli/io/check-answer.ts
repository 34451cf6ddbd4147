// What `noctua check --json` prints.

import { z } from "zod";
import type { JobOutlook } from "../core/job-outlook.js";
import type { Mistake } from "../../shared/core/mistake.js";

const count = z.int().min(0);
const texts = z.record(z.string(), z.string());

const outlookSchema = z.strictObject({
  name: z.string(),
  jobDir: z.string().describe("Where the job file lies; what {jobDir} is."),
  open: z.boolean().describe("Inputs may be added until the job is closed."),
  inputs: z.strictObject({ files: count, events: count, sizeBytes: count }),
  ranges: count,
  eventsPerRange: count,
  firstRange: z
    .strictObject({ input: z.string(), firstEvent: count, lastEvent: count })
    .optional()
    .describe("Absent while the job has no inputs."),
  payload: z
    .strictObject({
      kind: z.enum(["exec", "stream"]),
      command: z
        .array(z.string())
        .describe(
          "Filled in, of exec for the first range, whose output is named as if made in the current folder.",
        ),
      timeoutMs: count,
      cores: count,
      environment: texts.describe("What the job sets."),
      passEnvironment: z
        .array(z.string())
        .describe("Names of what is passed on from the actor's environment."),
      setup: z.array(z.string()).optional().describe("Run once on each node first."),
    })
    .describe("The job's own; nodes with certain labels may run a variant."),
  variants: count,
  requires: texts.describe("Labels that a node must have."),
  outputs: z.enum(["merged", "kept", "none"]),
  merge: z
    .strictObject({
      kind: z.enum(["concat", "tar", "command"]),
      grouping: z.enum(["arrival", "range"]),
      every: count.describe("Outputs of a merged file; the last may have fewer."),
      files: count.optional().describe("How many merged files; absent when nobody knows."),
      firstFile: z.string().describe("What the first is called."),
    })
    .optional()
    .describe("Absent where nothing is merged."),
});

/** Version 1. */
export const checkAnswerSchema = z.strictObject({
  schema: z.literal("noctua.check/v1"),
  file: z.string().describe("As it was given."),
  isGood: z.boolean(),
  mistakes: z
    .array(
      z.strictObject({
        line: z.int().min(1).optional().describe("From 1; absent when the mistake has no place."),
        field: z.string().describe("Such as payload.command[2]; empty when it is about the whole file."),
        expected: z.string(),
        found: z.string(),
      }),
    )
    .describe("All of them; none when the file is good."),
  job: outlookSchema.optional().describe("What would run; there when the file is good."),
});

type CheckAnswer = z.output<typeof checkAnswerSchema>;

export function goodAnswer(file: string, job: JobOutlook): object {
  return { schema: "noctua.check/v1", file, isGood: true, mistakes: [], job };
}

export function badAnswer(file: string, mistakes: readonly Mistake[]): CheckAnswer {
  const told = mistakes.map(({ line, ...mistake }) => (line === undefined ? mistake : { line, ...mistake }));
  return { schema: "noctua.check/v1", file, isGood: false, mistakes: told };
}
