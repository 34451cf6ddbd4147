// The room against a plain list of who waits: what it finds in a few steps is what a walk over all would find.

import fc from "fast-check";
import { expect, test } from "vitest";
import { newTrial, type Trial } from "./trial.js";
import { WaitingRoom } from "./waiting-room.js";

interface Waiting {
  readonly range: number;
  readonly trial: Trial;
  isDue: boolean;
}

function aTrial(changes: Partial<Trial>): Trial {
  return { ...newTrial(), ...changes };
}

/** Ranges that wait, in the plainest way. */
class PlainRoom {
  waiting: Waiting[] = [];

  enter(range: number, trial: Trial): void {
    this.waiting.push({ range, trial, isDue: trial.dueUnixMs === 0 });
  }

  leave(range: number): boolean {
    const before = this.waiting.length;
    this.waiting = this.waiting.filter((one) => one.range !== range);
    return this.waiting.length < before;
  }

  release(untilUnixMs: number): void {
    for (const one of this.waiting) one.isDue ||= one.trial.dueUnixMs <= untilUnixMs;
  }

  get due(): readonly Waiting[] {
    return this.waiting.filter(({ isDue }) => isDue);
  }

  nextDueUnixMs(): number | undefined {
    const times = this.waiting.filter(({ isDue }) => !isDue).map(({ trial }) => trial.dueUnixMs);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Ranges by whom they avoid and how they want to be run. */
  shelves(): ReadonlyMap<string, readonly number[]> {
    const shelves = new Map<string, number[]>();
    for (const { range, trial } of this.due) {
      const key = keyOf(trial);
      shelves.set(
        key,
        [...(shelves.get(key) ?? []), range].sort((a, b) => a - b),
      );
    }
    return shelves;
  }
}

function keyOf({ avoids, alone, solitary }: Pick<Trial, "avoids" | "alone" | "solitary">): string {
  return `${avoids.join()} ${alone} ${solitary}`;
}

function compare(room: WaitingRoom, plain: PlainRoom): void {
  expect(room.size).toBe(plain.waiting.length);
  expect(room.dueSize).toBe(plain.due.length);
  expect(room.solitarySize).toBe(plain.due.filter(({ trial }) => trial.solitary).length);
  expect(room.nextDueUnixMs()).toBe(plain.nextDueUnixMs());
  const shelves = [...room.shelves()].map((shelf) => {
    const ranges = Array.from({ length: 60 }, (_, range) => range).filter((range) => shelf.ranges.has(range));
    return [keyOf(shelf), ranges] as const;
  });
  expect(new Map(shelves)).toEqual(plain.shelves());
}

const trial = fc.record({
  dueUnixMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 50 })),
  avoids: fc.constantFrom<readonly string[]>([], ["a"], ["a", "b"]),
  alone: fc.boolean(),
  solitary: fc.boolean(),
});

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ range: fc.nat(59), trial }) },
  { weight: 4, arbitrary: fc.record({ leaving: fc.nat(59) }) },
  { weight: 2, arbitrary: fc.record({ untilUnixMs: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.constant({ clear: true }) },
);

test("who waits, until when and on which shelf, is as a walk over all would find it (Q1)", () => {
  const property = fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
    const [room, plain] = [new WaitingRoom(), new PlainRoom()];
    for (const one of steps) {
      if ("range" in one) {
        if (room.has(one.range)) continue;
        for (const either of [room, plain]) either.enter(one.range, aTrial(one.trial));
      } else if ("leaving" in one) expect(room.leave(one.leaving)).toBe(plain.leave(one.leaving));
      else if ("untilUnixMs" in one) for (const either of [room, plain]) either.release(one.untilUnixMs);
      else {
        room.clear();
        plain.waiting = [];
      }
      compare(room, plain);
    }
  });
  fc.assert(property, { seed: 11, numRuns: 300 });
});

test("a range waits once", () => {
  const room = new WaitingRoom();
  room.enter(1, aTrial({ dueUnixMs: 5 }));
  expect(() => {
    room.enter(1, aTrial({ dueUnixMs: 0 }));
  }).toThrow("range 1 waits once");
});

test("those that come and go leave nothing behind that grows, and keep the order of those that stay", () => {
  const room = new WaitingRoom();
  for (let range = 0; range < 5; range += 1) room.enter(range, aTrial({ dueUnixMs: 100 - range }));
  for (let time = 0; time < 5_000; time += 1) {
    room.enter(10, aTrial({ dueUnixMs: 1_000 + time }));
    room.leave(10);
  }
  const order: (number | undefined)[] = [];
  for (let due = room.nextDueUnixMs(); due !== undefined; due = room.nextDueUnixMs()) {
    order.push(due);
    room.release(due);
  }
  expect(order).toEqual([96, 97, 98, 99, 100]);
});
