import { describe, expect, it } from "vitest";
import { describeMistakes, fieldName } from "../../shared/core/mistake.js";
import { execPlaceholders, mergePlaceholders, placeholderMistakes } from "./placeholders.js";
import { jobDetail, jobTable } from "./status-text.js";
import { statusOf } from "./testing.js";

describe("placeholders", () => {
  it("are as many as are known, and the needed ones are there", () => {
    expect(
      placeholderMistakes(["a", "{input}:{first}-{last}", "{output}", "{jobDir}/x"], execPlaceholders),
    ).toEqual([]);
    expect(placeholderMistakes(["hadd", "{output}", "@{inputs}"], mergePlaceholders)).toEqual([]);
    expect(placeholderMistakes(["a", '{"json": 1}', "{output}"], execPlaceholders)).toEqual([]);
  });

  it("are mistakes when they are not known, each once", () => {
    const [mistake, ...others] = placeholderMistakes(
      ["a", "{frist}", "{frist}", "{output}"],
      execPlaceholders,
    );
    expect(mistake).toMatchObject({ argument: 1, found: "{frist} (did you mean {first}?)" });
    expect(others).toEqual([]);
    expect(placeholderMistakes(["a", "${HOME}", "{output}"], execPlaceholders)[0]?.found).toBe("{HOME}");
  });

  it("are mistakes when a needed one is missing", () => {
    expect(placeholderMistakes(["a"], mergePlaceholders)).toEqual([
      { argument: undefined, expected: "{inputs}, {output} in the command", found: "a command without them" },
    ]);
  });
});

describe("mistakes", () => {
  it("are told in the order of the file, each with its place", () => {
    const text = describeMistakes({ file: "job.yaml", what: "job file" }, [
      { line: 9, field: fieldName(["inputs", 1, "path"]), expected: "a file", found: "none" },
      { line: 2, field: "name", expected: "a name", found: "nothing" },
      { line: undefined, field: "", expected: "YAML", found: "nothing" },
    ]);
    expect(text.split("\n")).toEqual([
      "the job file has 3 mistakes:",
      "  job.yaml: expected YAML, found nothing",
      "  job.yaml:2: name: expected a name, found nothing",
      "  job.yaml:9: inputs[1].path: expected a file, found none",
    ]);
  });

  it("are counted when they are too many to be read", () => {
    const many = Array.from({ length: 60 }, (_, i) => ({
      line: i + 1,
      field: "",
      expected: "a",
      found: "b",
    }));
    expect(describeMistakes({ file: "job.yaml", what: "job file" }, many)).toMatch(
      /has 60 mistakes[^]*job\.yaml:50[^]*\n {2}and 10 more$/,
    );
  });
});

describe("the status of jobs", () => {
  const wall = { nowUnixMs: 61_000, iso: (unixMs: number) => `T${unixMs}` };

  it("is a line a job, in columns", () => {
    const jobs = [
      statusOf({ ranges: { ready: 200, merged: 200 }, filesMerged: 2 }),
      statusOf({ name: "x", ranges: { ready: 4, failed: 1 }, failures: 3 }),
      statusOf({ name: "y", state: "cancelled", ranges: { merged: 1, failed: 4 }, failures: 3 }),
    ];
    expect(jobTable(jobs).split("\n")).toEqual([
      "JOB  NAME       STATE      PROGRESS        RANGES   FILES  FAILED  FAILURES",
      "1    drell-yan  running    [######......]  200/400  2      0       0",
      "1    x          running    [xx..........]  1/5      0      1       3",
      "1    y          cancelled  [##..........]  1/5      0      -       3",
    ]);
    expect(jobTable([])).toContain("no jobs yet");
  });

  it("tells all that is known of one job", () => {
    const status = statusOf({
      state: "failed",
      reason: "no such program",
      ranges: { ready: 1, held: 2, done: 3, merged: 4, failed: 5 },
      endedUnixMs: 31_000,
    });
    const text = jobDetail(status, wall);
    expect(text).toContain("15: 1 ready, 2 held, 3 done, 4 merged, 5 not done");
    expect(text).toContain("  not done   noctua report 1 tells why, noctua retry 1 tries again");
    expect(text).toContain("T1000 (1m ago)");
    expect(text).toContain("T31000 (after 30s)");
    expect(text).toContain("no such program");
  });

  it("says how far ranges are that run, and never more than is left", () => {
    const ranges = { ready: 0, held: 1, done: 9, merged: 0, failed: 0 };
    const at = { ranges, events: 400, eventsDone: 360 };
    expect(jobDetail(statusOf({ ...at, eventsRunning: 12 }), wall)).toContain(
      "360 of 400 done, 12 more in ranges that run",
    );
    expect(jobDetail(statusOf({ ...at, eventsRunning: 70 }), wall)).toContain("40 more");
    expect(jobDetail(statusOf(at), wall)).toContain("360 of 400 done\n");
  });

  it("says how far merges are that run, and how many more there are", () => {
    const merge = {
      merger: "m1",
      group: 3,
      bytesRead: 12_300_000,
      bytesTotal: 40_000_000,
      runningMs: 65_000,
    };
    const merging = [merge, { ...merge, group: 4, bytesTotal: 0 }];
    expect(jobDetail(statusOf({ merging, mergesRunning: 9 }), wall)).toContain(
      "  merging    group 3 on m1 for 1m 5s: 12.3MB of 40MB read\n" +
        "  merging    group 4 on m1 for 1m 5s: 12.3MB read\n" +
        "             and 7 more\n",
    );
    expect(jobDetail(statusOf({ merging, mergesRunning: 2 }), wall)).not.toContain("more");
    expect(jobDetail(statusOf(), wall)).not.toContain("merging");
  });

  it("says that outputs are kept, and nothing of merges", () => {
    const text = jobDetail(statusOf({ keepsOutputs: true }), wall);
    expect(text).toContain("  outputs    kept, merge: none\n");
    expect(text).not.toContain("merges ");
  });

  it("says that there are no outputs, and nothing of merges", () => {
    const text = jobDetail(statusOf({ outputs: "none" }), wall);
    expect(text).toContain("  outputs    none\n");
    expect(text).not.toContain("merges");
  });

  it("names nodes in quarantine, and who tells why", () => {
    const status = statusOf({ nodesQuarantined: 12, quarantinedNodes: ["n07", "n08"] });
    expect(jobDetail(status, wall)).toContain(
      "  quarantine n07, n08 and 10 more (noctua explain --node n07 tells why)",
    );
    expect(jobDetail(statusOf(), wall)).not.toContain("quarantine");
  });

  it("says of an open job how it gets more, and until when", () => {
    const open = statusOf({ state: "open", takesRanges: true });
    expect(jobDetail(open, wall)).toContain(
      "  inputs     noctua add 1 gives it more, until noctua close 1\n",
    );
    expect(jobDetail(statusOf(), wall)).not.toContain("noctua add");
  });

  it("says when a job waits, and who tells for what", () => {
    const held = { ready: 8, held: 1, done: 1, merged: 0, failed: 0 };
    expect(jobDetail(statusOf({ ranges: { ...held, held: 0 } }), wall)).toContain(
      "noctua explain 1 tells for what",
    );
    expect(jobDetail(statusOf({ ranges: held }), wall)).not.toContain("explain");
    const waitsFor = "actor n1 and 2 more: no space is left";
    expect(jobDetail(statusOf({ ranges: held, waitsFor }), wall)).toContain(`  waits      ${waitsFor}`);
  });
});
