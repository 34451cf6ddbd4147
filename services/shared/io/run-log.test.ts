import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineGuard, logLine, logWordOf, programTextStart, type LogWord } from "./run-log.js";

const at = "2026-11-22T20:00:00.000Z";
const range = { range: 5, grant: 7, input: "/in/a\nb \u2028.lhe", first: 6, last: 6, began: at };
const words: readonly LogWord[] = [
  { kind: "output", job: 1, node: "n1", at, ranges: [range] },
  { kind: "output", job: 1, node: "n1", at, ranges: [] },
  { kind: "end", range: 5, grant: 7, at, seconds: 1.25, outcome: "made" },
  {
    ...{ kind: "end", range: 5, grant: 7, at, seconds: 1.25, outcome: "failed", class: "event" },
    ...{ exitCode: 3, signal: "SIGSEGV", message: "no such\ncell" },
  },
  {
    kind: "output",
    job: 1,
    node: "n1",
    at,
    ranges: [],
    merge: { group: 3, grant: 9, command: "merge command" },
  },
  { kind: "output", job: 1, node: "n1", at, ranges: [], merge: { group: 3, grant: 9 } },
  {
    ...{ kind: "merge-end", group: 3, grant: 9, at, seconds: 1.25, outcome: "failed", class: "transient" },
    ...{ exitCode: 3, message: "no\nlicence" },
  },
  { kind: "left-out", bytes: 12 },
  { kind: "rotated", logs: 3 },
];

describe("a log of payloads", () => {
  it("says the same to whoever reads it, a line each", () => {
    for (const word of words) {
      const line = logLine(word);
      expect(line.indexOf("\n")).toBe(line.length - 1);
      expect(logWordOf(line.trimEnd())).toEqual(word);
    }
  });

  it("takes what makes no sense for a line of a program's (L3)", () => {
    const strange = ["", "@", "@noctua", "@noctua end", '@noctua end {"range":1}', "@noctua later {}"];
    for (const line of [...strange, "@noctua rotated {", `x${logLine({ kind: "rotated", logs: 1 })}`])
      expect(logWordOf(line)).toBeUndefined();
  });

  it("has no line of Noctua's that a program wrote, however it wrote it (L2)", () => {
    const written = fc.array(fc.constantFrom("@", "\n", "a", "@noctua rotated {", '"logs":1}', " ", "\r"));
    const property = fc.property(fc.array(written), (pieces) => {
      const guard = new LineGuard();
      const texts = pieces.map((parts) => parts.join(""));
      const logged = Buffer.concat(texts.map((text) => guard.guard(Buffer.from(text)))).toString();
      const lines = logged.split("\n");
      for (const line of lines) expect(/^@(?!@)/.test(line)).toBe(false);
      const shown = lines.map((line) => line.slice(programTextStart(Buffer.from(line))));
      expect(shown.join("\n")).toBe(texts.join(""));
    });
    fc.assert(property, { seed: 7, numRuns: 300 });
  });
});
