// Ranges that the table calls ready, and that can't be given to just anybody at once: they wait for a time, avoid a node,
// or want to be alone (trial.ts).
//
//   Q1. A range is in the room once or not at all. Until its time it lies on the heap; from then on it stands on the shelf
//       of those that avoid the same nodes, so that a session finds what it may have in a few steps.
//   Q2. Who is here, and why, follows from table and trials. Whose time has come is passing: after a recovery all wait for
//       the first look at the clock.

import { assert } from "../../../shared/core/assert.js";
import { SpanSet } from "../../../shared/core/span-set.js";
import type { TrialView } from "./trial.js";

/** Ranges whose time has come, and that avoid the same nodes. */
export interface Shelf {
  readonly avoids: readonly string[];
  readonly alone: boolean;
  readonly solitary: boolean;
  readonly ranges: SpanSet;
}

export type ShelfView = Omit<Shelf, "ranges"> & { readonly ranges: Pick<SpanSet, "size" | "front" | "has"> };

/** What may be asked of the room by those who must not change it. */
export interface WaitingRoomView {
  readonly size: number;
  /** How many may be granted now, to whoever fits. */
  readonly dueSize: number;
  /** How many of these want an actor that holds nothing else. */
  readonly solitarySize: number;
  has(range: number): boolean;
  /** When the next one may be granted that may not yet; undefined when there is none. */
  nextDueUnixMs(): number | undefined;
  shelves(): Iterable<ShelfView>;
  ranges(): Iterable<number>;
}

type Place = { readonly kind: "heap"; readonly dueUnixMs: number } | { readonly kind: "shelf"; shelf: Shelf };

interface Delayed {
  readonly range: number;
  readonly trial: TrialView;
  readonly place: Place & { readonly kind: "heap" };
}

/** Heap items of ranges that have left are dropped when they are more than those that wait, and than so many. */
const staleMax = 1_024;

export class WaitingRoom implements WaitingRoomView {
  readonly #places = new Map<number, Place>();
  readonly #shelves = new Map<string, Shelf>();
  /** A binary heap, by time; with items of ranges that have left. */
  #heap: Delayed[] = [];
  #dueSize = 0;
  #solitarySize = 0;

  get size(): number {
    return this.#places.size;
  }

  get dueSize(): number {
    return this.#dueSize;
  }

  get solitarySize(): number {
    return this.#solitarySize;
  }

  has(range: number): boolean {
    return this.#places.has(range);
  }

  ranges(): Iterable<number> {
    return this.#places.keys();
  }

  shelves(): Iterable<Shelf> {
    return this.#shelves.values();
  }

  enter(range: number, trial: TrialView): void {
    assert(!this.#places.has(range), () => `range ${String(range)} waits once`); // (Q1)
    if (trial.dueUnixMs === 0) {
      this.#shelve(range, trial);
      return;
    }
    const place = { kind: "heap", dueUnixMs: trial.dueUnixMs } as const;
    this.#places.set(range, place);
    this.#push({ range, trial, place });
  }

  /** Takes a range out, and says whether it was here. */
  leave(range: number): boolean {
    const place = this.#places.get(range);
    if (place === undefined) return false;
    this.#places.delete(range);
    if (place.kind === "shelf") {
      const { shelf } = place;
      shelf.ranges.remove({ first: range, count: 1 });
      if (shelf.ranges.size === 0) this.#shelves.delete(keyOf(shelf));
      this.#dueSize -= 1;
      if (shelf.solitary) this.#solitarySize -= 1;
    }
    return true;
  }

  clear(): void {
    this.#places.clear();
    this.#shelves.clear();
    this.#heap = [];
    this.#dueSize = 0;
    this.#solitarySize = 0;
  }

  nextDueUnixMs(): number | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#isThere(top)) return top.place.dueUnixMs;
      this.#pop();
    }
    return undefined;
  }

  /** The time of all ranges up to this one has come. */
  release(untilUnixMs: number): void {
    for (
      let due = this.nextDueUnixMs();
      due !== undefined && due <= untilUnixMs;
      due = this.nextDueUnixMs()
    ) {
      const top = this.#pop();
      if (top !== undefined) this.#shelve(top.range, top.trial);
    }
  }

  #shelve(range: number, trial: TrialView): void {
    const key = keyOf(trial);
    const { avoids, alone, solitary } = trial;
    const shelf = this.#shelves.get(key) ?? { avoids, alone, solitary, ranges: new SpanSet() };
    this.#shelves.set(key, shelf);
    shelf.ranges.add({ first: range, count: 1 });
    this.#places.set(range, { kind: "shelf", shelf });
    this.#dueSize += 1;
    if (solitary) this.#solitarySize += 1;
  }

  #isThere({ range, place }: Delayed): boolean {
    return this.#places.get(range) === place;
  }

  #push(item: Delayed): void {
    if (this.#heap.length > staleMax && this.#heap.length > 2 * this.#places.size) {
      // A list in order is a heap.
      this.#heap = this.#heap.filter((one) => this.#isThere(one)).sort((a, b) => dueOf(a) - dueOf(b));
    }
    const heap = this.#heap;
    let at = heap.length;
    heap.push(item);
    for (let up = (at - 1) >> 1; at > 0 && dueOf(heap[up]) > dueOf(item); up = (at - 1) >> 1) {
      this.#swap(at, up);
      at = up;
    }
  }

  #pop(): Delayed | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    heap[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const least = dueOf(heap[left + 1]) < dueOf(heap[left]) ? left + 1 : left;
      if (dueOf(heap[least]) >= dueOf(heap[at])) return top;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(one: number, other: number): void {
    const [first, second] = [this.#heap[one], this.#heap[other]];
    if (first === undefined || second === undefined) return;
    this.#heap[one] = second;
    this.#heap[other] = first;
  }
}

/** What is not on the heap is never due. */
function dueOf(item: Delayed | undefined): number {
  return item === undefined ? Number.POSITIVE_INFINITY : item.place.dueUnixMs;
}

function keyOf({ avoids, alone, solitary }: Omit<Shelf, "ranges">): string {
  return JSON.stringify([alone, solitary, ...avoids]);
}
