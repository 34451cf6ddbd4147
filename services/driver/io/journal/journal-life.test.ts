import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeJournalFolder, systemError } from "./fake-journal-folder.js";
import { factsOf, openJournal } from "./journal-test-support.js";
import type { Journal } from "./journal.js";

const seed = 20_261_103;

/** One thing that happens to a journal. */
type Step =
  | { readonly kind: "commit"; readonly bytes: number }
  | { readonly kind: "fail"; readonly code: "EIO" | "ENOSPC"; readonly after: number }
  | { readonly kind: "kill" }
  | { readonly kind: "power-loss"; readonly kept: number; readonly zeroed: number }
  | { readonly kind: "replace" }
  | { readonly kind: "late-commit" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("commit" as const), bytes: fc.nat({ max: 200 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("fail" as const),
      code: fc.constantFrom("EIO" as const, "ENOSPC" as const),
      after: fc.nat({ max: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "kill" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("power-loss" as const),
      kept: fc.double({ min: 0, max: 1, noNaN: true }),
      zeroed: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "replace" as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: "late-commit" as const }) },
);

describe("whatever fails and whenever the driver dies", () => {
  it("what was acknowledged comes back, once, in order; nothing else but a commit that was in flight", async () => {
    const segmentBytesMax = fc.constantFrom(1, 300, 2_000, 1_000_000);
    await fc.assert(fc.asyncProperty(segmentBytesMax, fc.array(step, { maxLength: 40, size: "max" }), live), {
      seed,
      numRuns: 300,
    });
  }, 120_000);
});

/** Lives through the steps; each new driver checks what it finds. */
async function live(segmentBytesMax: number, steps: readonly Step[]): Promise<void> {
  const folder = new FakeJournalFolder();
  folder.writeBytesMax = 64;
  let epoch = 1;
  let acknowledged: string[] = [];
  let inFlight: string | undefined;
  let { journal } = await openJournal(folder, epoch, { segmentBytesMax });
  let replaced: Journal | undefined;

  const commit = async (to: Journal, text: string): Promise<boolean> =>
    to.append(factsOf(text)).then(
      () => true,
      () => false,
    );
  const restart = async (): Promise<void> => {
    folder.fault = () => undefined;
    folder.losesUnsynced = true;
    epoch += 1;
    const opened = await openJournal(folder, epoch, { segmentBytesMax });
    const withFlight = inFlight === undefined ? acknowledged : [...acknowledged, inFlight];
    expect([acknowledged, withFlight]).toContainEqual(opened.found);
    acknowledged = opened.found;
    inFlight = undefined;
    journal = opened.journal;
  };

  for (const [i, now] of steps.entries()) {
    switch (now.kind) {
      case "commit": {
        const text = `${i}:${"x".repeat(now.bytes)}`;
        if (await commit(journal, text)) acknowledged.push(text);
        else {
          inFlight = text;
          await restart();
        }
        break;
      }
      case "fail": {
        let left = now.after;
        folder.fault = () => {
          if (left-- === 0) throw systemError(now.code);
        };
        break;
      }
      case "kill":
        // Killed between write and sync: what was written is seen by everybody, and is not durable.
        inFlight = `${i}: in flight`;
        folder.fault = ({ kind }) => {
          if (kind !== "sync") return;
          folder.losesUnsynced = false;
          folder.fault = dead;
          dead();
        };
        await commit(journal, inFlight);
        await restart();
        break;
      case "power-loss": {
        // How much of the frame in flight gets to the disk is chance; so is whether its front does.
        inFlight = `${i}: in flight`;
        folder.fault = ({ kind }) => {
          if (kind !== "sync") return;
          folder.crash((unsynced) => {
            const kept = Buffer.from(unsynced.subarray(0, Math.round(unsynced.length * now.kept)));
            return kept.fill(0, 0, Math.round(kept.length * now.zeroed));
          });
          folder.fault = dead;
          dead();
        };
        await commit(journal, inFlight);
        await restart();
        break;
      }
      case "replace":
        replaced = journal;
        await restart();
        break;
      case "late-commit":
        // Of a driver that was paused while it was replaced: durable, and nobody may ever see it.
        if (replaced !== undefined && !(await commit(replaced, `${i}: late`))) replaced = undefined;
        break;
    }
  }
  await restart();
}

/** Nothing is done any more. */
function dead(): void {
  throw systemError("EIO");
}
