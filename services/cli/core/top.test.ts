import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { nodeStates } from "../../shared/core/node-status.js";
import { nodeOf, statusOf } from "./testing.js";
import { topLines, type Size, type TopView } from "./top.js";

function viewOf(changes: Partial<TopView> = {}): TopView {
  const cluster = { run: "r", actors: 2, slots: 16, slotsBusy: 14, mergers: 1 };
  const nothing = { jobs: [], nodes: [], paceOf: () => "ETA 6s, 28.0 events/s", away: "" };
  return { cluster, ...nothing, nowUnixMs: 61_000, ...changes };
}

function textOf(view: TopView, size?: Size): readonly string[] {
  return topLines(view, size).map(({ text }) => text);
}

const jobs = [
  statusOf({ job: jobNumber(1), state: "finished", ranges: { merged: 4 }, endedUnixMs: 9_000 }),
  statusOf({ job: jobNumber(2), state: "finished", ranges: { merged: 4 }, endedUnixMs: 9_000 }),
  statusOf({ job: jobNumber(3), ranges: { ready: 10, held: 2 } }),
];

describe("top", () => {
  it("shows jobs that are not over first, then the newest, and how fast they go", () => {
    const lines = textOf(viewOf({ jobs }));
    expect(lines[0]).toBe(
      "noctua 00:01:01Z  3 jobs, 1 not over; 2 actors with 14 of 16 slots busy, 1 merger",
    );
    expect(lines.slice(4, 7).map((line) => line.trim()[0])).toEqual(["3", "2", "1"]);
    expect(lines[4]).toMatch(/ETA 6s, 28\.0 events\/s$/);
    expect(textOf(viewOf({ jobs }), { columns: 80, rows: 24 })[4]).toMatch(/ETA 6s$/);
  });

  it("shows those of a thousand nodes that fit, worst first, and how many more there are", () => {
    const nodes = Array.from({ length: 1_000 }, (_, i) => nodeOf(`n${i}`, { failures: i === 500 ? 3 : 0 }));
    nodes[700] = nodeOf("n700", { state: "quarantined", reason: "5 ranges failed there, and on no other" });
    nodes[800] = nodeOf("n800", { state: "away" });
    const lines = textOf(viewOf({ jobs, nodes }), { columns: 80, rows: 24 });
    expect(lines).toHaveLength(24);
    expect(lines[1]).toBe("1000 nodes: 1 quarantined, 1 away, 998 at work");
    const first = lines.findIndex((line) => line.startsWith("NODE"));
    expect(lines.slice(first + 1, first + 4).map((line) => line.split(" ")[0])).toEqual([
      "n700",
      "n800",
      "n500",
    ]);
    expect(lines.at(-1)).toBe(`  and ${1_000 - (lines.length - first - 2)} more nodes`);
  });

  it("says so when nothing is known any more", () => {
    expect(textOf(viewOf({ jobs, away: "the driver does not answer" }))[1]).toBe(
      "the driver does not answer",
    );
  });

  it("fits any terminal, and counts what it leaves out", () => {
    const property = fc.property(
      fc.nat({ max: 60 }),
      fc.array(fc.constantFrom(...nodeStates), { maxLength: 60 }),
      fc.record({ columns: fc.integer({ min: 80, max: 200 }), rows: fc.integer({ min: 10, max: 60 }) }),
      (count, states, size) => {
        const some = Array.from({ length: count }, (_, i) => statusOf({ job: jobNumber(i + 1) }));
        const nodes = states.map((state, i) => nodeOf(`n${i}`, { state }));
        const lines = textOf(viewOf({ jobs: some, nodes }), size);
        expect(lines.length).toBeLessThanOrEqual(size.rows);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(size.columns);
        const more = (what: string): number =>
          Number(
            lines.map((line) => new RegExp(`^ {2}and (\\d+) more ${what}$`).exec(line)?.[1]).find(Boolean) ??
              0,
          );
        expect(lines.filter((line) => line.includes("drell-yan")).length + more("jobs")).toBe(count);
        expect(lines.filter((line) => /^n\d+ /.test(line)).length + more("nodes")).toBe(states.length);
      },
    );
    fc.assert(property, { seed: 1, numRuns: 200 });
  });
});
