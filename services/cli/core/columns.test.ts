import { describe, expect, it } from "vitest";
import { folded } from "./columns.js";

describe("long lines", () => {
  it("go on in the next one, two further in, and lose no word", () => {
    const text = "short\n  Range 4 of job 2 failed for good: expected exit code 0, found 3.";
    const lines = folded(text, 40).split("\n");
    expect(lines).toEqual([
      "short",
      "  Range 4 of job 2 failed for good:",
      "    expected exit code 0, found 3.",
    ]);
    expect(folded(text, 80)).toBe(text);
    const long = "one two three four five six seven eight nine ten eleven twelve";
    expect(folded(long, 24)).toBe("one two three four five\n  six seven eight nine\n  ten eleven twelve");
  });

  it("stay as they are where they can't be cut, or hold a command to be copied", () => {
    const path = `${"x".repeat(60)} y`;
    expect(folded(path, 40)).toBe(`${"x".repeat(60)}\n  y`);
    expect(folded("x".repeat(60), 40)).toBe("x".repeat(60));
    const advice = `=> Try it again: noctua retry 2 --workdir /data/run1`;
    expect(folded(advice, 40)).toBe(advice);
  });
});
