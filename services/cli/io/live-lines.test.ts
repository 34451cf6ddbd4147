import { describe, expect, it } from "vitest";
import { LiveLines } from "./live-lines.js";

function linesOn(sink: { isTTY?: boolean; rows?: number }): {
  lines: LiveLines;
  written: string[];
  pass(ms: number): void;
} {
  const written: string[] = [];
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, unixMs: () => nowMs };
  const write = (text: string | Uint8Array): unknown => written.push(String(text));
  return {
    lines: new LiveLines({ ...sink, write }, clock),
    written,
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

describe("lines of several things", () => {
  it("are rewritten in place on a terminal, in one write, when they have changed", () => {
    const { lines, written, pass } = linesOn({ isTTY: true });
    lines.set(1, { text: "one", phase: "", isOver: false });
    pass(100);
    lines.set(2, { text: "two", phase: "", isOver: false });
    lines.end();
    expect(written).toEqual(["\rone\u001b[K\n\u001b[J", "\u001b[1A\rone\u001b[K\n\rtwo\u001b[K\n\u001b[J"]);
  });

  it("are no more than the terminal has room for, and then those first that are not over", () => {
    const { lines, written } = linesOn({ isTTY: true, rows: 3 });
    for (const key of [1, 2, 3]) lines.set(key, { text: `line ${key}`, phase: "", isOver: key === 1 });
    lines.end();
    expect(written.at(-1)).toContain("\rline 2\u001b[K\n\rand 2 more\u001b[K\n");
  });

  it("are printed elsewhere when they are due, without a word to a terminal", () => {
    const { lines, written, pass } = linesOn({});
    lines.set(1, { text: "one", phase: "running", isOver: false });
    lines.set(2, { text: "two", phase: "running", isOver: false });
    pass(1_000);
    lines.set(1, { text: "more", phase: "running", isOver: false });
    lines.set(2, { text: "end", phase: "finished", isOver: false });
    lines.end();
    expect(written).toEqual(["one\n", "two\n", "end\n", "more\n"]);
  });
});
