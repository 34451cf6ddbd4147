// One payload process that lives for many ranges: what the core decides about it (core/stream.ts), lived.
//
//   S1. Its processes come one after the other, each in a folder of its own, and are gone when `closed` resolves.
//   S2. It is told things in the order in which they are decided; what it says is heard in its order, and before its end.

import { rm } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { unreachable } from "../../shared/core/assert.js";
import type { Clock } from "../../shared/core/clock.js";
import { failureOf, stderrTailBytesMax } from "../../shared/core/failure.js";
import { CoreRunner } from "../../shared/io/core-runner.js";
import { errorMessage } from "../../shared/io/error-code.js";
import { StartFailure } from "../../shared/io/process-group.js";
import { after } from "../../shared/io/system-clock.js";
import { ByteTail } from "../../shared/io/text-tail.js";
import type { RunProgram } from "../../shared/io/user-programs.js";
import { stepStream, streamWakeAtMs } from "../core/stream.js";
import {
  newStream,
  type Stream,
  type StreamAction,
  type StreamEnd,
  type StreamEvent,
  type StreamRules,
} from "../core/stream-state.js";
import { lineTo, type StreamRange, type ToPayload } from "../core/stream-words.js";
import { Gathered } from "./gathered.js";
import { StreamLines } from "./stream-lines.js";

export interface StreamProcessOptions {
  readonly clock: Clock;
  readonly rules: StreamRules;
  readonly command: readonly string[];
  readonly environment: (folder: string) => Readonly<Record<string, string>>;
  /** Makes an empty folder for a process. */
  readonly newFolder: () => Promise<string>;
  /** The first thing that a process hears. */
  readonly opening: (folder: string) => ToPayload;
  /** From TERM to KILL; and from being asked to stop to TERM. */
  readonly graceMs: number;
  readonly runProgram: RunProgram;
  readonly onOutput: (piece: Buffer) => void;
  readonly onBegin: (id: string) => void;
  readonly onProgress: (id: string, events: number) => void;
  readonly onEnd: (id: string, end: StreamEnd) => void;
  /** What there may be of this output is nobody's. */
  readonly onForget: (output: string) => void;
  /** Signals are sent, and why. */
  readonly onEnding: (reason: string) => void;
  /** No range is to come here any more. */
  readonly onStop: () => void;
  readonly fail: (error: unknown) => void;
}

const never = new AbortController().signal;

export class StreamProcess {
  readonly #options: StreamProcessOptions;
  readonly #stream: Stream;
  readonly #runner: CoreRunner<StreamEvent, StreamAction>;
  #stderr = new ByteTail(stderrTailBytesMax);
  readonly #handed = new Gathered<StreamRange>((ranges) =>
    this.#runner.tell({ kind: "ranges-handed", ranges }),
  );
  #to: Writable | undefined;
  #stop = new AbortController();
  /** Resolves when no process of it is left. */
  closed: Promise<void> = Promise.resolve();

  constructor(options: StreamProcessOptions) {
    const { clock, fail } = options;
    this.#options = options;
    this.#stream = newStream(options.rules, clock.nowMs());
    this.#runner = new CoreRunner<StreamEvent, StreamAction>({
      clock,
      step: (event, nowMs) => stepStream(this.#stream, event, nowMs),
      wakeAtMs: () => streamWakeAtMs(this.#stream),
      act: (action) => this.#act(action),
      note: () => undefined,
      fail,
    });
  }

  get isIdle(): boolean {
    return this.#stream.ranges.size === 0 && this.#handed.isEmpty;
  }

  /** What is handed over in one moment is told in one piece. */
  hand(range: StreamRange): void {
    this.#handed.add(range);
  }

  tell(event: StreamEvent): void {
    this.#handed.flush();
    this.#runner.tell(event);
  }

  #act(action: StreamAction): void {
    switch (action.kind) {
      case "start-process":
        this.closed = this.#live();
        break;
      case "tell-process":
        this.#to?.write(action.text);
        break;
      case "end-process":
        this.#options.onEnding(action.reason);
        this.#stop.abort();
        break;
      case "stop":
        this.#askToStop();
        this.#options.onStop();
        break;
      case "begun":
        this.#options.onBegin(action.id);
        break;
      case "progressed":
        this.#options.onProgress(action.id, action.events);
        break;
      case "forget-range":
        if (action.output !== undefined) this.#options.onForget(action.output);
        break;
      case "end-range":
        this.#options.onEnd(action.id, this.#withLastWords(action.end));
        break;
      default:
        unreachable(action);
    }
  }

  /** What it wrote to stderr may tell more than its message. */
  #withLastWords(end: StreamEnd): StreamEnd {
    if (end.kind !== "failure" || end.failure.stderrTail !== "") return end;
    return { ...end, failure: { ...end.failure, stderrTail: this.#stderr.text() } };
  }

  #askToStop(): void {
    const stop = this.#stop;
    this.#to?.end(lineTo({ type: "stop" }));
    const cancel = after(this.#options.graceMs, () => stop.abort());
    this.closed = this.closed.finally(cancel);
  }

  /** One process, from its start to its end. Never rejects. */
  async #live(): Promise<void> {
    const { newFolder, graceMs, runProgram, onOutput, environment, command } = this.#options;
    const stop = (this.#stop = new AbortController());
    this.#stderr = new ByteTail(stderrTailBytesMax);
    let folder: string | undefined;
    try {
      folder = await newFolder();
      const cwd = folder;
      const group = {
        cwd,
        env: environment(cwd),
        graceMs,
        stop: stop.signal,
        onOutput,
        onStderr: (piece: Buffer) => this.#stderr.push(piece),
        onTalk: (to: Writable, from: Readable) => this.#talk(to, from, cwd),
      };
      const end = await runProgram(command, group, never);
      this.#to = undefined;
      this.tell({ kind: "ended", end });
    } catch (error) {
      this.#to = undefined;
      const failure =
        error instanceof StartFailure
          ? error.failure
          : failureOf("node", `cannot start the payload on this node: ${errorMessage(error)}`);
      this.tell({ kind: "not-started", failure });
    } finally {
      // Not waited for; what stays is swept with the scratch folder.
      if (folder !== undefined) void rm(folder, { recursive: true, force: true }).catch(() => undefined);
    }
  }

  #talk(to: Writable, from: Readable, folder: string): void {
    this.#to = to;
    to.write(lineTo(this.#options.opening(folder)));
    if (this.#stream.phase.kind === "stopped") to.end(lineTo({ type: "stop" }));
    const lines = new StreamLines();
    from.on("data", (piece: Buffer) => {
      const words = lines.take(piece);
      if (words.length > 0) this.tell({ kind: "heard", words }); // (S2)
    });
  }
}
