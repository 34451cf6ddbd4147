// The whole planner, over any mix of inputs, sizes, failures and losses: each range that is done is in one merged file, and
// groups by range are the same whatever is done when.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { MergeGrouping } from "../../shared/core/job-spec.js";
import { seededRng, type Rng } from "../../shared/core/rng.js";
import { eachRange } from "../../shared/core/spans.js";
import { jobReport, type ToldReport } from "./testing/testing-report.js";
import { mergeOf, ToldDriver, type Peer } from "./testing/testing.js";
import { aSpec, byRange } from "./testing/testing-spec.js";

interface Mix {
  readonly inputs: readonly number[];
  readonly eventsPerRange: number;
  readonly everyOutputs: number;
  readonly grouping: MergeGrouping;
  /** What fails, and what does so once more after a retry, drawn for each range. */
  readonly failChance: number;
  readonly lossChance: number;
  readonly mergeFailChance: number;
  /** Of what goes wrong, which is the same in all runs of a mix. */
  readonly fate: number;
}

const groupings: readonly MergeGrouping[] = [
  byRange(false),
  byRange(true),
  { kind: "arrival", maxDelayMs: undefined },
  { kind: "arrival", maxDelayMs: 2_000 },
];

const mix: fc.Arbitrary<Mix> = fc.record({
  inputs: fc.array(fc.integer({ min: 1, max: 14 }), { minLength: 1, maxLength: 4 }),
  eventsPerRange: fc.integer({ min: 1, max: 3 }),
  everyOutputs: fc.integer({ min: 1, max: 9 }),
  grouping: fc.constantFrom(...groupings),
  failChance: fc.constantFrom(0, 0.2, 0.9),
  lossChance: fc.constantFrom(0, 0.3),
  mergeFailChance: fc.constantFrom(0, 0.3),
  fate: fc.nat(),
});

/** What is done with a job, in an order that is drawn. */
class Run {
  readonly driver = new ToldDriver();
  readonly #rng: Rng;
  readonly #actor: Peer;
  readonly #merger: Peer;
  readonly #failing: Set<number>;
  readonly #toLose: Set<number>;
  #merges: number;

  constructor(drawn: Mix, arrival: number) {
    const { inputs, eventsPerRange, everyOutputs, grouping } = drawn;
    this.driver.submit(
      aSpec({ inputs, eventsPerRange, everyOutputs, grouping, attempts: 1, mergeAttempts: 1 }),
    );
    const fate = seededRng(drawn.fate);
    const all = Array.from({ length: this.driver.job().table.ranges }, (_, range) => range);
    this.#failing = new Set(all.filter(() => fate.next() < drawn.failChance));
    this.#toLose = new Set(all.filter(() => fate.next() < drawn.lossChance));
    this.#merges = drawn.mergeFailChance;
    this.#rng = seededRng(arrival);
    this.#actor = this.driver.actor({ slots: 4 }).ask(10_000);
    this.#merger = this.driver.merger().ask(10_000);
  }

