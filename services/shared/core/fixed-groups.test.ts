import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rangeLayout, type GrowingLayout } from "./event-range.js";
import { FixedGroups } from "./fixed-groups.js";
import { groupNumber } from "./id.js";
import type { InputFile } from "./job-spec.js";

function inputsOf(events: readonly number[]): InputFile[] {
  const rest = { firstEvent: 1, guid: "", scope: "", sizeBytes: 1, modifiedUnixMs: 1 };
  return events.map((count, i) => ({ path: `/in/${i}.lhe`, events: count, ...rest }));
}

interface Shape {
  readonly events: readonly number[];
  readonly eventsPerRange: number;
  readonly everyOutputs: number;
  readonly acrossFiles: boolean;
}

function groupsOf({ events, eventsPerRange, everyOutputs, acrossFiles }: Shape): {
  readonly layout: GrowingLayout;
  readonly fixed: FixedGroups;
} {
  const layout = rangeLayout({ inputs: inputsOf(events), eventsPerRange });
  const merge = { grouping: { kind: "range" as const, acrossFiles }, everyOutputs };
  return { layout, fixed: new FixedGroups(layout, { eventsPerRange, merge }) };
}

function membersOf(fixed: FixedGroups): (readonly [number, number])[] {
  return Array.from({ length: fixed.count }, (_, i) => {
    const { first, count } = fixed.membersOf(i + 1);
    return [first, count] as const;
  });
}

const shape = fc.record({
  events: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 }),
  eventsPerRange: fc.integer({ min: 1, max: 4 }),
  everyOutputs: fc.integer({ min: 1, max: 12 }),
  acrossFiles: fc.boolean(),
});

describe("groups of fixed ranges", () => {
  test("stay within an input, whose last one has what is left (F1)", () => {
    const { fixed } = groupsOf({ events: [7, 4], eventsPerRange: 1, everyOutputs: 3, acrossFiles: false });
    expect(membersOf(fixed)).toEqual([
      [0, 3],
      [3, 3],
      [6, 1],
      [7, 3],
      [10, 1],
    ]);
  });

  test("reach across inputs where they may, and the job's last one has what is left (F1)", () => {
    const { fixed } = groupsOf({ events: [7, 4], eventsPerRange: 1, everyOutputs: 3, acrossFiles: true });
    expect(membersOf(fixed)).toEqual([
      [0, 3],
      [3, 3],
      [6, 3],
      [9, 2],
    ]);
    expect([1, 4].map((group) => fixed.mayGrow(group))).toEqual([false, true]);
  });

  test("have each range once, and each tells its group (F1)", () => {
    fc.assert(
      fc.property(shape, (drawn) => {
        const { layout, fixed } = groupsOf(drawn);
        let end = 0;
        for (const [i, [first, count]] of membersOf(fixed).entries()) {
          expect([first, count >= 1 && count <= drawn.everyOutputs]).toEqual([end, true]);
          end += count;
          for (let range = first; range < end; range += 1) expect(fixed.groupOf(range)).toBe(i + 1);
          const inputs = [first, end - 1].map((range) => layout.locate(range).input);
          if (!drawn.acrossFiles) expect(inputs[0]).toBe(inputs[1]);
        }
        expect(end).toBe(layout.ranges);
      }),
      { seed: 51 },
    );
  });

  test("are not changed by inputs that are added, save the last that is not full (F2)", () => {
    fc.assert(
      fc.property(shape, fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 4 }), (drawn, more) => {
        const { layout, fixed } = groupsOf(drawn);
        const before = membersOf(fixed).filter((_, i) => !fixed.mayGrow(i + 1));
        layout.add(inputsOf(more));
        expect(membersOf(fixed).slice(0, before.length)).toEqual(before);
        expect(membersOf(fixed)).toEqual(
          membersOf(groupsOf({ ...drawn, events: [...drawn.events, ...more] }).fixed),
        );
      }),
      { seed: 52 },
    );
  });

  test("have numbers that tell them from their late ones (F3)", () => {
    const { fixed } = groupsOf({ events: [7], eventsPerRange: 1, everyOutputs: 3, acrossFiles: false });
    const places = [
      { group: 1, late: 0 },
      { group: 3, late: 0 },
      { group: 1, late: 1 },
      { group: 2, late: 2 },
    ];
    expect(places.map((place) => fixed.numberOf(place))).toEqual([1, 3, 4, 8]);
    expect([1, 3, 4, 8].map((number) => fixed.placeOf(groupNumber(number)))).toEqual(places);
  });
});
