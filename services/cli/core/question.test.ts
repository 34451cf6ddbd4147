import { describe, expect, it } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { questionOf, type Asked } from "./question.js";

const nothing: Asked = { job: undefined, range: undefined, event: undefined, node: undefined };
const job = jobNumber(3);

describe("what is to be explained", () => {
  it("is a job, a range or an event of it, or a node", () => {
    expect(questionOf({ ...nothing, job })).toEqual({ kind: "job", job });
    expect(questionOf({ ...nothing, job, range: 0 })).toEqual({ kind: "range", job, range: 0 });
    expect(questionOf({ ...nothing, node: "n07" })).toEqual({ kind: "node", name: "n07" });
    expect(questionOf({ ...nothing, job, event: "C:/in/2.lhe:17" })).toEqual({
      ...{ kind: "event", job, path: "C:/in/2.lhe", event: 17 },
    });
  });

  it("is one thing, and not none or several", () => {
    expect(questionOf(nothing)).toContain("expected something to explain");
    expect(questionOf({ ...nothing, job, node: "n07" })).toContain("found several");
    expect(questionOf({ ...nothing, job, range: 1, event: "2.lhe:1" })).toContain("found several");
  });

  it.each(["2.lhe", "2.lhe:", ":7", "2.lhe:x", "2.lhe:-1"])("is no event when it is said as %s", (event) => {
    expect(questionOf({ ...nothing, job, event })).toBe(
      `expected an input file and the number of an event in it, as in input/2.lhe:17, found ${event}`,
    );
  });
});
