import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { isOfOne, parseSelector, selectJobs } from "./selector.js";

const jobs = (...numbers: readonly number[]) => numbers.map(jobNumber);

function select(text: string, there: readonly number[]): readonly number[] | string {
  const selector = parseSelector(text);
  return typeof selector === "string" ? selector : selectJobs(selector, jobs(...there));
}

describe("a selector", () => {
  it.each<[string, readonly number[]]>([
    ["3", [3]],
    ["1,3,5-8", [1, 3, 5, 6, 7, 8]],
    ["5-6, 1, 5", [1, 5, 6]],
    ["last", [9]],
    ["all", [1, 2, 3, 5, 6, 7, 8, 9]],
  ])("%s is each job that it names, once and ascending", (text, chosen) => {
    expect(select(text, [1, 2, 3, 5, 6, 7, 8, 9])).toEqual(chosen);
  });

  it("names the first number that is not there, and what is", () => {
    expect(select("4", [1, 2, 3, 7])).toBe("there is no job 4: the jobs are 1-3,7");
    expect(select("2-4294967295", [1, 2, 3, 7])).toBe("there is no job 4: the jobs are 1-3,7");
    expect(select("last", [])).toBe("there are no jobs yet: noctua submit begins one");
    expect(select("all", [])).toEqual([]);
  });

  it.each(["", "0", "3-1", "1,,2", "-1", "1-", "x", "ALL", "1 2", "4294967296", "1.5"])(
    "is refused in one sentence when it is none: %j",
    (text) => {
      expect(parseSelector(text)).toBe(
        `expected jobs such as 3, 1,3,5-8, last or all, found ${JSON.stringify(text)}`,
      );
    },
  );

  it("is of one job where it names one", () => {
    const isOne = (text: string): boolean => {
      const selector = parseSelector(text);
      return typeof selector !== "string" && isOfOne(selector);
    };
    expect(["3", "4-4", "last", "all", "1,2", "1-2"].map(isOne)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it("written of any jobs that are there chooses these jobs", () => {
    const some = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
    fc.assert(
      fc.property(some, some, (chosen, others) => {
        const there = [...new Set([...chosen, ...others])].sort((a, b) => a - b);
        expect(select(chosen.join(","), there)).toEqual(chosen.toSorted((a, b) => a - b));
      }),
      { seed: 6 },
    );
  });
});
