import { expect, test } from "vitest";
import { grantNumber } from "../../shared/core/id.js";
import { spansOf } from "../../shared/core/spans.js";
import { takeGroup } from "./groups.js";
import type { DriverWord, GroupPart, LentGroup } from "./message.js";
import { gatherPart } from "./parts.js";
import { begin, fakeSettings, lend, mergeOf, open } from "./scripted-merger.js";
import { newMerger } from "./state.js";

/** Some outputs of group 1, which by default has those of ranges 0 to 4. */
function part(first: number, count: number, total = 5): GroupPart {
  const column = Array.from({ length: count }, (_, i) => first + i);
  const lent: LentGroup = {
    merge: mergeOf(1),
    spans: spansOf({ first, count }),
    grant: column.map((range) => grantNumber(range + 1)),
    sizeBytes: column,
    adler32: column,
  };
  return { lent, ahead: first, more: first + count < total };
}

const say = (first: number, count: number): DriverWord => ({ kind: "lend-part", part: part(first, count) });

test("a group that comes in parts is whole with the last, though some come twice (A1)", () => {
  const merger = newMerger(fakeSettings);
  expect(gatherPart(merger, part(0, 2))).toBe("more");
  expect(gatherPart(merger, part(0, 2))).toBe("more");
  expect(gatherPart(merger, part(2, 2))).toBe("more");
  expect(gatherPart(merger, part(4, 1))).toEqual({
    merge: mergeOf(1),
    spans: spansOf({ first: 0, count: 2 }, { first: 2, count: 2 }, { first: 4, count: 1 }),
    grant: [1, 2, 3, 4, 5],
    sizeBytes: [0, 1, 2, 3, 4],
    adler32: [0, 1, 2, 3, 4],
  });
});

test("it counts once, is merged once, and does no harm when it comes again", () => {
  const merger = begin({ slots: 1 });
  merger.join();
  merger.hear(open);
  expect([...merger.hear(say(0, 3)), ...merger.hear(say(3, 2))]).toEqual(["start 1 in 0"]);
  expect([...merger.hear(say(0, 3)), ...merger.hear(say(3, 2))]).toEqual([]);
  expect(merger.end(0)).toEqual(["result 1: 1 merged", "demand 2"]);
});

test("where a part is missing the link is closed, and the next hello does not name the group (A2)", () => {
  const merger = begin({ slots: 1 });
  merger.join();
  merger.hear(open);
  merger.hear(say(0, 2));
  expect(merger.hear(say(3, 2))).toEqual(["close: a part of a merge group did not come"]);
  expect(merger.join()).toEqual(["hello", "demand 1"]);
});

test("parts of another link are forgotten (A3)", () => {
  const merger = begin({ slots: 1 });
  merger.join();
  merger.hear(open);
  merger.hear(say(0, 3));
  merger.lose();
  merger.join();
  expect(merger.hear(say(3, 2))).toHaveLength(1);
  merger.join();
  merger.hear(open);
  expect(merger.hear(lend(2))).toEqual(["start 2 in 0"]);
});

test("of a group with more outputs than a merged file may have, the merge fails, and the next one is merged (A4, W7, P7)", () => {
  const merger = newMerger(fakeSettings);
  const most = 1_000_000;
  expect(gatherPart(merger, part(0, most, 3 * most))).toBe("more");
  const gathered = gatherPart(merger, part(most, 1, 3 * most));
  if (typeof gathered === "string") return expect.unreachable();
  expect(takeGroup(merger, gathered)).toBe(true);
  const said = "expected at most 1000000 outputs in a merge group, found more: submit the job with a smaller";
  const [refused] = merger.outbox.waiting;
  expect(refused).toMatchObject({ merge: mergeOf(1), report: { failure: { class: "fatal" } } });
  expect(refused?.report).toHaveProperty("failure.message", expect.stringContaining(said));
  expect(gatherPart(merger, part(most + 1, 1, 3 * most))).toBe("more");
  expect([merger.waiting.size, merger.gathered]).toEqual([0, undefined]);
});

test("such a group costs credit as any other, also in one message, and others are merged (W7)", () => {
  const merger = begin({ slots: 1 });
  merger.join();
  merger.hear(open);
  expect(merger.hear({ kind: "lend", lent: part(0, 1_000_001).lent })).toEqual([
    "result 1: 1 failed",
    "demand 2",
  ]);
  expect(merger.hear(lend(2))).toEqual(["start 2 in 0"]);
});
