// The driver's journal: what survives it. An append-only log of segments, one frame for each commit.
//
//   J1. When `append` resolves, all its facts survive a kill of the driver and the loss of its machine; they come back
//       all together or not at all, in their order.
//   J2. Whoever opens the journal gets every fact that was ever acknowledged, or an error that names what is damaged.
//   J3. A driver writes into segments of its own epoch only, and leaves those of others as they are, torn tails too
//       (journal-recovery.ts says why that is right).
//   J4. Where there is no space, the same batch waits and is tried again. After any other failed write or sync nothing is
//       known of the segment: it is left, and the batch is written again into a new one; the new segment's header makes
//       void what the old one may have kept of it. If that fails too, the journal is over, and so is the driver.
//   J5. One commit is in flight at a time. Nothing of it happens on the loop but encoding.
//   J6. A segment that has grown to its limit is closed, and the next commit begins a new one of the same epoch. What is
//       closed never changes again: `closed` lists what others may read (and fold into a snapshot) beside the writer.
//   J7. A segment goes only when two snapshots hold all of it, both of which were read back.

import { join } from "node:path";
import { assert } from "../../../shared/core/assert.js";
import type { Clock } from "../../../shared/core/clock.js";
import type { Epoch } from "../../../shared/core/id.js";
import { errorCode, errorMessage } from "../../../shared/io/error-code.js";
import type { DurableFact } from "../../core/facts/fact.js";
import type { Farm } from "../../core/state/farm.js";
import { encodeFacts } from "./journal-codec.js";
import { laterDriver, order, type Chain, type Flaw } from "./journal-chain.js";
import {
  parseSegmentName,
  parseSnapshotName,
  parseUnfinishedName,
  segmentName,
  snapshotName,
  type JournalFolder,
} from "./journal-folder.js";
import { encodeFrame, type SnapshotId } from "./journal-frames.js";
import { recover, type ClosedSegment, type Recovery } from "./journal-recovery.js";
import { SegmentWriter } from "./journal-writer.js";
import { whenSpace } from "../when-space.js";

/** What one commit cost, for metrics. */
export interface CommitCost {
  readonly sequence: number;
  readonly facts: number;
  readonly bytes: number;
  /** From the first write to the end of the sync, waits for space included. */
  readonly ms: number;
}

export interface JournalOptions {
  /** As claimed: nobody else writes segments of this epoch. */
  readonly epoch: Epoch;
  readonly clock: Clock;
  /** Gets the state that a snapshot holds, before all facts; not called when there is no snapshot. */
  readonly onState: (farm: Farm) => void;
  /** Gets the facts of each commit of all earlier drivers since that state, in order, before `open` resolves. */
  readonly onFacts: (facts: readonly DurableFact[], sequence: number) => void;
  /** A segment that has so many bytes is closed (J6). Default 64 MiB. */
  readonly segmentBytesMax?: number;
  readonly onCommit?: (cost: CommitCost) => void;
  /** Says why a commit waits (P9: not ready, and explained), and `undefined` when it goes on. */
  readonly onStall?: (why: string | undefined) => void;
  /** Between two tries where there is no space; default 1 s. */
  readonly waitForSpace?: (signal: AbortSignal) => Promise<void>;
}

export const segmentBytesMaxDefault = 64 * 1024 * 1024;

export class Journal {
  /** What was found at the start. */
  readonly recovery: Recovery;
  readonly #folder: JournalFolder;
  readonly #options: JournalOptions;
  readonly #signal: AbortSignal;
  #segment: SegmentWriter;
  /** All segments of the chain that began before the present one, in their order. */
  #left: readonly ClosedSegment[];
  /** Those that count, the newest first. */
  #snapshots: readonly SnapshotId[];
  #gap: Flaw | undefined;
  #sequence: number;
  #state: "ready" | "writing" | "over" = "ready";

  private constructor(
    folder: JournalFolder,
    options: JournalOptions,
    opened: { readonly segment: SegmentWriter; readonly recovery: Recovery },
    signal: AbortSignal,
  ) {
    this.#folder = folder;
    this.#options = options;
    this.#signal = signal;
    this.#segment = opened.segment;
    this.recovery = opened.recovery;
    this.#left = opened.recovery.segments;
    this.#snapshots = opened.recovery.snapshots;
    this.#gap = opened.recovery.gap;
    this.#sequence = opened.recovery.nextSequence;
  }

  /**
   * Reads what earlier drivers wrote, and begins the epoch's own segment. The signal ends the reading, and later on a
   * commit's wait for space: it is the one that ends the driver, not the one that begins its drain.
   */
  static async open(folder: JournalFolder, options: JournalOptions, signal: AbortSignal): Promise<Journal> {
    const segment = new SegmentWriter(folder, { epoch: options.epoch, part: 0 });
    const space = { ...options, of: `the journal: ${join(folder.path, segment.name)}` };
    try {
      // Made before the others are listed: a network file system lists a folder anew once the machine has changed it.
      await whenSpace(() => segment.create(), space, signal).catch((error: unknown) => {
        throw errorCode(error) === "EEXIST" ? laterDriver(folder, segment.name, options.epoch) : error;
      });
      const recovery = await recover(folder, options, signal);
      const start = { after: recovery.segments.at(-1)?.id, firstSequence: recovery.nextSequence };
      await whenSpace(() => segment.begin(start), space, signal);
      return new Journal(folder, options, { segment, recovery }, signal);
    } catch (error) {
      await segment.close();
      throw error;
    }
  }

