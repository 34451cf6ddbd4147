// Whose logs somebody wants to see.

import type { LoggedRange } from "../../shared/core/logged.js";
import type { Question } from "./question.js";

/** All of a job, one of its ranges, or the ranges that have one event. */
export type LogQuestion = Extract<Question, { kind: "job" | "range" | "event" }>;

/** Whether the range is asked for by itself. */
export function isAskedFor(question: LogQuestion, range: LoggedRange): boolean {
  switch (question.kind) {
    case "job":
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
  }
}
