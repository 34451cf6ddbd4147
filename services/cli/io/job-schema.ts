// What a job file may say. The message of each check is what it expects, so that a mistake can name what was found.

import { z } from "zod";
import { defaultSpeculation } from "../../shared/core/job-spec.js";
import { readAs, readBy } from "./described.js";
import { inputSchema, inputsMax, namesOfInput } from "./input-schema.js";
import { labelsSchema } from "./label-schema.js";
import { namesOfRetry, retrySchema } from "./retry-schema.js";
import { mergeSchema, namesOfMerge } from "./merge-schema.js";
import { namesOfPayload, namesOfSetup, payload } from "./payload-schema.js";
import { text, wholeNumber, yesOrNo } from "./schema-values.js";

const uint32Max = 0xffff_ffff;

export const inputsExpected = `a list of 1 to ${inputsMax} inputs`;

const variantsMax = 64;
const variant = z.strictObject(
  {
    requires: labelsSchema.describe("Labels of the nodes where it is run."),
    payload: payload.describe("What is run there instead."),
  },
  { error: "a variant such as { requires: { arch: arm64 }, payload: { … } }" },
);

/** Letters, digits, dots and dashes; ".tmp" is what Noctua calls files that are not whole yet. */
const suffixExpected =
  "an ending of at most 64 letters, digits, '.', '_' or '-', such as .jsonl, and not .tmp";
const suffix = text(suffixExpected, /^(?!.*\.tmp$)[\w.-]{0,64}$/);

const nameExpected = "a name of 1 to 64 letters, digits, '.', '_' or '-', the first no '.'";

const factorExpected = "a number from 1 to 100";
const factor = z
  .number({ error: factorExpected })
  .min(1, { error: factorExpected })
  .max(100, { error: factorExpected });

const inputsForm = z.array(inputSchema, { error: inputsExpected }).max(inputsMax, { error: inputsExpected });

/** A job file, whole, before its inputs are looked at. The descriptions are what editors and docs/job-file.md show. */
export const jobFileSchema = z.strictObject(
  {
    name: text(nameExpected, /^(?!\.)[\w.-]{1,64}$/).describe(
      "For people, and the beginning of merged files' names.",
    ),
    inputs: readAs(inputsForm.meta({ type: ["array", "null"] }), (written, context) =>
      readBy(inputsForm, written ?? [], context),
    )
      .default([])
      .describe("Input files, and how many events each has. Only a job with open: true may begin with none."),
    eventsPerRange: wholeNumber(1, uint32Max)
      .default(1)
      .describe("Events that a payload is given at a time; a range is done or failed as a whole."),
    payload: payload.describe("The program that processes a range."),
    outputs: z
      .enum(["files", "none"], { error: "one of files, none" })
      .default("files")
      .describe("none: ranges make no files, and what counts is that each is done."),
    output: z
      .strictObject(
        { suffix: suffix.default("").describe("Ending of output and merged files, with its dot.") },
        { error: "such as { suffix: .jsonl }" },
      )
      .prefault({})
      .describe("How outputs are called."),
    merge: mergeSchema.describe("How outputs become merged files; none: they stay as they are."),
    retry: retrySchema.prefault({}).describe("What failures mean, and how often a range is tried."),
    requires: labelsSchema.prefault({}).describe("Labels that a node must have to be given ranges."),
    variants: z
      .array(variant, { error: `a list of at most ${variantsMax} variants` })
      .max(variantsMax, { error: `a list of at most ${variantsMax} variants` })
      .default([])
      .describe("Other payloads for nodes with certain labels; the first that fits is run."),
    priority: wholeNumber(-1_000_000, 1_000_000)
      .default(0)
      .describe("Jobs of a higher one are served first; of one priority, those that came first."),
    open: yesOrNo().default(false).describe("true: inputs may be added until noctua close."),
    speculation: z
      .strictObject(
        {
          enabled: yesOrNo().default(defaultSpeculation.enabled).describe("false: no copies."),
          factor: factor
            .default(defaultSpeculation.factor)
            .describe("What takes so many times as long as nearly all others took is copied."),
        },
        { error: "such as { enabled: true, factor: 2 }" },
      )
      .prefault({})
      .describe(
        "Near the end, idle slots get copies of ranges that run for very long; the first output wins.",
      ),
    durability: z
      .enum(["strict", "relaxed"], { error: "one of strict, relaxed" })
      .default("strict")
      .describe("relaxed: outputs are not fsynced before they are reported; one that is lost is done again."),
  },
  { error: "a mapping with name, inputs and payload" },
);

/** What one request may add to a job. */
export const addedInputsMax = 10_000;
const addedExpected = `a list of 1 to ${addedInputsMax} inputs`;

/** Inputs that are to be added to an open job. */
export const inputListSchema = z.strictObject(
  {
    inputs: z
      .array(inputSchema, { error: addedExpected })
      .min(1, { error: addedExpected })
      .max(addedInputsMax, { error: addedExpected }),
  },
  { error: "a mapping with inputs, as in a job file" },
);

export type JobFile = z.output<typeof jobFileSchema>;

/** Names that may stand where a name was not known. */
export function knownNames(path: readonly (string | number)[]): readonly string[] {
  const [head, ...rest] = path;
  if (head === undefined) return Object.keys(jobFileSchema.shape);
  if (head === "inputs") return namesOfInput(rest);
  if (rest.at(-1) === "setup") return namesOfSetup;
  if (head === "payload") return namesOfPayload;
  if (head === "variants") return rest.length === 1 ? Object.keys(variant.shape) : namesOfPayload;
  if (head === "merge") return namesOfMerge;
  if (head === "output") return ["suffix"];
  if (head === "speculation") return ["enabled", "factor"];
  return head === "retry" ? namesOfRetry(rest) : [];
}
