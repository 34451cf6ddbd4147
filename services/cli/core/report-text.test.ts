import { describe, expect, it } from "vitest";
import { reportText } from "./report-text.js";
import { doneReport, mergedFileOf, reportOf, shownOf } from "./testing.js";
import type { JobReport } from "./report.js";

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
