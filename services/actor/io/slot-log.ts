// What payloads write to stdout and stderr: one log a slot and job, jobs/<job>/logs/<actor>/slot<n>.log, in the form of
// run-log.ts.
//
//   G1. A log is bounded: what is written while the same ranges are processed is kept up to `runBytesMax`, the rest is counted;
//       a log that has grown is put aside (shared/io/log-file.ts). So a slot has little more than twice `logBytesMax`.
//   G2. Where nothing is written and nothing fails, no file is made and none is touched.
//   G3. A log that cannot be written costs lines, and is said once; it never costs a result.
//   G4. Whatever stands in a log stands below a line that says which ranges its program was processing.

import { join } from "node:path";
import { unreachable } from "../../shared/core/assert.js";
import type { Clock } from "../../shared/core/clock.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { LoggedEnd, LoggedRange } from "../../shared/core/logged.js";
import { jobFolder } from "../../shared/core/names.js";
import { LogFile } from "../../shared/io/log-file.js";
import type { Logger } from "../../shared/io/logger.js";
import { LineGuard, logLine, type LogWord } from "../../shared/io/run-log.js";
import type { PayloadEnd, PayloadRun } from "./payload.js";

export interface SlotLogLimits {
  readonly runBytesMax: number;
  readonly logBytesMax: number;
  readonly pendingBytesMax: number;
}

const defaultLimits: SlotLogLimits = {
  runBytesMax: 65_536,
  logBytesMax: 1_048_576,
  pendingBytesMax: 262_144,
};

/** A range that a program begins with. */
export type BegunRange = Pick<PayloadRun, "held" | "input" | "events">;

