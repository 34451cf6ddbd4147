// What `submit`, `run` and `add` print for programs. Version 1 of each.

import { z } from "zod";
import type { JobStatus } from "../core/job-status.js";
import type { Added, Submitted } from "./driver-client.js";
import { jobInJson, jobSchema } from "./job-answer.js";

const number = z.int().min(1).describe("Of the job.");

const submitAnswerSchema = z.strictObject({
  schema: z.literal("noctua.submit/v1"),
  job: number,
  isRepeated: z.boolean().describe("It had begun before, by an earlier request of the same id."),
  status: jobSchema.nullable().describe("With --wait: how it ended; null otherwise."),
});

const runAnswerSchema = z.strictObject({
  schema: z.literal("noctua.run/v1"),
  workdir: z.string(),
  isOver: z.boolean().describe("False when it was interrupted: the same command goes on with it."),
  status: jobSchema.nullable().describe("How the job ended; null when it is not over."),
  reportFile: z.string().nullable().describe("Path of its report; null when it is not over."),
});

const addAnswerSchema = z.strictObject({
  schema: z.literal("noctua.add/v1"),
  job: number,
  firstRange: z.int().min(0).describe("Number of the first range that was added; the others follow it."),
  ranges: z.int().min(0).describe("That were added."),
  isRepeated: z.boolean().describe("They had been added before, by an earlier request of the same id."),
});

export const changeSchemas = {
  submit: submitAnswerSchema,
  run: runAnswerSchema,
  add: addAnswerSchema,
} as const;

export function submitAnswer(
  { job, isRepeated }: Submitted,
  status: JobStatus | undefined,
): z.output<typeof submitAnswerSchema> {
  return {
    schema: "noctua.submit/v1",
    job,
    isRepeated,
    status: status === undefined ? null : jobInJson(status),
  };
}

/** `ended`: undefined when it was interrupted. */
export function runAnswer(
  workdir: string,
  ended: { readonly status: JobStatus; readonly reportFile: string } | undefined,
): z.output<typeof runAnswerSchema> {
  return {
    schema: "noctua.run/v1",
    workdir,
    isOver: ended !== undefined,
    status: ended === undefined ? null : jobInJson(ended.status),
    reportFile: ended?.reportFile ?? null,
  };
}

export function addAnswer(
  job: number,
  { firstRange, ranges, isRepeated }: Added,
): z.output<typeof addAnswerSchema> {
  return { schema: "noctua.add/v1", job, firstRange, ranges, isRepeated };
}
