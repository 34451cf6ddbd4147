// For tests: a payload process's stream, told things one after the other.

import type { ProcessOutcome } from "../../shared/core/process-failure.js";
import { newStream, type Stream, type StreamAction, type StreamEvent } from "./stream-state.js";
import { stepStream, streamWakeAtMs } from "./stream.js";
import type { FromPayload } from "./stream-words.js";

const rules = {
  failures: [{ exitCodes: [65], signals: [], timeout: false, class: "event" as const }],
  startTimeoutMs: 60_000,
  rangeTimeoutMs: 10_000,
  cancelMs: 1_000,
  idleMs: 300_000,
};

/** A stream with its clock. */
export class ToldStream {
  readonly stream: Stream = newStream(rules, 0);
  nowMs = 0;
  readonly #actions: StreamAction[] = [];

  tell(event: StreamEvent): this {
    this.#actions.push(...stepStream(this.stream, event, this.nowMs));
    return this;
  }

  /** Each into a slot of its own, from 0. */
  hand(...ids: string[]): this {
    for (const [slot, id] of ids.entries()) this.handTo(slot, id);
    return this;
  }

  handTo(slot: number, id: string): this {
    return this.tell({
      kind: "ranges-handed",
      ranges: [{ id, slot, input: "/in", first: 1, last: 2, output: "/out" }],
    });
  }

  hear(...words: FromPayload[]): this {
    return this.tell({ kind: "heard", words });
  }

  ready(): this {
    return this.hear({ type: "ready" });
  }

  done(id: string): this {
    return this.hear({ type: "done", id });
  }

  ended(end: Partial<ProcessOutcome> = {}): this {
    const clean = { exitCode: 1, signal: "", timedOut: false, stderrTail: "last words" };
    return this.tell({ kind: "ended", end: { ...clean, ...end } });
  }

  pass(ms: number): this {
    this.nowMs += ms;
    return this.tell({ kind: "tick" });
  }

  /** Time goes on until something is due, and to it. */
  passUntilDue(): this {
    return this.pass((streamWakeAtMs(this.stream) ?? this.nowMs) - this.nowMs);
  }

  /** What was wanted since the last time, in short. */
  wanted(): string[] {
    return this.#actions.splice(0).map((action) => {
      if (action.kind === "tell-process") return lineWords(action.text);
      if (action.kind === "begun") return `begun ${action.id}`;
      if (action.kind !== "end-range") return action.kind;
      const { end, id } = action;
      return `${id} ${end.kind === "failure" ? `${end.failure.class}: ${end.failure.message}` : end.kind}`;
    });
  }
}

function lineWords(text: string): string {
  return text
    .trimEnd()
    .replaceAll(/\{"type":"(\w+)","id":"([\d.]+)".*\}/g, "<$1 $2>")
    .replaceAll("\n", " ");
}

/** Ready, with these ranges under way. */
export function atWork(...ids: string[]): ToldStream {
  const told = new ToldStream().hand(...ids).ready();
  told.wanted();
  return told;
}
