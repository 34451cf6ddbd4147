// The disk under the driver's journal: the folder that services/driver/io/journal/journal.ts writes to, in simulated time.
//
//   K1. What was synced stays. Of what was written and not synced, a crash of the machine keeps any prefix.
//   K2. A dead driver's unfinished writes and syncs never end.
//   K3. So too what was renamed or removed: until the folder is synced, a crash of the machine undoes it.

import type {
  JournalFolder,
  ReadableSegment,
  WritableSegment,
} from "../../services/driver/io/journal/journal-folder.js";
import type { Dice } from "./dice.js";
import type { JournalProfile } from "./profile.js";
import type { Sight } from "./sighting.js";
import { type Lifetime, type Timeline } from "./timeline.js";

/** A file of the journal. */
export interface Segment {
  bytes: Buffer;
  syncedBytes: number;
  /** Whether its entry in the folder is durable. */
  isEntered: boolean;
}

/** Told when more of a segment has become durable. */
export type OnSynced = () => void;

export class JournalDisk {
  readonly segments = new Map<string, Segment>();
  readonly #timeline: Timeline;
  readonly #sight: Sight;
  readonly #dice: Dice;
  readonly #profile: JournalProfile;
  readonly #onSynced: OnSynced;
  /** What stood in the folder when it was last synced, and was renamed or removed since (K3). */
  readonly #gone = new Map<string, Segment>();
  #isCalm = false;
  #fullUntilMs = 0;

  constructor(
    world: { readonly timeline: Timeline; readonly sight: Sight },
    dice: Dice,
    profile: JournalProfile,
    onSynced: OnSynced,
  ) {
    this.#timeline = world.timeline;
    this.#sight = world.sight;
    this.#dice = dice;
    this.#profile = profile;
    this.#onSynced = onSynced;
  }

  /** From now on nothing fails. */
  calmDown(): void {
    this.#isCalm = true;
    this.#fullUntilMs = 0;
  }

  /** The folder, as one driver process sees it. */
  folderFor(lifetime: Lifetime): JournalFolder {
    const wait = (ms: number): Promise<void> =>
      new Promise((resolve) => this.#timeline.after(ms, lifetime, resolve));
    return {
      path: "/sim/driver/journal",
      list: async () => {
        await wait(0);
        return [...this.segments.keys()];
      },
      open: async (name) => {
        await wait(0);
        return this.#readable(this.#segment(name), wait);
      },
      create: async (name) => {
        await wait(0);
        this.#mayFail("create", name);
        if (this.segments.has(name)) throw systemError("EEXIST", name);
        const segment: Segment = { bytes: Buffer.alloc(0), syncedBytes: 0, isEntered: false };
        this.segments.set(name, segment);
        return this.#writable(name, segment, wait);
      },
      rename: async (from, to) => {
        await wait(this.#changeMs());
        this.#mayFail("rename", from);
        const segment = this.#segment(from);
        this.#leave(from);
        this.segments.set(to, segment);
      },
      remove: async (name) => {
        if (!this.segments.has(name)) return;
        await wait(this.#changeMs());
        this.#mayFail("remove", name);
        this.#leave(name);
      },
      sync: async () => {
        await wait(this.#syncMs());
        this.#enterAll();
        this.#onSynced();
      },
    };
  }

  /** The driver's process is gone, and perhaps its machine with it (K1). */
  crash(): void {
    const losesMemory = this.#dice.chance(this.#profile.machineChance);
    if (losesMemory) {
      for (const [name, segment] of this.segments) if (!segment.isEntered) this.segments.delete(name);
      for (const [name, segment] of this.#gone) this.segments.set(name, segment); // (K3)
      for (const [name, segment] of this.segments) this.#tear(name, segment);
    }
    for (const segment of this.segments.values()) segment.syncedBytes = segment.bytes.length;
    this.#enterAll();
    this.#onSynced();
  }

  #enterAll(): void {
    for (const segment of this.segments.values()) segment.isEntered = true;
    this.#gone.clear();
  }

  /** The name is no more, as far as the driver sees. */
  #leave(name: string): void {
    const segment = this.#segment(name);
    if (segment.isEntered) this.#gone.set(name, { ...segment });
    segment.isEntered = false;
    this.segments.delete(name);
    this.#sight({ kind: "frame-written", bytes: 0 });
  }

  #changeMs(): number {
    return this.#dice.between(this.#profile.syncMs);
  }

  #tear(name: string, segment: Segment): void {
    const unsynced = segment.bytes.length - segment.syncedBytes;
    if (unsynced === 0) return;
    const kept = this.#dice.whole([0, unsynced]);
    segment.bytes = segment.bytes.subarray(0, segment.syncedBytes + kept);
    if (kept < unsynced) {
      this.#sight({
        kind: "fault",
        fault: "torn-frame",
        what: `${name}: ${kept} of ${unsynced} bytes survive`,
      });
    }
  }

  #readable(segment: Segment, wait: (ms: number) => Promise<void>): ReadableSegment {
    return {
      read: async (into, position) => {
        await wait(0);
        return segment.bytes.copy(into, 0, Math.min(position, segment.bytes.length));
      },
      sync: async () => {
        await wait(this.#dice.between(this.#profile.syncMs));
        segment.syncedBytes = segment.bytes.length;
      },
      close: () => Promise.resolve(),
    };
  }

  #writable(name: string, segment: Segment, wait: (ms: number) => Promise<void>): WritableSegment {
    return {
      write: async (bytes, position) => {
        await wait(0);
        this.#mayFail("write", name);
        const before = segment.bytes.subarray(0, position);
        segment.bytes = Buffer.concat([before, bytes, segment.bytes.subarray(position + bytes.length)]);
        this.#sight({ kind: "frame-written", bytes: bytes.length });
        return bytes.length;
      },
      sync: async () => {
        const target = segment.bytes.length;
        await wait(this.#syncMs());
        this.#mayFail("sync", name);
        segment.syncedBytes = Math.max(segment.syncedBytes, target);
        this.#onSynced();
      },
      close: () => Promise.resolve(),
    };
  }

  #syncMs(): number {
    const { syncMs, stallChance, stallMs } = this.#profile;
    if (this.#isCalm || !this.#dice.chance(stallChance)) return this.#dice.between(syncMs);
    const ms = this.#dice.between(stallMs);
    this.#sight({ kind: "fault", fault: "journal-stall", what: `for ${(ms / 1_000).toFixed(1)} s` });
    return ms;
  }

  #mayFail(what: "create" | "write" | "sync" | "rename" | "remove", name: string): void {
    if (this.#isCalm) return;
    const { errorChance, fullChance } = this.#profile;
    if (this.#timeline.nowMs < this.#fullUntilMs) throw systemError("ENOSPC", name);
    if (what !== "sync" && this.#dice.chance(fullChance)) {
      this.#fullUntilMs = this.#timeline.nowMs + this.#dice.between([100, 20_000]);
      this.#sight({ kind: "fault", fault: "disk-full", what: name });
      throw systemError("ENOSPC", name);
    }
    if (this.#dice.chance(errorChance)) {
      this.#sight({ kind: "fault", fault: "journal-error", what: `${what} ${name}` });
      throw systemError("EIO", name);
    }
  }

  #segment(name: string): Segment {
    const segment = this.segments.get(name);
    if (segment === undefined) throw systemError("ENOENT", name);
    return segment;
  }
}

/** An error as the operating system would give it. */
export function systemError(code: string, name: string): Error {
  return Object.assign(new Error(`${code}: simulated, ${name}`), { code });
}
