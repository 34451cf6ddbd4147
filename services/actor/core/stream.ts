// A payload process that processes range after range, as its actor sees it: when it is begun, fed, ended and begun again.
//
//   T1. Every range that is handed to it comes to one end, if all that it wants done is done.
//   T2. A process is told of no range before it is ready. It processes those of a slot in their order: it works on the first
//       that it has not answered.
//   T3. One that says what makes no sense, or nothing for too long, is ended.
//   T4. When a process ends, what it was not working on waits for the next one. What it was working on failed, if that was one
//       range; of several, nobody knows whose fault it was: they are suspects. A range that took too long is to blame, and one
//       that was answered twice: those that run beside or behind it are suspects.
//   T5. A process that ended is followed by another at once if it had processed a range, and else after a pause: a second,
//       and twice as long each time, up to a minute.
//   T6. Nobody waits for ever for a program that does not start: from the third time on, and at once where no node could
//       start it, each failure to start is that of one waiting range.
//   T7. What is no longer wanted is answered in any case. When a process works on nothing else, it is ended if it answers
//       nothing for too long.
//   T8. What is recalled and has not begun is at its end at once. Its process hears of it as of what is no longer wanted, and
//       what it may make of it all the same is forgotten.

import { assert, unreachable } from "../../shared/core/assert.js";
import { failureOf, type Failure } from "../../shared/core/failure.js";
import { failureOfProcess } from "../../shared/core/process-failure.js";
import { breakOff, ended, endProcess, endRange, notStarted } from "./stream-end.js";
import type { Handed, Stream, StreamAction, StreamEnd, StreamEvent, StreamRules } from "./stream-state.js";
import { flawOf, lineTo, type FromPayload, type PayloadAnswer, type StreamRange } from "./stream-words.js";

/** Tells what happened, and returns what is to be done, in this order. */
export function stepStream(stream: Stream, event: StreamEvent, nowMs: number): readonly StreamAction[] {
  if (stream.phase.kind === "stopped") return [];
  const out: StreamAction[] = [];
  take(stream, event, nowMs, out);
  settle(stream, nowMs, out);
  return out;
}

/** When the next `tick` is due; undefined when there is none. */
export function streamWakeAtMs(stream: Stream): number | undefined {
  const { phase, rules, ranges } = stream;
  if (phase.kind === "pausing" || phase.kind === "starting") return phase.untilMs;
  if (phase.kind === "ready" && ranges.size > 0) return dueOf(stream)?.atMs;
  return phase.kind === "ready" || phase.kind === "absent" ? stream.idleSinceMs + rules.idleMs : undefined;
}

function take(stream: Stream, event: StreamEvent, nowMs: number, out: StreamAction[]): void {
  switch (event.kind) {
    case "ranges-handed":
      for (const range of event.ranges) hand(stream, range);
      break;
    case "range-cancelled":
      cancel(stream, event.id, nowMs, out);
      break;
    case "range-recalled":
      recall(stream, event.id, nowMs, out);
      break;
    case "heard":
      for (const word of event.words) hear(stream, word, nowMs, out);
      break;
    case "ended":
      ended(stream, event.end, nowMs, out);
      break;
    case "not-started":
      notStarted(stream, event.failure, nowMs, out);
      break;
    case "took-too-much":
      if (stream.phase.kind === "ready") endProcess(stream, event, out);
      break;
    case "closed":
      for (const id of [...stream.ranges.keys()]) endRange(stream, id, { kind: "aborted" }, out);
      stop(stream, out);
      break;
    case "tick":
      break;
    default:
      unreachable(event);
  }
}

function hand({ ranges, untold, queues }: Stream, range: StreamRange): void {
  const { id, slot } = range;
  assert(!ranges.has(id), `range ${id} is handed to its process once`);
  const handed: Handed = { range, isTold: false, sinceMs: undefined, isCancelled: false, isRecalled: false };
  ranges.set(id, handed);
  untold.add(handed);
  const queue = queues.get(slot);
  if (queue === undefined) queues.set(slot, [handed]);
  else queue.push(handed);
}

/** (T7) */
function cancel(stream: Stream, id: string, nowMs: number, out: StreamAction[]): void {
  const handed = stream.ranges.get(id);
  if (handed === undefined || handed.isCancelled) return; // It has come to its end meanwhile.
  if (!handed.isTold) {
    endRange(stream, id, { kind: "aborted" }, out);
    return;
  }
  tellCancelled(stream, handed, nowMs, out);
}

/** (T8) */
function recall(stream: Stream, id: string, nowMs: number, out: StreamAction[]): void {
  const handed = stream.ranges.get(id);
  if (handed === undefined || handed.isCancelled || handed.sinceMs !== undefined) return;
  const end = { kind: "aborted" } as const;
  if (!handed.isTold) {
    endRange(stream, id, end, out);
    return;
  }
  tellCancelled(stream, handed, nowMs, out);
  handed.isRecalled = true;
  out.push({ kind: "end-range", id, end });
}

function tellCancelled(stream: Stream, handed: Handed, nowMs: number, out: StreamAction[]): void {
  handed.isCancelled = true;
  stream.cancelled += 1;
  stream.cancelledAtMs = nowMs;
  if (stream.phase.kind === "ready") tell(out, lineTo({ type: "cancel", id: handed.range.id }));
}