  /** To the end of the job; merges are given up by chance in the first round only. */
  finish(): ToldReport {
    for (let turns = 0; this.driver.farm.live.size > 0; turns += 1) {
      expect(turns, "turns until the job is over").toBeLessThan(1_000);
      if (this.#rng.next() < 0.4) this.#merge();
      else this.#report();
      if (this.#rng.next() < 0.1) this.driver.pass(1_000);
      this.driver.workFiles();
    }
    return jobReport(this.driver.farm, this.driver.job());
  }

  /** What failed is tried again: half of it succeeds. */
  retry(): ToldReport | undefined {
    const healed = [...this.#failing].filter((range) => range % 2 === 0);
    for (const range of healed) this.#failing.delete(range);
    this.#merges = 0;
    return this.driver.control("retry").kind === "done" ? this.finish() : undefined;
  }

  /** Some of what a grant holds is done or fails. */
  #report(): void {
    const [[grant, lent] = []] = this.#shuffled([...this.driver.job().grants]);
    if (grant === undefined || lent === undefined) return;
    const held = [...eachRange(lent.spans)].filter((range) => this.driver.job().table.isHeldBy(range, grant));
    const some = this.#shuffled(held).slice(0, 1 + Math.floor(this.#rng.next() * 6));
    const done = some.filter((range) => !this.#failing.has(range)).sort((one, other) => one - other);
    if (done.length > 0) this.#actor.done(grant, done);
    for (const range of some) if (this.#failing.has(range)) this.#actor.fail(grant, range);
  }

  #merge(): void {
    const lent = [...this.driver.job().groups.values()].filter(({ stage }) => stage.kind === "granted");
    const [group] = this.#shuffled(lent);
    if (group?.stage.kind !== "granted") return;
    const merge = mergeOf(group.number, group.stage.grant);
    const lost = [...eachRange(group.spans)].filter((range) => this.#toLose.delete(range));
    if (lost.length > 0) this.#merger.failMerge(merge, lost);
    else if (this.#rng.next() < this.#merges) this.#merger.failMerge(merge);
    else this.#merger.merged(merge);
  }

  #shuffled<Item>(items: readonly Item[]): Item[] {
    return items
      .map((item) => ({ item, at: this.#rng.next() }))
      .sort((one, other) => one.at - other.at)
      .map(({ item }) => item);
  }
}

type Pairs = readonly (readonly [number, number])[];

function rangesOf(spans: Pairs): number[] {
  return spans.flatMap(([first, count]) => Array.from({ length: count }, (_, i) => first + i));
}

/** Names of merged files and of what was to be merged, with the ranges in them. */
function groupsOf({ mergedFiles, keptGroups }: ToldReport): Map<number, readonly number[]> {
  const all = [...mergedFiles, ...keptGroups];
  return new Map(all.map(({ group, spans }) => [group, rangesOf(spans)]));
}

/** Each range of the job once: in a group, or failed. */
function expectEachOnce(report: ToldReport): void {
  const placed = [...groupsOf(report).values()].flat();
  const failed = report.failed.flatMap(({ spans }) => rangesOf(spans));
  const all = Array.from({ length: report.ranges.total }, (_, range) => range);
  expect([...placed, ...failed].sort((one, other) => one - other)).toEqual(all);
  expect(new Set(report.mergedFiles.map(({ path }) => path)).size).toBe(report.mergedFiles.length);
}

/** Said anew, range by range, of the inputs alone. */
function plainGroups({ inputs, eventsPerRange, everyOutputs, grouping }: Mix): number[][] {
  const files = inputs.map((events) => Math.ceil(events / eventsPerRange));
  const total = files.reduce((sum, ranges) => sum + ranges, 0);
  const parts = grouping.kind === "range" && grouping.acrossFiles ? [total] : files;
  const groups: number[][] = [];
  let next = 0;
  for (const ranges of parts)
    for (let left = ranges; left > 0; left -= everyOutputs) {
      const count = Math.min(left, everyOutputs);
      groups.push(Array.from({ length: count }, (_, i) => next + i));
      next += count;
    }
  return groups;
}

function expectGroups(drawn: Mix, report: ToldReport): void {
  const groups = groupsOf(report);
  if (drawn.grouping.kind === "arrival") {
    for (const ranges of groups.values()) expect(ranges.length).toBeLessThanOrEqual(drawn.everyOutputs);
    return;
  }
  const failed = new Set(report.failed.flatMap(({ spans }) => rangesOf(spans)));
  for (const [i, members] of plainGroups(drawn).entries()) {
    const done = members.filter((range) => !failed.has(range));
    expect(groups.get(i + 1) ?? []).toEqual(done);
  }
}

test("each range that is done is in one group, and groups by range are what the inputs say", () => {
  fc.assert(
    fc.property(mix, fc.nat(), (drawn, arrival) => {
      const run = new Run(drawn, arrival);
      const report = run.finish();
      expectEachOnce(report);
      expectGroups(drawn, report);
      const retried = run.retry();
      if (retried !== undefined) expectEachOnce(retried);
    }),
    { seed: 20_265, numRuns: 150 },
  );
});

test("groups by range have the same members and names in every run, whatever is done when, and after a retry too", () => {
  fc.assert(
    fc.property(mix, fc.boolean(), fc.nat(), fc.nat(), (any, acrossFiles, one, other) => {
      const drawn = { ...any, mergeFailChance: 0, grouping: byRange(acrossFiles) };
      const runs = [one, other].map((arrival) => {
        const run = new Run(drawn, arrival);
        return [run.finish(), run.retry()].map((report) =>
          report?.mergedFiles.map(({ path, spans, missing }) => ({ path, spans, missing })),
        );
      });
      expect(runs[0]).toEqual(runs[1]);
    }),
    { seed: 20_266, numRuns: 75 },
  );
});
