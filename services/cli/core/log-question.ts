// Whose logs somebody wants to see.

import { assert } from "../../shared/core/assert.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { LoggedMerge, LoggedRange } from "../../shared/core/logged.js";
import { questionOf, type Asked, type Question } from "./question.js";

/** All of a job, one of its ranges, or the ranges that have one event; all of its merges, or one merge group. */
export type LogQuestion =
  | Extract<Question, { kind: "job" | "range" | "event" }>
  | { readonly kind: "merges"; readonly job: JobNumber }
  | { readonly kind: "group"; readonly job: JobNumber; readonly group: number };

/** `merge`: the number of a group, or true for those of all. A sentence on what was expected, when it makes no sense. */
export function logQuestionOf(
  job: JobNumber,
  { range, event, merge }: Pick<Asked, "range" | "event"> & { readonly merge: number | true | undefined },
): LogQuestion | string {
  if (merge === undefined) {
    const question = questionOf({ job, range, event, node: undefined });
    if (typeof question === "string") return question;
    assert(question.kind !== "node", "a question about a job");
    return question;
  }
  if (range !== undefined || event !== undefined)
    return "expected one thing whose logs to show, found several: a range, an event, or --merge";
  return merge === true ? { kind: "merges", job } : { kind: "group", job, group: merge };
}

/** Whether many things are asked for at once: then what failed is shown, or what was written last. */
export function isOfMany({ kind }: LogQuestion): boolean {
  return kind === "job" || kind === "merges";
}

/** Whether the merge is asked for, by itself or among others. */
export function isMergeAskedFor(question: LogQuestion, { group }: Pick<LoggedMerge, "group">): boolean {
  return isOfMany(question) || (question.kind === "group" && question.group === group);
}

/** Whether the range is asked for by itself. */
export function isAskedFor(question: LogQuestion, range: LoggedRange): boolean {
  switch (question.kind) {
    case "job":
    case "merges":
    case "group":
      return false;
    case "range":
      return range.range === question.range;
    case "event":
      return (
        isMeant(range.input, question.path) && range.first <= question.event && question.event <= range.last
      );
  }
}

/** As `noctua explain` takes it: a path, or its end. */
function isMeant(path: string, said: string): boolean {
  return path === said || path.endsWith(`/${said.replace(/^\.?\/+/, "")}`);
}

/** In words. */
export function askedFor(question: LogQuestion): string {
  switch (question.kind) {
    case "job":
      return `job ${question.job}`;
    case "range":
      return `range ${question.range} of job ${question.job}`;
    case "event":
      return `event ${question.event} of ${question.path} in job ${question.job}`;
    case "merges":
      return `the merges of job ${question.job}`;
    case "group":
      return `merge group ${question.group} of job ${question.job}`;
  }
}
