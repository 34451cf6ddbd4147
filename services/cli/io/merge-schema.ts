// What a job file may say of merging: `none`, or which outputs make a group, and what fuses them.

import { z } from "zod";
import {
  groupOutputsMax,
  nothingToMerge,
  type MergeGrouping,
  type MergeSpec,
  type MergeTool,
} from "../../shared/core/job-spec.js";
import { checkPlaceholders, mergePlaceholders } from "../core/placeholders.js";
import { command } from "./command-schema.js";
import { readAs, readBy } from "./described.js";
import { duration, wholeNumber, yesOrNo } from "./schema-values.js";

const kinds = ["concat", "tar", "command"] as const;
const groupings = ["arrival", "range"] as const;

const orAll = ", or all";
const every = z.union([z.literal("all"), wholeNumber(1, groupOutputsMax, orAll)], {
  error: `a whole number from 1 to ${groupOutputsMax}${orAll}`,
});

const rule = z
  .strictObject(
    {
      grouping: z
        .enum(groupings, { error: `one of ${groupings.join(", ")}` })
        .default("arrival")
        .describe(
          "arrival: whatever is done first. range: ranges that follow each other, the same in every run.",
        ),
      every: every.default(100).describe("Outputs that make a merged file. all: as many as there are."),
      acrossFiles: yesOrNo()
        .optional()
        .describe("true: groups by range reach across inputs; by default each is of one input."),
      maxDelay: duration("1ms")
        .optional()
        .describe(
          "A smaller merged file when an output has waited so long; by default it waits for the others.",
        ),
      kind: z
        .enum(kinds, { error: `one of ${kinds.join(", ")}` })
        .default("concat")
        .describe(
          "concat joins the bytes of outputs, tar makes an archive of them, command runs one of yours.",
        ),
      command: command(mergePlaceholders)
        .optional()
        .describe(
          "For kind: command. {inputs} is a file with a path on each line, {output} the file to be made; also {guid}, {jobDir}.",
        )
        .meta({ examples: [["hadd", "{output}", "@{inputs}"]] }),
      count: command(checkPlaceholders)
        .optional()
        .describe(
          "Prints first how many events are in the merged file {output}; another number fails the try.",
        ),
      check: command(checkPlaceholders)
        .optional()
        .describe("Ends with exit code 0 when the merged file {output} is good."),
      attempts: wholeNumber(1, 100).default(3).describe("Tries before a group is given up."),
      timeout: duration("1ms").prefault("1h").describe("Of each of the commands."),
    },
    { error: "none, or a merge rule such as { every: 100, kind: concat }" },
  )
  .superRefine(({ kind, command: given, grouping, acrossFiles, maxDelay }, context) => {
    const wrong = (path: string, message: string, input: unknown): void => {
      context.addIssue({ code: "custom", message, path: [path], input });
    };
    if (kind === "command" && given === undefined)
      wrong("command", "the command that kind: command runs", given);
    if (kind !== "command" && given !== undefined) wrong("command", "no command, or kind: command", given);
    if (grouping === "arrival" && acrossFiles !== undefined)
      wrong(
        "acrossFiles",
        "grouping: range beside it, since arrival always groups across files",
        acrossFiles,
      );
    if (grouping === "range" && maxDelay !== undefined)
      wrong("maxDelay", "none beside grouping: range, whose groups are the same in every run", maxDelay);
  });

/** Looked at as a rule unless it is `none`, so that each mistake in it is told. */
export const mergeSchema = readAs<z.output<typeof rule> | "none">(
  z.union([z.literal("none"), rule]),
  (written, context) => (written === "none" ? "none" : readBy(rule, written, context)),
).prefault({});

export const namesOfMerge: readonly string[] = Object.keys(rule.shape);

type Rule = z.output<typeof rule>;

export function mergeOf(merge: z.output<typeof mergeSchema>): MergeSpec {
  if (merge === "none") return nothingToMerge;
  const { every: said, count = [], check = [] } = merge;
  return {
    grouping: groupingOf(merge),
    everyOutputs: said === "all" ? groupOutputsMax : said,
    tool: toolOf(merge),
    attemptsMax: merge.attempts,
    timeoutMs: merge.timeout,
    ...(count.length + check.length > 0 ? { checks: { count, check } } : {}),
  };
}

function groupingOf({ grouping, acrossFiles = false, maxDelay }: Rule): MergeGrouping {
  return grouping === "range" ? { kind: "range", acrossFiles } : { kind: "arrival", maxDelayMs: maxDelay };
}

/** The schema has looked at what goes with what. */
function toolOf({ kind, command: given }: Rule): MergeTool {
  if (given !== undefined) return { kind: "command", command: given };
  return { kind: kind === "tar" ? "tar" : "concat" };
}
