// The merges of a merger's slots.
//
//   V1. Every start is followed by one `merge-ended`, whatever happens, unless the program is wrong: then `fail` is told.
//   V2. `close` ends all merges and waits for their ends, within a limit (P10).

import { rangesIn } from "../../shared/core/spans.js";
import { errorMessage } from "../../shared/io/error-code.js";
import type { Logger } from "../../shared/io/logger.js";
import { every } from "../../shared/io/system-clock.js";
import { UnderWay } from "../../shared/io/under-way.js";
import type { MergeGrant } from "../core/message.js";
import type { MergeOutcome, MergerAction, MergerEvent } from "../core/step.js";
import type { MergeLogs } from "./merge-log.js";
import { removeTemporary, runMerge, type Merge, type MergeRunOptions } from "./merge-run.js";
import type { MergerMetrics } from "./metrics.js";

export interface MergesOptions extends Omit<MergeRunOptions, "onWait"> {
  readonly log: Logger;
  readonly metrics: MergerMetrics;
  readonly logs: MergeLogs;
  readonly tell: (event: MergerEvent) => void;
  readonly fail: (error: unknown) => void;
  /** Told why merges wait for room, as often as one is tried in vain; empty when none waits any more. */
  readonly tellWait: (why: string) => void;
}

type StartMerge = Extract<MergerAction, { kind: "start-merge" }>;
type LoggedStart = StartMerge & Pick<Merge, "onOutput">;

/** What is under way at the end is waited for so long. */
const closeMsMax = 10_000;
/** How often it is told how far a merge is: not at all, if it is over before. */
const progressIntervalMs = 3_000;

export class Merges {
  readonly #options: MergesOptions;
  /** By slot. */
  readonly #aborts = new Map<number, AbortController>();
  /** By slot, for what its merge waits. */
  readonly #waits = new Map<number, string>();
  /** Merges and removals. */
  readonly #underWay = new UnderWay();

  constructor(options: MergesOptions) {
    this.#options = options;
  }

  start(merge: StartMerge): void {
    const abort = new AbortController();
    this.#aborts.set(merge.slot, abort);
    this.#underWay.follow(this.#run(merge, abort.signal));
  }

  abort(slot: number): void {
    this.#aborts.get(slot)?.abort(new Error("the merge is not wanted any more"));
  }

  /** A file that cannot be removed is swept at the end of its job. */
  removeTemporary(merge: MergeGrant): void {
    const { workdir, log } = this.#options;
    const warn = (error: unknown): void =>
      log.warn("an unwanted temporary cannot be removed", { ...merge, error: errorMessage(error) });
    this.#underWay.follow(removeTemporary(workdir, merge).catch(warn));
  }

  /** (V2) */
  async close(): Promise<void> {
    for (const slot of this.#aborts.keys()) this.abort(slot);
    await this.#underWay.settle(closeMsMax);
  }

  /** Never rejects. */
  async #run(start: StartMerge, signal: AbortSignal): Promise<void> {
    const { metrics, tell, fail } = this.#options;
    const { slot, lent } = start;
    const written = this.#options.logs.open(lent.merge, slot);
    try {
      const onOutput = (command: string, piece: Buffer): void => written.write(command, piece);
      const outcome = await this.#outcomeOf({ ...start, onOutput }, signal);
      this.#underWay.follow(written.close(outcome));
      this.#aborts.delete(slot);
      metrics.mergeEnded(outcome);
      this.#note(lent.merge, outcome);
      tell({ kind: "merge-ended", slot, outcome }); // (V1)
    } catch (error) {
      fail(error);
    }
  }

  async #outcomeOf(start: LoggedStart, signal: AbortSignal): Promise<MergeOutcome> {
    const { slot, lent, plan, onOutput } = start;
    const { log, tell, tellWait } = this.#options;
    let bytesRead = 0;
    const onProgress = (bytes: number): void => void (bytesRead = bytes);
    const endNews = every(progressIntervalMs, () => tell({ kind: "merge-progressed", slot, bytesRead }));
    const onWait = (error: unknown): void => {
      log.warn("no room for a merged file: it is tried again", { ...lent.merge, error: errorMessage(error) });
      this.#waits.set(slot, errorMessage(error));
      tellWait(errorMessage(error));
    };
    log.debug("merge begins", { ...lent.merge, outputs: rangesIn(lent.spans) });
    try {
      return await runMerge({ ...this.#options, onWait }, { lent, plan, onProgress, onOutput }, signal);
    } catch (error) {
      if (signal.aborted && error === signal.reason) return { kind: "aborted" };
      throw error;
    } finally {
      endNews();
      const hasWaited = this.#waits.delete(slot);
      const [other = ""] = this.#waits.values();
      if (hasWaited) tellWait(other);
    }
  }

  #note(merge: MergeGrant, outcome: MergeOutcome): void {
    const { log } = this.#options;
    if (outcome.kind === "merged") log.info("group merged", { ...merge, ...outcome.file });
    else if (outcome.kind === "aborted") log.info("merge ended early", { ...merge });
    else if (rangesIn(outcome.lost) > 0) {
      log.warn("outputs lost", { ...merge, ranges: rangesIn(outcome.lost), reason: outcome.failure.message });
    } else {
      const { class: failureClass, message, ...rest } = outcome.failure;
      log.warn("merge failed", { ...merge, class: failureClass, reason: message, ...rest });
    }
  }
}
