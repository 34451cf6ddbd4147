import { describe, expect, it } from "vitest";
import { jobList } from "./job-list.js";
import { statusOf } from "./testing.js";

describe("the list of jobs", () => {
  it("never rounds up to the end of a job, nor a failure away", () => {
    const ranges = { merged: 99_999_998, held: 1, failed: 1 };
    const [, line] = jobList([statusOf({ ranges })], 3_601_000, undefined).split("\n");
    expect(line?.split(/ {2,}/)).toEqual([
      " 1",
      "drell-yan",
      "running",
      "99.9M",
      "1",
      "0",
      "1",
      "100M",
      "1h",
    ]);
  });

  it("fits a terminal, however long the names", () => {
    const status = statusOf({
      name: "drell-yan-with-two-jets-at-nlo",
      state: "failed",
      reason: "every range failed: the payload's program is not there",
      ranges: { failed: 100_000_000 },
    });
    const lines = jobList([status], 3_601_000, 80).split("\n");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines[1]).toContain("drell-yan-wit~  failed");
  });

  it("says of a cancelled job what is not done, and after what time it ended", () => {
    const status = statusOf({ state: "cancelled", ranges: { merged: 1, failed: 4 }, endedUnixMs: 9_000 });
    expect(jobList([status], 10_000, undefined)).toMatch(
      / 1 {4}0 {5}0 {5}- {6}5 +9s {2}4 not done, after 8s$/,
    );
  });

  it("says of a job that is being cancelled that it ends, not what it waits for", () => {
    const status = statusOf({ ranges: { ready: 1, failed: 4 }, reason: "the job was cancelled" });
    expect(jobList([status], 10_000, undefined)).toMatch(/ running .* - .* ending$/);
  });

  it("says how to begin when there is none", () => {
    expect(jobList([], 0, 80)).toBe("no jobs yet: noctua submit JOB.yaml");
  });
});
