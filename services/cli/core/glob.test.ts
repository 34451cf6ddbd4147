import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { globSteps, isGlob, withoutBraces } from "./glob.js";

function fits(pattern: string, name: string): boolean {
  const [step] = globSteps(pattern);
  return step?.kind === "pattern" ? step.matches(name) : step?.kind === "name" && step.name === name;
}

describe("a pattern", () => {
  it.each([
    ["*.lhe", ["a.lhe", "a.b.lhe"], [".lhe", "a.lhe.gz", ".a.lhe"]],
    [".*", [".a"], ["a"]],
    ["run-?.lhe", ["run-1.lhe", "run-é.lhe", "run-😀.lhe"], ["run-10.lhe", "run-.lhe"]],
    ["run-[0-3].lhe", ["run-0.lhe", "run-3.lhe"], ["run-4.lhe", "run--.lhe"]],
    ["run-[!0-3].lhe", ["run-4.lhe"], ["run-0.lhe"]],
    ["[]a-]", ["]", "a", "-"], ["b", ""]],
    ["a[b", ["a[b"], ["ab"]],
    ["a*b*c", ["abc", "axxbyybzc"], ["acb", "abcd"]],
    ["*", ["a", "a b"], [".a"]],
    ["a.b", ["a.b"], ["axb"]],
  ])("%s", (pattern, fitting, others) => {
    for (const name of fitting) expect(fits(pattern, name), name).toBe(true);
    for (const name of others) expect(fits(pattern, name), name).toBe(false);
  });

  it("with stars is what a regular expression makes of it", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
    const names = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
    fc.assert(
      fc.property(letters, names, (pattern, name) => {
        fc.pre(/[*?]/.test(pattern) && !pattern.includes("**"));
        const regular = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`);
        expect(fits(pattern, name)).toBe(regular.test(name));
      }),
      { seed: 6, numRuns: 2_000 },
    );
  });

  it("is matched soon, however many stars it has", () => {
    expect(fits(`${"*a".repeat(60)}*b`, "a".repeat(255))).toBe(false);
  });

  it("may have braces, one in another too", () => {
    expect(withoutBraces("{a,b}/{1,2}.lhe")).toEqual(["a/1.lhe", "a/2.lhe", "b/1.lhe", "b/2.lhe"]);
    expect(withoutBraces("x{a,b{1,2}}")).toEqual(["xa", "xb1", "xb2"]);
    expect(withoutBraces("{a}{")).toEqual(["{a}{"]);
    expect(withoutBraces("{a,b}{c,d}".repeat(5))).toBeUndefined();
  });

  it("has steps: names, patterns, and any number of folders", () => {
    expect(globSteps("a//**/*.lhe").map(({ kind }) => kind)).toEqual(["name", "folders", "pattern"]);
    expect(isGlob("a/b.lhe")).toBe(false);
  });
});
