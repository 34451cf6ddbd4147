import { describe, expect, it } from "vitest";
import { limitPlaces, untestedLimits } from "./limits-table.js";
import { boundsIn, namedBounds } from "./named-bounds.js";
import { otherBounds } from "./other-bounds.js";

it("each limit in the table names a test that is there", () => {
  expect(untestedLimits()).toEqual([]);
});

describe("whatever services/ call a bound", () => {
  const named = (places: Iterable<readonly [string, string]>): string[] =>
    [...places].map(([file, name]) => `${name} in ${file}`);
  const [inTable, others] = [named(limitPlaces()), named(otherBounds)];
  const all = named(namedBounds());

  it("has a row in the table, or is told not to be a limit on what others send, and why (other-bounds.ts)", () => {
    expect(all.filter((bound) => !inTable.includes(bound) && !others.includes(bound))).toEqual([]);
  });

  it("is there: nothing else is told of, and nothing twice", () => {
    expect(others.filter((bound) => !all.includes(bound) || inTable.includes(bound))).toEqual([]);
    expect(others).toHaveLength(new Set(others).size);
  });

  it("is found wherever it stands", () => {
    const text = [
      "const queueMax = 10;",
      "export const stopMsMaxDefault = 2 * second;",
      "  const linesMax = 3;",
      "const rules: Rules = { jobsMax: 5, leaseMs: 1 };",
      "const lines = { max: 10 };",
      "  readonly rangesMax: number;",
      "  const most = Math.max(queueMax, 3);",
    ].join("\n");
    const names = ["queueMax", "stopMsMaxDefault", "linesMax", "jobsMax", "max"];
    expect(boundsIn("x.ts", text)).toEqual(names.map((name) => ["x.ts", name]));
  });
});
