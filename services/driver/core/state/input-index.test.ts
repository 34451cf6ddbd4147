import fc from "fast-check";
import { expect, test } from "vitest";
import type { InputFile } from "../../../shared/core/job-spec.js";
import { InputIndex } from "./input-index.js";
import { anInput } from "../../../shared/core/testing-spec.js";

const input = fc
  .record({
    path: fc.constantFrom("/a", "/b", "/c"),
    firstEvent: fc.integer({ min: 1, max: 60 }),
    events: fc.integer({ min: 1, max: 6 }),
  })
  .map(anInput);

function eventsOf({ path, firstEvent, events }: InputFile): string[] {
  return Array.from({ length: events }, (_, i) => `${path} ${firstEvent + i}`);
}

test("inputs are taken in as long as no event is taken in twice (I1)", () => {
  fc.assert(
    fc.property(fc.array(fc.array(input, { minLength: 1, maxLength: 4 }), { maxLength: 25 }), (requests) => {
      const inputs: InputFile[] = [];
      const index = new InputIndex(inputs);
      const events = new Set<string>();
      for (const more of requests) {
        const wanted = more.flatMap(eventsOf);
        const isNew = new Set(wanted).size === wanted.length && wanted.every((event) => !events.has(event));
        const overlap = index.overlapOf(more);
        expect(overlap === undefined).toBe(isNew);
        if (overlap !== undefined) {
          const [one, other] = [overlap.earlier, overlap.later].map((number) => [...inputs, ...more][number]);
          expect(overlap.earlier).toBeLessThan(overlap.later);
          expect(
            eventsOf(one as InputFile).some((event) => eventsOf(other as InputFile).includes(event)),
          ).toBe(true);
          continue;
        }
        const from = inputs.length;
        inputs.push(...more);
        index.enter(from);
        for (const event of wanted) events.add(event);
      }
    }),
    { seed: 20_261_122 },
  );
});

test("parts of one file are looked up and entered without looking at all that there are (I2)", () => {
  const inputs: InputFile[] = [];
  const index = new InputIndex(inputs);
  const part = (number: number) => anInput({ path: "/one", firstEvent: 1 + 10 * number, events: 10 });
  for (let number = 0; number < 100_000; number += 1) {
    const more = [part(number)];
    expect(index.overlapOf(more)).toBeUndefined();
    inputs.push(...more);
    index.enter(number);
  }
  expect(index.overlapOf([part(77_777)])).toEqual({ earlier: 77_777, later: 100_000 });
});
