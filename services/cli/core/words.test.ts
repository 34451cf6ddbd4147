import { describe, expect, it } from "vitest";
import { describeMistakes, fieldName } from "../../shared/core/mistake.js";
import { execPlaceholders, mergePlaceholders, placeholderMistakes } from "./placeholders.js";
import { reportText } from "./report-text.js";
import { jobDetail, jobTable } from "./status-text.js";
import { doneReport, mergedFileOf, reportOf, shownOf, statusOf } from "./testing.js";
import type { JobReport } from "./report.js";

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

describe("the short report", () => {
  const places = {
    mergedFolder: "work/jobs/1/merged/",
    outputsFolder: "/w/outputs/",
    reportFile: "work/jobs/1/report.json",
  };

  const textOf = (report: JobReport, changes: Parameters<typeof shownOf>[1] = {}): readonly string[] =>
    reportText(shownOf(report, changes), places).split("\n");

  it("says how much there is and where", () => {
    expect(textOf(reportOf())).toEqual([
      "job 1 drell-yan: finished after 1m 5s",
      "  20 of 20 events in 2 merged files, 80 B",
      "  merged files: work/jobs/1/merged/",
      "  report:       work/jobs/1/report.json",
    ]);
  });

  it("says of a job that is at work when that was so, and where its ranges are", () => {
    const ranges = { total: 10, waiting: 3, running: 2, merged: 5 };
    const times = { submitted: "2026-11-22T12:00:00.000Z", updated: "2026-11-22T12:00:30.000Z" };
    const report = reportOf({
      state: "running",
      ranges,
      events: { merged: 10 },
      mergedFiles: [mergedFileOf(1)],
    });
    expect(textOf(report, { tookMs: 30_000, summary: { times } }).slice(0, 3)).toEqual([
      "job 1 drell-yan: running after 30s, as of 2026-11-22T12:00:30.000Z",
      "  10 of 20 events in 1 merged file, 40 B",
      "  10 ranges: 3 waiting, 2 running, 0 done, 5 merged",
    ]);
  });

  it("says of a job that is out of service what the report had told before", () => {
    const report = reportOf({ state: "broken", events: { merged: 10 }, mergedFiles: [mergedFileOf(1)] });
    expect(textOf(report)[1]).toBe("  as last reported: 10 of 20 events in 1 merged file, 40 B");
  });

  it("says what became of the slots' time", () => {
    const utilisation = { held: 200, busy: 180, lost: 10, starting: 4, waiting: 6, otherJobs: 0 };
    expect(textOf(reportOf(), { summary: { utilisation } }).slice(2, 4)).toEqual([
      "  slots: busy 90.0 %, lost 5.0 %, starting 2.0 %,",
      "    waiting 3.0 % of 3m 20s of slot time",
    ]);
  });

  it("says how long things took, to two digits, in lines of eighty columns", () => {
    const latencies = [
      { figure: "slot-idle", count: 38, medianMs: 0.2871, p99Ms: 4.093 },
      { figure: "driver-request", count: 2, medianMs: 850, p99Ms: 1_549 },
    ] as const;
    expect(textOf(reportOf(), { summary: { latencies } }).slice(2, 6)).toEqual([
      "  times, of all jobs since the driver began:",
      "    idle between two events of a slot: median 0.29 ms, p99 4.1 ms (n=38)",
      "    from an actor's results to their acknowledgement by the driver:",
      "      median 850 ms, p99 1.5 s (n=2)",
    ]);
  });

  it("says of a cancelled job what is not done, and how to go on", () => {
    const given = { class: "fatal", message: "the job was cancelled", spans: [[5, 5]] } as const;
    const failed = { class: "event", message: "no such particle", spans: [[4, 1]] } as const;
    const report = reportOf({
      state: "cancelled",
      ranges: { total: 10, merged: 4, failed: 6 },
      failed: [failed, given],
    });
    const lines = textOf(report, { summary: { reason: "the job was cancelled" } });
    expect(lines.slice(2, 5)).toEqual([
      "  6 ranges not done",
      "    5 given up with the job",
      "    1 (event): no such particle",
    ]);
    expect(lines.at(-1)).toBe("  to go on:     noctua retry 1 takes up what is not done");
  });

  it("says once why a job failed, and what it gave up with that", () => {
    const reason = "cannot start /no/such/program";
    const failed = [{ class: "fatal", message: reason, spans: [[0, 10]] }] as const;
    const report = reportOf({ state: "failed", ranges: { total: 10, failed: 10 }, failed });
    expect(textOf(report, { summary: { reason } }).slice(2, 5)).toEqual([
      `  because ${reason}`,
      "  10 ranges not done",
      "    10 given up with the job",
    ]);
  });

  it("says what is done where there are no outputs", () => {
    expect(textOf(doneReport()).slice(1)).toEqual([
      "  20 of 20 events done, outputs: none",
      "  report:       work/jobs/1/report.json",
    ]);
  });

  it("names the first nodes in quarantine, with the reason", () => {
    const quarantinedNodes = ["a", "b", "c", "d"].map((node) => {
      return { node, reason: `5 ranges failed on ${node}`, since: "2026-11-22T12:00:00.000Z" };
    });
    expect(textOf(reportOf(), { summary: { quarantinedNodes } }).slice(2, 6)).toEqual([
      "  node a is in quarantine: 5 ranges failed on a",
      "  node b is in quarantine: 5 ranges failed on b",
      "  node c is in quarantine: 5 ranges failed on c",
      "  and 1 node more, in the report",
    ]);
  });

  it("shows the failures that were final first, with the end of stderr, and leaves out what led to them", () => {
    const failure = {
      events: { input: "/in/1.lhe", first: 8, last: 8 },
      class: "event",
      node: "n1",
      attempt: 1,
      final: false,
      message: "ended with exit code 1",
      stderrTail: "",
    } as const;
    const final = { ...failure, attempt: 3, final: true, stderrTail: "a\nb\nc\n\nd: no such event\n" };
    const others = [1, 2, 3, 4, 5].map((event) => ({
      ...failure,
      events: { ...failure.events, first: event, last: event + 1 },
    }));
    const tries = { attempts: 2, mergers: ["m1", "m2"] };
    const report = reportOf({
      state: "finished-with-failures",
      mergedFiles: [mergedFileOf(1, { sizeBytes: 1_234_567 })],
      ranges: { total: 10, merged: 4, failed: 1, kept: 5 },
      failed: [{ class: "event", message: "ended with exit code 1", spans: [[4, 1]] }],
      keptGroups: [
        { group: 2, message: "ended with exit code 1", stderrTail: "what\n", ...tries, spans: [[5, 5]] },
      ],
    });
    const lines = textOf(report, { failures: [failure, ...others, final] });
    expect(lines.slice(1, 13)).toEqual([
      "  20 of 20 events in 1 merged file, 1.23 MB",
      "  1 range failed for good",
      "    1 (event): ended with exit code 1",
      "  5 ranges done, but their merge was given up",
      "    group 2, 2 tries on m1, m2: ended with exit code 1",
      "      | what",
      "  7 failures:",
      "    event 8 of /in/1.lhe, attempt 3 on n1, failed for good: ended with exit code 1",
      "      | b",
      "      | c",
      "      | d: no such event",
      "    events 1-2 of /in/1.lhe, attempt 1 on n1: ended with exit code 1",
    ]);
    expect(lines).toContain("    and 1 more, in failures.jsonl");
    const ofMany = textOf(report, {
      failures: [failure, ...others, final],
      summary: { failures: { counted: 5_000, told: 3_000 } },
    });
    expect(ofMany).toContain("    and 2994 more, in failures.jsonl");
  });
});
