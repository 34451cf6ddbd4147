// When the driver has a snapshot made, and what follows from it.
//
//   N4. One at a time, off the loop, of closed segments only. They are looked at only after a commit whose claim was read:
//       all their frames were there when no other driver had begun, so whoever takes over goes on from them too.
//   N5. Segments go only after two snapshots of them were read back, and only while the claim stands (journal.ts, J7).
//   N6. A snapshot that fails costs nothing but space: it is said, and tried again when the next segment is closed.

import { Counter, Gauge, type Registry } from "prom-client";
import type { Clock } from "../../../shared/core/clock.js";
import { errorMessage } from "../../../shared/io/error-code.js";
import type { Logger } from "../../../shared/io/logger.js";
import { snapshotName, type JournalFolder } from "./journal-folder.js";
import type { Journal } from "./journal.js";
import type { MadeSnapshot, MakeSnapshot } from "./snapshot-maker.js";

export interface SnapshotParts {
  readonly folder: JournalFolder;
  readonly journal: Pick<Journal, "adopt" | "chain" | "closed" | "prune">;
  readonly epoch: number;
  readonly claim: { isCurrent(): Promise<boolean> };
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
  readonly make: MakeSnapshot;
  /** One is made when the closed segments since the last have so many bytes, and no fewer than it had itself. */
  readonly afterBytes: number;
}

export class Snapshots {
  readonly #parts: SnapshotParts;
  readonly #figures: Figures;
  readonly #stopping = new AbortController();
  #work: Promise<void> | undefined;
  #hasTidied = false;
  #looked: unknown;
  #newest = { sequence: 0, bytes: 0 };

  constructor(parts: SnapshotParts) {
    this.#parts = parts;
    this.#figures = figuresIn(parts.registry);
    this.#newest = { sequence: parts.journal.chain.snapshots[0]?.sequence ?? 0, bytes: 0 };
  }

  /** To be called after each commit whose claim was read (N4). Costs nothing unless a segment was closed. */
  look(): void {
    if (this.#work !== undefined || this.#stopping.signal.aborted) return;
    const closed = this.#parts.journal.closed.at(-1);
    if (closed === this.#looked && this.#hasTidied) return;
    this.#looked = closed;
    this.#work = this.#see().finally(() => (this.#work = undefined));
  }

  /** No more are made; one that is being made is left. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("the driver stops"));
    await this.#work;
  }

  async #see(): Promise<void> {
    const { log } = this.#parts;
    try {
      if (!this.#hasTidied) await this.#prune(); // What a predecessor left.
      this.#hasTidied = true;
      if (this.#isDue()) await this.#make();
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#figures.failures.inc();
      log.warn("snapshot failed", { error: errorMessage(error) }); // (N6)
    }
  }

  #isDue(): boolean {
    const { journal, afterBytes } = this.#parts;
    let bytes = 0;
    for (const segment of journal.closed) if (segment.end > this.#newest.sequence + 1) bytes += segment.bytes;
    return bytes > 0 && bytes >= Math.max(afterBytes, this.#newest.bytes);
  }

  async #make(): Promise<void> {
    const { folder, journal, epoch, clock, make } = this.#parts;
    const beganAtMs = clock.nowMs();
    const made = await make(folder, { chain: journal.chain, epoch }, this.#stopping.signal);
    this.#tell(made, (clock.nowMs() - beganAtMs) / 1_000);
    this.#newest = { sequence: made.id.sequence, bytes: made.bytes };
    journal.adopt(made.snapshots);
    await this.#prune();
  }

  /** (N5) */
  async #prune(): Promise<void> {
    if (await this.#parts.claim.isCurrent()) await this.#parts.journal.prune();
  }

  #tell({ id, bytes, passedOver }: MadeSnapshot, seconds: number): void {
    const { log } = this.#parts;
    const { sequence } = id;
    this.#figures.seconds.set(seconds);
    this.#figures.bytes.set(bytes);
    this.#figures.sequence.set(sequence);
    for (const flaw of passedOver) log.warn("damaged snapshot passed over", { flaw });
    log.info("snapshot made", { snapshot: snapshotName(id), sequence, bytes, seconds });
  }
}

interface Figures {
  readonly seconds: Gauge;
  readonly bytes: Gauge;
  readonly sequence: Gauge;
  readonly failures: Counter;
}

function figuresIn(registry: Registry): Figures {
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers: [registry] });
  return {
    seconds: gauge("noctua_snapshot_seconds", "Time that the last snapshot took, reading back included."),
    bytes: gauge("noctua_snapshot_bytes", "Size of the last snapshot."),
    sequence: gauge("noctua_snapshot_sequence", "Last commit that the last snapshot holds."),
    failures: new Counter({
      name: "noctua_snapshot_failures_total",
      help: "Snapshots that could not be made.",
      registers: [registry],
    }),
  };
}
