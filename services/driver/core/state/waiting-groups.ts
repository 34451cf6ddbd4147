// Merge groups that wait for a merger, by those who failed them.
//
//   L1. Groups stand in the order in which they came to wait.
//   L2. Groups that the same mergers failed share a shelf: what a merger may have is found without a look at each group.
//   L3. A shelf that lent something stands last, so that new groups and those that failed are merged by turns.

import type { GroupNumber } from "../../../shared/core/id.js";

/** Groups that the same mergers failed. */
interface Shelf {
  /** Names of mergers, ascending. */
  readonly failedOn: readonly string[];
  readonly groups: Set<GroupNumber>;
}

export interface WaitingGroupsView extends Iterable<GroupNumber> {
  readonly size: number;
  has(group: GroupNumber): boolean;
  /** The first group of a shelf that may be had, if any. */
  pick(mayHave: (failedOn: readonly string[]) => boolean): GroupNumber | undefined;
}

/**
 * So many shelves are looked at for one merger. The first of all is never passed over by those who may have it, so that
 * each shelf's time comes.
 */
const shelvesLookedAt = 256;

export class WaitingGroups implements WaitingGroupsView {
  /** (L1) */
  readonly #all = new Map<GroupNumber, Shelf>();
  /** Those that hold anything. */
  readonly #shelves = new Map<string, Shelf>();

  get size(): number {
    return this.#all.size;
  }

  has(group: GroupNumber): boolean {
    return this.#all.has(group);
  }

  [Symbol.iterator](): Iterator<GroupNumber> {
    return this.#all.keys();
  }

  pick(mayHave: (failedOn: readonly string[]) => boolean): GroupNumber | undefined {
    let lookedAt = 0;
    for (const { failedOn, groups } of this.#shelves.values()) {
      if (mayHave(failedOn)) for (const group of groups) return group;
      lookedAt += 1;
      if (lookedAt === shelvesLookedAt) return undefined;
    }
    return undefined;
  }

  /** (L2) A group that waits already keeps its place. */
  add({ number, failedOn }: { readonly number: GroupNumber; readonly failedOn: readonly string[] }): void {
    if (this.#all.has(number)) return;
    const key = JSON.stringify(failedOn);
    const shelf = this.#shelves.get(key) ?? { failedOn, groups: new Set() };
    this.#shelves.set(key, shelf);
    shelf.groups.add(number);
    this.#all.set(number, shelf);
  }

  delete(group: GroupNumber): void {
    const shelf = this.#all.get(group);
    if (shelf === undefined) return;
    this.#all.delete(group);
    shelf.groups.delete(group);
    const key = JSON.stringify(shelf.failedOn);
    this.#shelves.delete(key);
    if (shelf.groups.size > 0) this.#shelves.set(key, shelf); // (L3)
  }
}
