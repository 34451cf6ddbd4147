// Whose fault it is when the program is wrong.
//
//   F1. What is thrown while one job is looked at or changed is that job's fault, and nobody else's (apply/contain.ts).

import type { JobNumber } from "../../../shared/core/id.js";
import type { Fault } from "../facts/fact-broken.js";

/** Something that the program takes for granted does not hold in that job. */
export class JobFault extends Error {
  override readonly name = "JobFault";
  readonly job: JobNumber;
  readonly doing: string;

  constructor(job: JobNumber, doing: string, cause: unknown) {
    super(`job ${job}, while ${doing}: ${messageOf(cause)}`, { cause });
    this.job = job;
    this.doing = doing;
  }

  get fault(): Fault {
    const { cause, doing } = this;
    const trace = cause instanceof Error ? (cause.stack ?? "") : "";
    return {
      reason: clipped(messageOf(cause), reasonMax),
      doing: clipped(doing, reasonMax),
      trace: clipped(trace, traceMax),
    };
  }
}

/** In characters. */
const reasonMax = 1_000;
const traceMax = 4_000;

function clipped(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

/** Whatever is thrown by the work is that job's fault (F1). `doing` goes on from "while". */
export function insideJob<Result>(job: JobNumber, doing: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw faultOf(job, doing, error);
  }
}

/** The same for what is decided lazily. */
export function* factsInsideJob<Item, Result>(
  job: JobNumber,
  doing: string,
  facts: Iterable<Item, Result>,
): Generator<Item, Result, void> {
  try {
    return yield* facts;
  } catch (error) {
    throw faultOf(job, doing, error);
  }
}

function faultOf(job: JobNumber, doing: string, error: unknown): JobFault {
  return error instanceof JobFault ? error : new JobFault(job, doing, error);
}
