import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DurableFact } from "../../core/facts/fact.js";
import { FakeJournalFolder, systemError } from "./fake-journal-folder.js";
import type { Journal } from "./journal.js";
import { factsOfWalk, foundIn, openBooks, snapshotOf, valueAfter } from "./snapshot-test-support.js";

const seed = 20_261_122;

/** Makes a snapshot, takes it in, and removes what it makes superfluous. */
async function snapshotAndPrune(folder: FakeJournalFolder, journal: Journal, epoch: number): Promise<void> {
  await snapshotOf(folder, journal, epoch);
  await journal.prune();
}

/** Throws at the operation of this number, and at all that follow. */
function dieAt(folder: FakeJournalFolder, operation: number): void {
  let left = operation;
  folder.fault = () => {
    if (left-- <= 0) throw systemError("EIO");
  };
}

describe("a driver that dies while a snapshot is made, or while segments go", () => {
  it("at any step, leaves behind what the next one reads as if nothing had been", async () => {
    const facts = factsOfWalk(70);
    const value = valueAfter(facts);
    let isThrough = false;
    for (let operation = 0; !isThrough; operation += 1) {
      for (const losesMemory of [true, false]) {
        const folder = new FakeJournalFolder();
        const { journal } = await openBooks(folder, 1);
        for (const [i, fact] of facts.entries()) {
          await journal.append([fact]);
          if (i === 20 || i === 35) await snapshotAndPrune(folder, journal, 1);
        }
        dieAt(folder, operation);
        isThrough = await snapshotAndPrune(folder, journal, 1).then(
          () => true,
          () => false,
        );
        folder.fault = () => undefined;
        if (losesMemory) folder.crash(() => Buffer.alloc(0));
        expect(await foundIn(folder), `dies at operation ${operation}`).toEqual(value);
        const next = await openBooks(folder, 2);
        await snapshotAndPrune(folder, next.journal, 2);
        expect(folder.names().filter((name) => name.endsWith(".tmp"))).toEqual([]);
        expect(await foundIn(folder)).toEqual(value);
      }
    }
    expect(isThrough).toBe(true);
  });
});

type Step =
  | { readonly kind: "commit"; readonly facts: number }
  | { readonly kind: "snapshot"; readonly diesAt: number; readonly keeps: number }
  | { readonly kind: "kill" }
  | { readonly kind: "power-loss" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("commit" as const), facts: fc.integer({ min: 1, max: 5 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("snapshot" as const),
      diesAt: fc.oneof(fc.nat({ max: 30 }), fc.constant(1_000_000)),
      keeps: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "kill" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "power-loss" as const }) },
);

describe("whatever happens to a journal with snapshots", () => {
  it("snapshot and tail give what all facts give", async () => {
    const facts = factsOfWalk(200, 3);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 300, 1_500),
        fc.array(step, { minLength: 5, maxLength: 40, size: "max" }),
        (segmentBytesMax, steps) => live(facts, segmentBytesMax, steps),
      ),
      { seed, numRuns: 150 },
    );
  }, 60_000);
});

async function live(
  facts: readonly DurableFact[],
  segmentBytesMax: number,
  steps: readonly Step[],
): Promise<void> {
  const folder = new FakeJournalFolder();
  let epoch = 1;
  let at = 0;
  let { journal } = await openBooks(folder, epoch, { segmentBytesMax });
  const restart = async (): Promise<void> => {
    folder.fault = () => undefined;
    epoch += 1;
    expect(await foundIn(folder)).toEqual(valueAfter(facts.slice(0, at)));
    ({ journal } = await openBooks(folder, epoch, { segmentBytesMax }));
  };
  for (const one of steps) {
    switch (one.kind) {
      case "commit": {
        const some = facts.slice(at, at + one.facts);
        await journal.append(some);
        at += some.length;
        break;
      }
      case "snapshot": {
        if (journal.closed.length === 0 || journal.closed.at(-1)?.end === 1) break;
        if (journal.chain.snapshots[0]?.sequence === (journal.closed.at(-1)?.end ?? 0) - 1) break;
        dieAt(folder, one.diesAt);
        const isMade = await snapshotAndPrune(folder, journal, epoch).then(
          () => true,
          () => false,
        );
        if (!isMade) {
          folder.crash((unsynced) => unsynced.subarray(0, Math.round(unsynced.length * one.keeps)));
          await restart();
        }
        folder.fault = () => undefined;
        break;
      }
      case "kill":
        await restart();
        break;
      case "power-loss":
        folder.crash(() => Buffer.alloc(0));
        await restart();
        break;
    }
  }
  await restart();
}
