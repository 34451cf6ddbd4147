// What the users' commands of merges write to stdout and stderr: one log a slot and job, jobs/<job>/logs/<merger>/merge<n>.log, in
// the form of run-log.ts.
//
//   H1. A log is bounded: of each command `commandBytesMax` are kept, the rest is counted; a log that has grown is put aside
//       (log-file.ts). So a slot has little more than twice `logBytesMax`.
//   H2. Where nothing is written and nothing fails, no file is made and none is touched.
//   H3. A log that cannot be written costs lines, and is said once; it never costs a merge.

import { join } from "node:path";
import type { Clock } from "../../shared/core/clock.js";
import type { LoggedMergeEnd } from "../../shared/core/logged.js";
import { jobFolder } from "../../shared/core/names.js";
import { rangesIn } from "../../shared/core/spans.js";
import { LogFile } from "../../shared/io/log-file.js";
import type { Logger } from "../../shared/io/logger.js";
import { LineGuard, logLine } from "../../shared/io/run-log.js";
import type { MergeGrant } from "../core/message.js";
import type { MergeOutcome } from "../core/step.js";

export interface MergeLogLimits {
  readonly commandBytesMax: number;
  readonly logBytesMax: number;
  readonly pendingBytesMax: number;
}

const defaultLimits: MergeLogLimits = {
  commandBytesMax: 65_536,
  logBytesMax: 1_048_576,
  pendingBytesMax: 262_144,
};

interface MergeLogsOptions {
  readonly workdir: string;
  readonly merger: string;
  readonly node: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export class MergeLogs {
  readonly #options: MergeLogsOptions;
  readonly #limits: MergeLogLimits;
  /** Those that are open, by path. */
  readonly #files = new Map<string, { readonly file: LogFile; users: number }>();
  #isFlawSaid = false;

  constructor(options: MergeLogsOptions, limits = defaultLimits) {
    this.#options = options;
    this.#limits = limits;
  }

  /** The log of a merge that runs in the slot. */
  open(merge: MergeGrant, slot: number): MergeLog {
    const { workdir, merger, node, clock } = this.#options;
    const path = join(workdir, jobFolder(merge.job), "logs", merger, `merge${slot + 1}.log`);
    // What the slot's last merge left may still be being written.
    const open = this.#files.get(path) ?? { file: this.#newFile(path), users: 0 };
    this.#files.set(path, open);
    open.users += 1;
    const { file } = open;
    const close = async (): Promise<void> => {
      await file.flush();
      open.users -= 1;
      if (open.users === 0) this.#files.delete(path);
    };
    return new MergeLog({ merge, node, clock, file, close, bytesMax: this.#limits.commandBytesMax });
  }

  #newFile(path: string): LogFile {
    const { logBytesMax, pendingBytesMax } = this.#limits;
    const onFlaw = (at: string, error: unknown): void => {
      if (this.#isFlawSaid) return;
      this.#isFlawSaid = true; // (H3)
      this.#options.log.warn("what merge commands write cannot be logged", { path: at, error });
    };
    return new LogFile({ path, logBytesMax, pendingBytesMax, onFlaw });
  }
}

interface MergeLogOptions {
  readonly merge: MergeGrant;
  readonly node: string;
  readonly clock: Clock;
  readonly file: LogFile;
  readonly close: () => Promise<void>;
  readonly bytesMax: number;
}

/** What one of its commands wrote. */
interface Section {
  readonly command: string | undefined;
  /** Undefined when there was no room for its first line: then all is left out. */
  readonly guard: LineGuard | undefined;
  bytes: number;
  leftOut: number;
}

/** Takes in what the commands of one merge write. */
class MergeLog {
  readonly #options: MergeLogOptions;
  readonly #beganAtMs: number;
  #section: Section | undefined;
  /** A line of the log names it. */
  #isNamed = false;

  constructor(options: MergeLogOptions) {
    this.#options = options;
    this.#beganAtMs = options.clock.nowMs();
  }

  write(command: string, piece: Buffer): void {
    const section = this.#section?.command === command ? this.#section : this.#begin(command);
    const kept = piece.subarray(0, Math.max(0, this.#options.bytesMax - section.bytes)); // (H1)
    const isTaken =
      kept.byteLength > 0 &&
      section.guard !== undefined &&
      this.#options.file.append(section.guard.guard(kept));
    const bytes = isTaken ? kept.byteLength : 0;
    section.bytes += bytes;
    section.leftOut += piece.byteLength - bytes;
  }

  /** The merge is over. Resolves when all is in the file, or given up. */
  async close(outcome: MergeOutcome): Promise<void> {
    const { merge, clock, file } = this.#options;
    if (this.#section === undefined && hasFailed(outcome)) this.#begin(undefined);
    this.#endSection();
    if (this.#isNamed) {
      const { group, grant } = merge;
      const seconds = Math.round(clock.nowMs() - this.#beganAtMs) / 1_000;
      file.append(logLine({ kind: "merge-end", group, grant, at: this.#now(), seconds, ...endOf(outcome) }));
    }
    await this.#options.close();
  }

  #begin(command: string | undefined): Section {
    this.#endSection();
    const { merge, node, file } = this.#options;
    const { job, group, grant } = merge;
    const of = { group, grant, ...(command === undefined ? {} : { command }) };
    const isBegun = file.begin(
      logLine({ kind: "output", job, node, at: this.#now(), ranges: [], merge: of }),
    );
    this.#isNamed ||= isBegun;
    this.#section = { command, guard: isBegun ? new LineGuard() : undefined, bytes: 0, leftOut: 0 };
    return this.#section;
  }

  #endSection(): void {
    const { file } = this.#options;
    if (this.#section?.guard?.isAtLineStart === false) file.append("\n");
    const bytes = this.#section?.leftOut ?? 0;
    if (bytes > 0) file.append(logLine({ kind: "left-out", bytes }));
    this.#section = undefined;
  }

  #now(): string {
    return new Date(this.#options.clock.unixMs()).toISOString();
  }
}

/** Outputs that are lost are no failure of the merge: they are done again, and merged then. */
function hasFailed(outcome: MergeOutcome): boolean {
  return outcome.kind === "failed" && rangesIn(outcome.lost) === 0;
}

function endOf(outcome: MergeOutcome): Omit<LoggedMergeEnd, "group" | "grant" | "at" | "seconds"> {
  if (outcome.kind !== "failed") return { outcome: outcome.kind === "merged" ? "made" : "stopped" };
  const { class: failureClass, exitCode, signal, message } = outcome.failure;
  const how = { ...(exitCode === undefined ? {} : { exitCode }), ...(signal === "" ? {} : { signal }) };
  return { outcome: "failed", class: failureClass, ...how, message };
}
