import fc from "fast-check";
import { expect, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import type { HeldRange } from "./held.js";
import { heldRange } from "./testing.js";
import { WaitingRanges } from "./waiting.js";

/** A job to take the first range of, or so many ranges to add to it, or the ranges to remove that their number divides. */
const deed = fc.record({
  kind: fc.constantFrom("take" as const, "take" as const, "add" as const, "remove" as const),
  job: fc.integer({ min: 1, max: 3 }).map(jobNumber),
  count: fc.integer({ min: 1, max: 600 }),
});

test("ranges are taken in the order in which they came, however many were taken or removed before (Q1)", () => {
  const property = fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
    const waiting = new WaitingRanges();
    let model: HeldRange[] = [];
    let added = 0;
    for (const { kind, job, count } of deeds) {
      if (kind === "add") {
        const more = Array.from({ length: count }, () => heldRange(1, (added += 1), job));
        for (const held of more) waiting.add(held, false);
        model.push(...more);
      } else if (kind === "remove") {
        const isRemoved = ({ range }: HeldRange): boolean => range % count === 0;
        waiting.removeWhere(isRemoved);
        model = model.filter((held) => !isRemoved(held));
      }
      for (let i = 0; kind === "take" && i < count && model.some((held) => held.job === job); i += 1) {
        const first = model.find((held) => held.job === job);
        expect(waiting.firstOf(job)?.held).toBe(first);
        waiting.takeFirst(job);
        model = model.filter((held) => held !== first);
      }
      expect(waiting.size).toBe(model.length);
      expect(new Set(waiting.all())).toEqual(new Set(model));
      expect(waiting.firsts()[0]?.held).toBe(model[0]);
    }
  });
  fc.assert(property, { seed: 1, numRuns: 50 });
});
