import { describe, expect, it } from "vitest";
import { nodeList } from "./node-list.js";
import { nodeOf } from "./testing.js";

describe("the list of nodes", () => {
  it("fits a terminal, however long names and reasons are", () => {
    const name = "nid001234-gpu.cluster.example.org";
    const reason = "quarantined: what was given to it failed there five times, and nowhere else";
    const text = nodeList([nodeOf(name, { reason, rangesDone: 100_000_000 })], 61_000, 80);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(text).toContain("nid001234-gpu.c~  at work");
    expect(nodeList([nodeOf(name, { reason })], 61_000, undefined)).toContain(reason);
  });

  it("says how to begin when there is none", () => {
    expect(nodeList([], 0, 80)).toBe("no nodes yet: noctua actor --workdir <workdir> joins one");
  });
});
