// The file system that all nodes share, as far as jobs' files go.
//
//   L1. What a node has written, it sees at once. Others see a new name only after a while: they have looked for it before,
//       and believe what they remember.
//   L2. Content that was not synced is lost with the node that wrote it, and so is a name whose folder was not synced.

import { present } from "../../services/shared/core/assert.js";
import type { Dice } from "./dice.js";
import type { FilesProfile } from "./profile.js";
import type { Sight } from "./sighting.js";
import type { SimFile } from "./sim-file.js";
import type { Timeline } from "./timeline.js";

interface Entry {
  readonly file: SimFile;
  readonly writer: string;
  /** To other nodes than the writer's (L1). */
  readonly visibleAtMs: number;
  readonly isContentSynced: boolean;
  readonly isNameSynced: boolean;
}

interface FilesWorld {
  readonly timeline: Timeline;
  readonly sight: Sight;
  /** Whether things may still go wrong. */
  readonly isCalm: () => boolean;
}

export class SharedFiles {
  readonly #entries = new Map<string, Entry>();
  readonly #world: FilesWorld;
  readonly #dice: Dice;
  readonly #profile: FilesProfile;

  constructor(world: FilesWorld, dice: Dice, profile: FilesProfile) {
    this.#world = world;
    this.#dice = dice;
    this.#profile = profile;
  }

  /** What is there, whoever sees it. */
  read(path: string): SimFile | undefined {
    return this.#entries.get(path)?.file;
  }

  /** What a process on the node finds (L1). */
  readFrom(node: string, path: string): SimFile | undefined {
    const entry = this.#entries.get(path);
    if (entry === undefined) return undefined;
    const isSeen = entry.writer === node || this.#world.timeline.nowMs >= entry.visibleAtMs;
    return isSeen ? entry.file : undefined;
  }

  list(folder: string): string[] {
    return [...this.#entries.keys()].filter((path) => path.startsWith(`${folder}/`)).sort();
  }

  write(path: string, file: SimFile, writer: string): void {
    const { timeline, sight, isCalm } = this.#world;
    const { lateChance, lateMs } = this.#profile;
    const isLate = !isCalm() && this.#dice.chance(lateChance);
    const visibleAtMs = timeline.nowMs + (isLate ? this.#dice.between(lateMs) : 0);
    this.#entries.set(path, { file, writer, visibleAtMs, isContentSynced: false, isNameSynced: false });
    sight({ kind: "file-written", path, file });
    if (isLate) sight({ kind: "fault", fault: "file-late", what: path });
  }

  /** `fsync` of the file. Nothing when it is not there any more. */
  syncContent(path: string): void {
    this.#change(path, { isContentSynced: true });
  }

  /** `fsync` of its folder. */
  syncName(path: string): void {
    this.#change(path, { isNameSynced: true });
  }

  /** Puts the file in the place of whatever has the name. */
  rename(from: string, to: string): void {
    const entry = present(this.#entries.get(from), `file ${from}`);
    this.#entries.delete(from);
    const replaced = this.read(to);
    this.#entries.set(to, entry);
    this.#world.sight({ kind: "file-renamed", from, to, file: entry.file, replaced });
  }

  /** Nothing when it is not there. */
  remove(path: string, by: string): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#entries.delete(path);
    this.#world.sight({ kind: "file-removed", path, file: entry.file, by });
  }

  /** A fault: bytes of the file are lost, or all of it. */
  damage(path: string, how: "damaged" | "vanished"): void {
    const entry = this.#entries.get(path);
    if (entry !== undefined) this.#lose(path, entry, { how, isOfNode: false });
  }

  /** A node is gone (L2). */
  loseNode(node: string): void {
    for (const [path, entry] of this.#entries) {
      if (entry.writer !== node) continue;
      if (!entry.isNameSynced) this.#lose(path, entry, { how: "vanished", isOfNode: true });
      else if (!entry.isContentSynced) this.#lose(path, entry, { how: "damaged", isOfNode: true });
    }
  }

  #lose(
    path: string,
    entry: Entry,
    { how, isOfNode }: { readonly how: "damaged" | "vanished"; readonly isOfNode: boolean },
  ): void {
    if (how === "vanished") this.#entries.delete(path);
    else this.#change(path, { file: { ...entry.file, isDamaged: true } });
    this.#world.sight({ kind: "file-lost", path, file: entry.file, isOfNode });
  }

  #change(path: string, change: Partial<Entry>): void {
    const entry = this.#entries.get(path);
    if (entry !== undefined) this.#entries.set(path, { ...entry, ...change });
  }
}
