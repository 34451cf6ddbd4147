import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jobNumber, type JobNumber } from "../../shared/core/id.js";
import type { SlotTimes } from "../../shared/core/slot-times.js";
import { SlotBook } from "./slot-book.js";

const [one, two] = [jobNumber(1), jobNumber(2)];
const sum = (numbers: readonly number[]): number => numbers.reduce((all, some) => all + some, 0);

describe("the book of slots", () => {
  test("says of each slot whether it waits, starts a payload, or is busy, and with what (K1)", () => {
    const book = new SlotBook(2, 0);
    book.handed(0, 1, 100);
    book.begun(0, one, 130);
    book.freed(0, true, 1_000);
    expect(book.take(1_000)).toEqual({
      heldMs: 2_000,
      waitingMs: 1_100,
      startingMs: 30,
      jobs: [{ job: one, busyMs: 870, lostMs: 0, runningMs: 0 }],
    });
    expect(book.take(1_500)).toEqual({ heldMs: 1_000, waitingMs: 1_000, startingMs: 0, jobs: [] });
  });

  test("knows no pause where the next range was handed over ahead", () => {
    const book = new SlotBook(1, 0);
    book.handed(0, 1, 0);
    book.begun(0, one, 0);
    book.handed(0, 1, 10);
    book.begun(0, one, 50); // It may be heard before the end of the first, or after it.
    book.freed(0, true, 50);
    book.freed(0, true, 90);
    expect(book.take(90)).toMatchObject({ waitingMs: 0, startingMs: 0, jobs: [{ busyMs: 90 }] });
  });

  test("counts a start that failed as one, and what never began as nothing else", () => {
    const book = new SlotBook(1, 0);
    book.handed(0, 1, 0);
    book.freed(0, false, 40);
    expect(book.take(50)).toEqual({ heldMs: 50, startingMs: 40, waitingMs: 10, jobs: [] });
  });

  test("gives what a wide range takes to its job, and counts nothing twice", () => {
    const book = new SlotBook(4, 0);
    book.handed(2, 2, 10);
    book.begun(2, one, 10);
    book.freed(2, true, 60);
    expect(book.take(100)).toEqual({
      heldMs: 400,
      startingMs: 0,
      waitingMs: 300,
      jobs: [{ job: one, busyMs: 100, lostMs: 0, runningMs: 0 }],
    });
  });

  test("says how much of what was told still runs, in place of what it said before", () => {
    const book = new SlotBook(2, 0);
    for (const slot of [0, 1]) {
      book.handed(slot, 1, 0);
      book.begun(slot, one, 0);
    }
    expect(book.take(100).jobs).toEqual([{ job: one, busyMs: 200, lostMs: 0, runningMs: 200 }]);
    book.freed(0, true, 150);
    book.lost(one, 150);
    expect(book.take(200).jobs).toEqual([{ job: one, busyMs: 150, lostMs: 150, runningMs: 200 }]);
    book.freed(1, true, 200);
    expect(book.take(200).jobs).toEqual([{ job: one, busyMs: 0, lostMs: 0, runningMs: 0 }]);
    expect(book.take(200).jobs).toEqual([]);
  });

  test("tells of a thousand jobs at a time, and of the others next (P7)", () => {
    const book = new SlotBook(1, 0);
    for (let i = 0; i < 1_500; i += 1) {
      book.handed(0, 1, i * 10);
      book.begun(0, jobNumber(i + 1), i * 10);
      book.freed(0, true, i * 10 + 10);
    }
    expect(book.take(15_000).jobs).toHaveLength(1_000);
    const rest = book.take(15_000);
    expect(rest.jobs.map(({ job }) => job)).toEqual(Array.from({ length: 500 }, (_, i) => 1_001 + i));
    expect(rest.heldMs).toBe(5_000);
  });
});

type Move = readonly [slot: number, kind: "hand" | "begin" | "free" | "tell", afterMs: number];

interface Queued {
  readonly job: JobNumber;
  beganAtMs: number | undefined;
}

/** A node of three slots; each is given ranges, begins them in their order, and is rid of them. It counts by itself too. */
class WalkedNode {
  nowMs = 0;
  readonly told: SlotTimes[] = [];
  readonly busyMs = new Map<JobNumber, number>();
  readonly #book = new SlotBook(3, 0);
  readonly #queues: readonly Queued[][] = [[], [], []];

  move([slot, kind, afterMs]: Move): void {
    this.nowMs += afterMs;
    const queue = this.#queues[slot] ?? [];
    if (kind === "tell") this.told.push(this.#book.take(this.nowMs));
    else if (kind === "hand") this.#hand(slot, queue);
    else if (kind === "begin") this.#begin(slot, queue);
    else this.#free(slot, queue);
  }

  /** Of what runs still too. */
  end(): void {
    for (const queued of this.#queues.flat()) this.#count(queued);
    this.told.push(this.#book.take(this.nowMs));
  }

  #hand(slot: number, queue: Queued[]): void {
    this.#book.handed(slot, 1, this.nowMs);
    queue.push({ job: queue[0]?.job ?? (slot === 0 ? one : two), beganAtMs: undefined });
  }

  #begin(slot: number, [first]: Queued[]): void {
    if (first === undefined || first.beganAtMs !== undefined) return;
    this.#book.begun(slot, first.job, this.nowMs);
    first.beganAtMs = this.nowMs;
  }

  #free(slot: number, queue: Queued[]): void {
    const first = queue.shift();
    if (first === undefined) return;
    this.#book.freed(slot, first.beganAtMs !== undefined, this.nowMs);
    this.#count(first);
  }

  #count({ job, beganAtMs }: Queued): void {
    if (beganAtMs !== undefined) this.busyMs.set(job, (this.busyMs.get(job) ?? 0) + this.nowMs - beganAtMs);
  }
}

test("whatever happens, all that is told adds up to slots times time, and busy is what ran (K1, K3)", () => {
  const move: fc.Arbitrary<Move> = fc.tuple(
    fc.nat(2),
    fc.constantFrom("hand", "begin", "free", "tell"),
    fc.float({ min: 0, max: 1_000, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      const node = new WalkedNode();
      for (const one of moves) node.move(one);
      node.end();
      const { told, nowMs, busyMs } = node;
      const held = sum(told.map(({ heldMs }) => heldMs));
      expect(Math.abs(held - 3 * nowMs)).toBeLessThan(5);
      for (const times of told) {
        const { heldMs, waitingMs, startingMs, jobs } = times;
        expect(waitingMs + startingMs + sum(jobs.map((job) => job.busyMs))).toBe(heldMs);
      }
      for (const [number, ms] of busyMs) {
        const ofJob = told.flatMap(({ jobs }) => jobs.filter(({ job }) => job === number));
        expect(Math.abs(sum(ofJob.map((job) => job.busyMs)) - ms)).toBeLessThan(2);
      }
    }),
    { seed: 5, numRuns: 300 },
  );
});
