import fc from "fast-check";
import { expect, test } from "vitest";
import { rangeLayout } from "./event-range.js";
import { extendPlan, newPlan } from "./job-plan.js";
import type { InputFile, JobSpec } from "./job-spec.js";
import { eachRange } from "./spans.js";
import { anInput, wholeSpec } from "./testing-spec.js";

function specOf(inputs: readonly InputFile[], eventsPerRange: number): JobSpec {
  return wholeSpec({ inputs, eventsPerRange });
}

const some = fc.array(
  fc.integer({ min: 1, max: 20 }).map((events) => anInput({ events })),
  { maxLength: 5 },
);

test("a plan that grew is the plan of all inputs, and means the same for those it had (J1)", () => {
  fc.assert(
    fc.property(some, some, fc.integer({ min: 1, max: 7 }), (first, more, eventsPerRange) => {
      const plan = newPlan(specOf(first, eventsPerRange));
      const before = [...eachRange({ first: [0], count: [plan.layout.ranges] })].map((range) =>
        plan.layout.locate(range),
      );
      extendPlan(plan, first.length, more);
      const whole = rangeLayout(specOf([...first, ...more], eventsPerRange));
      const all = [...eachRange({ first: [0], count: [whole.ranges] })];
      expect(all.map((range) => plan.layout.locate(range))).toEqual(all.map((range) => whole.locate(range)));
      expect(before.map((_, range) => plan.layout.locate(range))).toEqual(before);
      expect([plan.layout.ranges, plan.layout.events]).toEqual([whole.ranges, whole.events]);
      expect(whole.firstRangeOf(whole.inputs.length)).toBe(whole.ranges);
      for (const range of all) {
        const { input } = whole.locate(range);
        expect(range).toBeGreaterThanOrEqual(whole.firstRangeOf(input));
        expect(range).toBeLessThan(whole.firstRangeOf(input + 1));
      }
    }),
    { seed: 31 },
  );
});

test("inputs that are told twice count once, and a gap is not jumped over (J2)", () => {
  const inputs = [3, 4, 5, 6].map((events) => anInput({ events }));
  const plan = newPlan(specOf(inputs.slice(0, 1), 1));
  extendPlan(plan, 2, inputs.slice(2));
  expect(plan.layout.ranges).toBe(3);
  extendPlan(plan, 1, inputs.slice(1, 3));
  extendPlan(plan, 1, inputs.slice(1, 3));
  extendPlan(plan, 0, inputs.slice(0, 2));
  expect(plan.layout.ranges).toBe(12);
  extendPlan(plan, 1, inputs.slice(1));
  expect(plan.layout.inputs).toEqual(inputs);
});
