// How payload processes end, and what becomes of their ranges: T3 to T6 of stream.ts.

import { assert } from "../../shared/core/assert.js";
import { failureOf, type Failure } from "../../shared/core/failure.js";
import { failureOfProcess, type ProcessOutcome } from "../../shared/core/process-failure.js";
import type { Handed, Phase, Stream, StreamAction, StreamEnd, StreamRules } from "./stream-state.js";

const fruitlessStartsMax = 3;
const pauseMsFirst = 1_000;
const pauseMsLast = 60_000;

/** For the sake of a range, if it is known of which (T3). */
export function breakOff(stream: Stream, flaw: string, out: StreamAction[], culprit?: string): void {
  const failure = failureOf("transient", `the payload broke its protocol: ${flaw}`);
  endProcess(stream, { failure, culprit }, out);
}

export function endProcess(
  stream: Stream,
  { failure, culprit }: Pick<Extract<Phase, { kind: "ending" }>, "failure" | "culprit">,
  out: StreamAction[],
): void {
  const { phase } = stream;
  if (phase.kind !== "starting" && phase.kind !== "ready") return;
  stream.phase = { kind: "ending", wasReady: phase.kind === "ready", failure, culprit };
  out.push({ kind: "end-process", reason: failure?.message ?? "its ranges are no longer wanted" });
}

/** (T4) */
export function ended(stream: Stream, end: ProcessOutcome, nowMs: number, out: StreamAction[]): void {
  const { phase } = stream;
  const isOurs = phase.kind === "ending";
  const wasReady = phase.kind === "ready" || (isOurs && phase.wasReady);
  const failure =
    isOurs && phase.failure !== undefined
      ? { ...phase.failure, stderrTail: end.stderrTail }
      : failureOfEnd(end, stream.rules, wasReady);
  if (!wasReady) {
    notStarted(stream, failure, nowMs, out);
    return;
  }
  const culprit = isOurs ? phase.culprit : undefined;
  endTold(stream, { failure, culprit }, out);
  const pauseMs = pauseAfter(stream.fruitless);
  stream.fruitless += 1;
  stream.idleSinceMs = nowMs;
  stream.answered.clear();
  stream.phase = pauseMs === 0 ? { kind: "absent" } : { kind: "pausing", untilMs: nowMs + pauseMs };
}

function failureOfEnd(end: ProcessOutcome, { failures }: StreamRules, wasReady: boolean): Failure {
  const failure = failureOfProcess("payload", end, 0, failures);
  const expected = wasReady ? "to go on until it is told to stop" : "to say that it is ready";
  if (failure === undefined) {
    return {
      ...failureOf("transient", `expected the payload ${expected}, found that it ended with exit code 0`),
      exitCode: 0,
      stderrTail: end.stderrTail,
    };
  }
  return { ...failure, message: failure.message.replace("to end with exit code 0", expected) };
}

/** (T6) */
export function notStarted(stream: Stream, failure: Failure, nowMs: number, out: StreamAction[]): void {
  const pauseMs = Math.max(pauseMsFirst, pauseAfter(stream.fruitless));
  stream.fruitless += 1;
  stream.failedStarts += 1;
  stream.idleSinceMs = nowMs;
  stream.phase = { kind: "pausing", untilMs: nowMs + pauseMs };
  const isFatal = failure.class === "fatal";
  const [first] = stream.ranges.keys();
  if (first === undefined || (!isFatal && stream.failedStarts < fruitlessStartsMax)) return;
  const failureClass = isFatal ? "fatal" : "node";
  endRange(stream, first, { kind: "failure", failure: { ...failure, class: failureClass } }, out);
}

/** (T5) */
function pauseAfter(fruitless: number): number {
  return fruitless === 0 ? 0 : Math.min(pauseMsLast, pauseMsFirst * 2 ** (fruitless - 1));
}

/** (T4) */
function endTold(
  stream: Stream,
  why: { readonly failure: Failure; readonly culprit: string | undefined },
  out: StreamAction[],
): void {
  const told = [...stream.ranges.values()].filter(({ isTold }) => isTold);
  const running = told.filter(({ sinceMs }) => sinceMs !== undefined);
  for (const handed of told) {
    const { id } = handed.range;
    const isToBlame = why.culprit === undefined ? running.length === 1 : why.culprit === id;
    if (handed.isCancelled) endRange(stream, id, { kind: "aborted" }, out);
    else if (handed.sinceMs === undefined) takeBack(stream, handed);
    else
      endRange(stream, id, isToBlame ? { kind: "failure", failure: why.failure } : { kind: "suspect" }, out);
  }
}

/** The next process is told of it. */
function takeBack(stream: Stream, handed: Handed): void {
  handed.isTold = false;
  stream.untold.add(handed);
}

export function endRange(stream: Stream, id: string, end: StreamEnd, out: StreamAction[]): void {
  const handed = stream.ranges.get(id);
  assert(handed !== undefined, `range ${id} has not come to its end before`);
  stream.ranges.delete(id);
  stream.untold.delete(handed);
  if (handed.isCancelled) stream.cancelled -= 1;
  const queue = stream.queues.get(handed.range.slot);
  queue?.splice(queue.indexOf(handed), 1);
  const { output } = handed.range;
  out.push(handed.isRecalled ? { kind: "forget-range", output } : { kind: "end-range", id, end });
}
