import fc from "fast-check";
import { expect, test } from "vitest";
import { rangeLayout, type EventRange } from "./event-range.js";
import type { InputFile } from "./job-spec.js";
import { eachRange, spansOfAscending } from "./spans.js";

function anInput(events: number, firstEvent = 1): InputFile {
  return { path: "/in", firstEvent, events, guid: "", scope: "", sizeBytes: 1, modifiedUnixMs: 1 };
}

const spec = fc.record({
  inputs: fc.array(
    fc.record({ events: fc.integer({ min: 1, max: 20 }), firstEvent: fc.integer({ min: 1, max: 50 }) }),
    { minLength: 1, maxLength: 6 },
  ),
  eventsPerRange: fc.integer({ min: 1, max: 7 }),
});

/** Every range, made by walking through all events. */
function walked(inputs: readonly InputFile[], eventsPerRange: number): EventRange[] {
  return inputs.flatMap(({ firstEvent, events }, input) => {
    const ranges: EventRange[] = [];
    const end = firstEvent + events;
    for (let first = firstEvent; first < end; first += eventsPerRange)
      ranges.push({ input, first, last: Math.min(end, first + eventsPerRange) - 1 });
    return ranges;
  });
}

test("ranges are numbered through the job in the order of its inputs, each in one input (E1, E2)", () => {
  fc.assert(
    fc.property(spec, ({ inputs, eventsPerRange }) => {
      const files = inputs.map(({ events, firstEvent }) => anInput(events, firstEvent));
      const layout = rangeLayout({ inputs: files, eventsPerRange });
      const expected = walked(files, eventsPerRange);
      expect(layout.ranges).toBe(expected.length);
      expect(layout.events).toBe(inputs.reduce((sum, { events }) => sum + events, 0));
      expect(expected.map((_, range) => layout.locate(range))).toEqual(expected);
    }),
    { seed: 3 },
  );
});

test("the events of spans are counted without walking through them", () => {
  fc.assert(
    fc.property(spec, fc.infiniteStream(fc.boolean()), ({ inputs, eventsPerRange }, chosen) => {
      const layout = rangeLayout({ inputs: inputs.map(({ events }) => anInput(events)), eventsPerRange });
      const all = [...eachRange({ first: [0], count: [layout.ranges] })];
      const spans = spansOfAscending(all.filter(() => chosen.next().value === true));
      let expected = 0;
      for (const range of eachRange(spans)) {
        const { first, last } = layout.locate(range);
        expected += last - first + 1;
      }
      expect(layout.eventsIn(spans)).toBe(expected);
    }),
    { seed: 4 },
  );
});

test("each event is in one range, which has it", () => {
  fc.assert(
    fc.property(spec, ({ inputs, eventsPerRange }) => {
      const layout = rangeLayout({ inputs: inputs.map(({ events }) => anInput(events)), eventsPerRange });
      for (let range = 0; range < layout.ranges; range += 1) {
        const { input, first, last } = layout.locate(range);
        expect([layout.rangeOf(input, first), layout.rangeOf(input, last)]).toEqual([range, range]);
      }
    }),
    { seed: 5 },
  );
  const layout = rangeLayout({ inputs: [anInput(10)], eventsPerRange: 3 });
  expect(() => layout.rangeOf(0, 11)).toThrow("event 11 is one of input 0");
});

test("a range that the job does not have is a mistake", () => {
  const layout = rangeLayout({ inputs: [anInput(10)], eventsPerRange: 3 });
  expect(layout.locate(3)).toEqual({ input: 0, first: 10, last: 10 });
  expect(() => layout.locate(4)).toThrow("range 4 is one of the job's 4");
  expect(() => layout.locate(-1)).toThrow("range -1");
});
