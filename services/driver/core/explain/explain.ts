// Why something is not running, from the state itself (P9). Nothing is kept for it: who asks pays, once.
//
//   Q1. Whatever is asked about gets a whole sentence that a person understands, or the word that there is no such thing
//       and what there is instead.
//   Q2. A job or range that is at work and that nobody holds is said to wait, and for what.
//   Q3. No pass over the ranges of a job: what is held, waiting or failed is found by its counts and sets.

import { unreachable } from "../../../shared/core/assert.js";
import type { Bench } from "../bench.js";
import { explainJob } from "./explain-job.js";
import { unknownJob } from "../state/farm.js";
import { explainNode } from "./explain-node.js";
import { explainRange, rangeOfEvent } from "./explain-range.js";
import type { Explanation, Question, Unknown } from "./explanation.js";
import type { JobView } from "../state/job.js";

export function explain(bench: Bench, question: Question): Explanation | Unknown {
  if (question.kind === "node") return explainNode(bench, question.name);
  const job = bench.farm.jobs.get(question.job);
  return job === undefined
    ? { unknown: unknownJob(bench.farm, question.job) }
    : explainOfJob(bench, job, question);
}

function explainOfJob(
  bench: Bench,
  job: JobView,
  question: Exclude<Question, { kind: "node" }>,
): Explanation | Unknown {
  if (job.stage.kind === "broken") return explainJob(bench, job); // More is not known of it.
  switch (question.kind) {
    case "job":
      return explainJob(bench, job);
    case "range":
      return question.range < job.table.ranges
        ? explainRange(bench, job, question.range)
        : { unknown: unknownRange(job, question.range) };
    case "event": {
      const found = rangeOfEvent(job, question);
      return typeof found === "number" ? explainRange(bench, job, found) : found;
    }
    default:
      return unreachable(question);
  }
}

function unknownRange({ number, table }: JobView, range: number): string {
  const known = table.ranges === 0 ? "it has none" : `they are numbered from 0 to ${table.ranges - 1}`;
  return `expected the number of a range of job ${number}, found ${range}: ${known}`;
}