export interface SlotLogsOptions {
  readonly workdir: string;
  readonly actor: string;
  readonly node: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export class SlotLogs {
  readonly #options: SlotLogsOptions;
  readonly #limits: SlotLogLimits;
  /** Those that somebody has open, by path; the last who wrote to each. */
  readonly #files = new Map<string, SharedFile>();
  #isFlawSaid = false;

  constructor(options: SlotLogsOptions, limits = defaultLimits) {
    this.#options = options;
    this.#limits = limits;
  }

  /** The log of a program that processes ranges in the slot, and in those behind it if it has several; or of the job's setup. */
  open(job: JobNumber, slot: number | "setup"): ProgramLog {
    const { workdir, actor, node, clock } = this.#options;
    const name = slot === "setup" ? slot : `slot${slot + 1}`;
    const path = join(workdir, jobFolder(job), "logs", actor, `${name}.log`);
    const shared = this.#files.get(path) ?? { file: this.#newFile(path), writer: undefined, users: 0 };
    this.#files.set(path, shared);
    shared.users += 1;
    const close = async (): Promise<void> => {
      await shared.file.flush();
      shared.users -= 1;
      if (shared.users === 0) this.#files.delete(path);
    };
    return new ProgramLog({ job, node, clock, shared, close, bytesMax: this.#limits.runBytesMax });
  }

  /** Resolves when all is written, or given up. */
  async flush(): Promise<void> {
    await Promise.all([...this.#files.values()].map(({ file }) => file.flush()));
  }

  #newFile(path: string): LogFile {
    const { logBytesMax, pendingBytesMax } = this.#limits;
    const onFlaw = (at: string, error: unknown): void => {
      if (this.#isFlawSaid) return;
      this.#isFlawSaid = true;
      this.#options.log.warn("what payloads write cannot be logged", { path: at, error });
    };
    return new LogFile({ path, logBytesMax, pendingBytesMax, onFlaw });
  }
}

/** Two programs may have one slot for a while. */
interface SharedFile {
  readonly file: LogFile;
  /** Who wrote last. */
  writer: ProgramLog | undefined;
  users: number;
}

interface ProgramLogOptions {
  readonly job: JobNumber;
  readonly node: string;
  readonly clock: Clock;
  readonly shared: SharedFile;
  readonly close: () => Promise<void>;
  readonly bytesMax: number;
}

interface OpenRange {
  readonly range: BegunRange;
  readonly beganUnixMs: number;
  readonly beganAtMs: number;
  /** A line of the log names it. */
  isNamed: boolean;
}

/** Takes in what one program writes. */
export class ProgramLog {
  readonly #options: ProgramLogOptions;
  /** Those that it processes. */
  readonly #ranges = new Map<BegunRange, OpenRange>();
  /** Of the section that is open, which ranges its first line names; undefined while there is none. */
  #guard: LineGuard | undefined;
  /** Written since its ranges changed: what is kept of it, and what is not. */
  #bytes = 0;
  #leftOut = 0;

  constructor(options: ProgramLogOptions) {
    this.#options = options;
  }

  begin(range: BegunRange): void {
    this.#rangesChange();
    const { clock } = this.#options;
    const open = { range, beganUnixMs: clock.unixMs(), beganAtMs: clock.nowMs(), isNamed: false };
    this.#ranges.set(range, open);
  }

  write(piece: Buffer): void {
    const kept = piece.subarray(0, Math.max(0, this.#options.bytesMax - this.#bytes)); // (G1)
    const guard = kept.byteLength === 0 ? undefined : this.#openSection();
    const isTaken = guard !== undefined && this.#append(guard.guard(kept));
    if (isTaken) this.#bytes += kept.byteLength;
    this.#leftOut += piece.byteLength - (isTaken ? kept.byteLength : 0);
  }

  /** A range that was not begun, since its program never came to it, is not logged. */
  end(begun: BegunRange, end: PayloadEnd): void {
    const open = this.#ranges.get(begun);
    if (open === undefined) return;
    if (end.kind === "failure") this.#openSection();
    this.#rangesChange();
    this.#ranges.delete(begun);
    if (!open.isNamed) return; // (G2)
    const { clock, shared } = this.#options;
    const { range, grant } = begun.held;
    shared.writer?.endSection();
    const seconds = Math.round(clock.nowMs() - open.beganAtMs) / 1_000;
    this.#append(
      logLine({ kind: "end", range, grant, at: isoTime(clock.unixMs()), seconds, ...outcomeOf(end) }),
    );
  }

  /** Nothing more is written. Resolves when all is in the file, or given up. */
  async close(): Promise<void> {
    this.#rangesChange();
    await this.#options.close();
  }

  /** Its first line is written when it is new (G4); undefined when there is no room for that. */
  #openSection(): LineGuard | undefined {
    const { shared, job, node, clock } = this.#options;
    if (this.#guard !== undefined) return this.#guard;
    shared.writer?.endSection();
    const ranges = [...this.#ranges.values()];
    const named = ranges.map(loggedRange);
    const word: LogWord = { kind: "output", job, node, at: isoTime(clock.unixMs()), ranges: named };
    if (!shared.file.begin(logLine(word))) return undefined;
    for (const range of ranges) range.isNamed = true;
    shared.writer = this;
    this.#guard = new LineGuard();
    return this.#guard;
  }

  #rangesChange(): void {
    this.endSection();
    this.#bytes = 0;
  }

  /** What it writes next stands in a section of its own. */
  endSection(): void {
    const { shared } = this.#options;
    if (this.#guard === undefined) return;
    if (!this.#guard.isAtLineStart) this.#append("\n");
    if (this.#leftOut > 0) this.#append(logLine({ kind: "left-out", bytes: this.#leftOut }));
    this.#leftOut = 0;
    this.#guard = undefined;
    shared.writer = undefined;
  }

  #append(piece: string | Buffer): boolean {
    return this.#options.shared.file.append(piece);
  }
}

function loggedRange({ range: { held, input, events }, beganUnixMs }: OpenRange): LoggedRange {
  const { range, grant } = held;
  const { first, last } = events;
  return { range, grant, input: input.path, first, last, began: isoTime(beganUnixMs) };
}

function isoTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}

function outcomeOf(end: PayloadEnd): Omit<LoggedEnd, "range" | "grant" | "at" | "seconds"> {
  switch (end.kind) {
    case "made":
      return { outcome: "made" };
    case "suspect":
      return { outcome: "suspect" };
    case "aborted":
      return { outcome: "stopped" };
    case "failure": {
      const { class: failureClass, exitCode, signal, message } = end.failure;
      const how = { ...(exitCode === undefined ? {} : { exitCode }), ...(signal === "" ? {} : { signal }) };
      return { outcome: "failed", class: failureClass, ...how, message };
    }
    default:
      return unreachable(end);
  }
}