  /** The sequence of the last durable commit; 0 when there is none. */
  get lastSequence(): number {
    return this.#sequence - 1;
  }

  /** What stands fast before the segment that is written now (J6): whoever recovers goes on from the last of them. */
  get closed(): readonly ClosedSegment[] {
    return this.#segment.start === undefined ? this.#left.slice(0, -1) : this.#left;
  }

  /** All that stands fast, for who makes a snapshot of it. */
  get chain(): Chain {
    return { links: this.closed, snapshots: this.#snapshots, gap: this.#gap };
  }

  /** Takes in the newest snapshot, made of `chain`, and those before it that are whole. */
  adopt(snapshots: readonly SnapshotId[]): void {
    this.#snapshots = snapshots;
  }

  /**
   * Removes what two whole snapshots make superfluous: the segments up to the older of the two, and the snapshots before
   * it. Where the newest turns out damaged, the older one and all since are still there (J7). The caller has seen that the
   * claim still stands. What a crash leaves behind is removed the next time.
   */
  async prune(): Promise<void> {
    const [newest, older] = this.#snapshots;
    if (newest === undefined) return;
    const { epoch } = this.#options;
    const names = await this.#folder.list();
    for (const name of names)
      if ((parseUnfinishedName(name) ?? epoch) < epoch) await this.#folder.remove(name);
    if (older === undefined) return;
    const segments = names.flatMap((name) => parseSegmentName(name) ?? []).sort(order);
    const where = join(this.#folder.path, snapshotName(older));
    this.#gap = { where, flaw: `it is the oldest snapshot, and the segments before it were removed` };
    this.#snapshots = [newest, older];
    this.#left = this.#left.filter(({ id }) => order(id, older.segment) > 0);
    for (const id of segments) if (order(id, older.segment) <= 0) await this.#folder.remove(segmentName(id));
    for (const name of names)
      if ((parseSnapshotName(name)?.sequence ?? older.sequence) < older.sequence)
        await this.#folder.remove(name);
  }

  /** Resolves when the facts are durable (J1). Rejects when the journal is over, or when told to stop while it waits. */
  async append(facts: readonly DurableFact[]): Promise<void> {
    assert(this.#state === "ready", `the journal is ready for a commit, not ${this.#state}`); // (J5)
    if (facts.length === 0) return;
    const frame = encodeFrame(this.#sequence, encodeFacts(facts));
    const beganAtMs = this.#options.clock.nowMs();
    this.#state = "writing";
    try {
      if (this.#isSegmentFull()) await this.#leaveSegment(); // (J6)
      await this.#write(frame);
      this.#state = "ready";
    } finally {
      if (this.#state === "writing") this.#state = "over";
    }
    const ms = this.#options.clock.nowMs() - beganAtMs;
    const sequence = this.#sequence;
    this.#sequence += 1;
    this.#options.onCommit?.({ sequence, facts: facts.length, bytes: frame.length, ms });
  }

  /** Leaves the files as they are; every commit that resolved is durable. */
  async close(): Promise<void> {
    assert(this.#state !== "writing", "no commit is in flight when the journal is closed");
    this.#state = "over";
    await this.#segment.close();
  }

  /** Tries until the frame is durable or the journal is over (J4). */
  async #write(frame: Buffer): Promise<void> {
    for (let segmentsLeft = 1; ; segmentsLeft -= 1) {
      const start = { after: this.#left.at(-1)?.id, firstSequence: this.#sequence };
      const path = join(this.#folder.path, this.#segment.name);
      const space = { ...this.#options, of: `the journal: ${path}` };
      try {
        await whenSpace(() => this.#segment.append(frame, start), space, this.#signal);
        return;
      } catch (error) {
        if (this.#signal.aborted) throw error;
        if (segmentsLeft === 0)
          throw new Error(
            `${path}: commit ${this.#sequence} could be written neither here nor into the segment before: ${errorMessage(error)}`,
            { cause: error },
          );
        await this.#leaveSegment();
      }
    }
  }

  #isSegmentFull(): boolean {
    const { start, bytes } = this.#segment;
    const hasFrames = start !== undefined && start.firstSequence < this.#sequence;
    return hasFrames && bytes >= (this.#options.segmentBytesMax ?? segmentBytesMaxDefault);
  }

  async #leaveSegment(): Promise<void> {
    const left = this.#segment;
    if (left.start !== undefined) {
      const { firstSequence } = left.start;
      const closed = { id: left.id, firstSequence, end: this.#sequence, bytes: left.bytes };
      this.#left = [...this.#left, closed];
    }
    this.#segment = new SegmentWriter(this.#folder, { epoch: left.id.epoch, part: left.id.part + 1 });
    // All that counts in it is durable: how its closing ends changes nothing.
    await left.close().catch(() => undefined);
  }
}