function hear(stream: Stream, word: FromPayload, nowMs: number, out: StreamAction[]): void {
  const { phase } = stream;
  if (word.type === "flaw") {
    breakOff(stream, word.message, out);
    return;
  }
  if (phase.kind === "ending") return; // What it said before it felt the signal.
  if (word.type === "ready") {
    if (phase.kind !== "starting") breakOff(stream, flawOf("one ready", "another").message, out);
    else {
      stream.phase = { kind: "ready" };
      stream.failedStarts = 0;
      stream.idleSinceMs = nowMs;
    }
    return;
  }
  const handed = phase.kind === "ready" ? stream.ranges.get(word.id) : undefined;
  if (handed?.isTold !== true) {
    hearOfNone(stream, word.id, out);
    return;
  }
  if (word.type === "progress") {
    out.push({ kind: "progressed", id: word.id, events: word.events });
    return;
  }
  if (word.type === "cancelled" && !handed.isCancelled) {
    breakOff(stream, flawOf("cancelled only of a range that it was told to cancel", word.id).message, out);
    return;
  }
  if (word.type === "done") stream.fruitless = 0; // (T5)
  stream.idleSinceMs = nowMs;
  stream.answered.set(handed.range.slot, word.id);
  endRange(stream, word.id, endOf(word, handed, nowMs), out);
  beginNext(stream, handed.range.slot, nowMs, out);
}

/** It speaks of what it does not have. Where it answered that before, those that it has are not to blame (T4). */
function hearOfNone(stream: Stream, id: string, out: StreamAction[]): void {
  const { message } = flawOf("the id of a range that it was given and has not answered yet", id);
  const wasAnswered = [...stream.answered.values()].includes(id);
  breakOff(stream, message, out, wasAnswered ? id : undefined);
}

function endOf(word: PayloadAnswer, { sinceMs, isCancelled }: Handed, nowMs: number): StreamEnd {
  if (word.type === "done") return { kind: "made", wallMs: nowMs - (sinceMs ?? nowMs) };
  if (word.type === "cancelled" || isCancelled) return { kind: "aborted" };
  return {
    kind: "failure",
    failure: failureOf(
      word.class,
      word.message === "" ? "the payload says that the range failed, and not why" : word.message,
    ),
  };
}

/** Does what follows from how things stand. */
function settle(stream: Stream, nowMs: number, out: StreamAction[]): void {
  endWhatIsDue(stream, nowMs, out);
  if (stream.phase.kind === "pausing" && nowMs >= stream.phase.untilMs) stream.phase = { kind: "absent" };
  const { phase, ranges, rules } = stream;
  if (phase.kind === "ready") feed(stream, nowMs, out);
  if (ranges.size === 0) {
    const isIdle = phase.kind === "ready" || phase.kind === "absent";
    if (isIdle && nowMs >= stream.idleSinceMs + rules.idleMs) stop(stream, out);
    return;
  }
  if (phase.kind === "absent") {
    stream.phase = { kind: "starting", untilMs: nowMs + rules.startTimeoutMs };
    out.push({ kind: "start-process" });
  }
}

/** (T2) */
function feed(stream: Stream, nowMs: number, out: StreamAction[]): void {
  if (stream.untold.size === 0) return;
  let text = "";
  for (const handed of stream.untold) {
    handed.isTold = true;
    text += lineTo({ type: "range", ...handed.range });
  }
  const slots = new Set([...stream.untold].map(({ range }) => range.slot));
  stream.untold.clear();
  tell(out, text);
  for (const slot of slots) beginNext(stream, slot, nowMs, out);
}

/** The process works on the first range of a slot that it was told of. */
function beginNext({ queues }: Stream, slot: number, nowMs: number, out: StreamAction[]): void {
  const first = queues.get(slot)?.[0];
  if (first?.isTold !== true || first.sinceMs !== undefined) return;
  first.sinceMs = nowMs;
  if (!first.isRecalled) out.push({ kind: "begun", id: first.range.id });
}

/** (T3, T7) */
function endWhatIsDue(stream: Stream, nowMs: number, out: StreamAction[]): void {
  const { phase, rules } = stream;
  if (phase.kind === "starting" && nowMs >= phase.untilMs) {
    const message = `expected the payload to be ready within ${String(rules.startTimeoutMs / 1_000)} s, and ended it after that`;
    endProcess(stream, { failure: failureOf("node", message), culprit: undefined }, out);
    return;
  }
  const due = phase.kind === "ready" ? dueOf(stream) : undefined;
  if (due === undefined || nowMs < due.atMs) return;
  const why = { failure: due.id === undefined ? undefined : timedOut(rules), culprit: due.id };
  endProcess(stream, why, out);
}

function timedOut({ rangeTimeoutMs, failures }: StreamRules): Failure | undefined {
  const end = { exitCode: undefined, signal: "", timedOut: true, stderrTail: "" };
  return failureOfProcess("payload", end, rangeTimeoutMs, failures);
}

function tell(out: StreamAction[], text: string): void {
  out.push({ kind: "tell-process", text });
}

/** When the process is to be ended, and for the sake of which range; undefined when it works on none. */
function dueOf(stream: Stream): { readonly atMs: number; readonly id: string | undefined } | undefined {
  const { ranges, untold, queues, rules, cancelled, cancelledAtMs, idleSinceMs } = stream;
  let due: { readonly atMs: number; readonly id: string | undefined } | undefined;
  for (const [first] of queues.values()) {
    if (first?.sinceMs === undefined) continue;
    const atMs = first.sinceMs + rules.rangeTimeoutMs;
    if (due === undefined || atMs < due.atMs) due = { atMs, id: first.range.id };
  }
  const isAllCancelled = cancelled > 0 && cancelled === ranges.size - untold.size;
  const atMs = Math.max(cancelledAtMs, idleSinceMs) + rules.cancelMs;
  return isAllCancelled && (due === undefined || atMs < due.atMs) ? { atMs, id: undefined } : due;
}

function stop(stream: Stream, out: StreamAction[]): void {
  stream.phase = { kind: "stopped" };
  out.push({ kind: "stop" });
}
