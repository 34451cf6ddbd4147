import fc from "fast-check";
import { expect, test } from "vitest";
import { jobNumber, type JobNumber } from "../../shared/core/id.js";
import { JobNews, type UntoldJobs } from "./job-news.js";

type Jobs = ReadonlySet<JobNumber>;
const all: Jobs = new Set();
const few: Jobs = new Set([3, 6, 9].map(jobNumber));

function isAmong(jobs: Jobs, job: JobNumber): boolean {
  return jobs.size === 0 || jobs.has(job);
}

/** A run whose jobs change, as the driver tells of it. */
class Run {
  readonly news = new JobNews();
  /** What each job's revision is; the job that was new last comes last. */
  readonly jobs = new Map<JobNumber, number>();
  readonly watchers: Watcher[] = [];
  revision = 0;
  #isWatched = false;

  change(number: number): void {
    const job = jobNumber(number);
    this.revision += 1;
    this.#isNew(job, this.revision);
    this.news.changed(job, this.revision);
    for (const watcher of this.watchers) watcher.isNew(job, true);
  }

  progress(number: number): void {
    const job = jobNumber(number);
    this.news.progressed(job);
    const revision = this.jobs.get(job);
    if (revision === undefined) return;
    // As long as nobody watches, how far things are is not kept, but asked for.
    if (this.#isWatched) this.#isNew(job, revision);
    for (const watcher of this.watchers) watcher.isNew(job, false);
  }

  watch(since: number, wanted: Jobs): Watcher {
    const ofFarm = [...this.jobs].map(([number, revision]) => ({ number, revision }));
    const watcher = new Watcher(this, this.news.untold(ofFarm.reverse(), { since, jobs: wanted }), wanted);
    for (const job of watcher.untold.next(Infinity)) watcher.isNew(job, (this.jobs.get(job) ?? 0) > since);
    this.watchers.push(watcher);
    this.#isWatched = true;
    if (this.watchers.length > 6) this.watchers.shift();
    return watcher;
  }

  #isNew(job: JobNumber, revision: number): void {
    this.jobs.delete(job);
    this.jobs.set(job, revision);
  }
}

/** One who keeps a set of all that is to be told, as nobody should. */
class Watcher {
  readonly untold: UntoldJobs;
  readonly wanted: Jobs;
  readonly #run: Run;
  /** In order; whether a fact was about it, or it only came further. */
  readonly #isFact = new Map<JobNumber, boolean>();
  token = 0;

  constructor(run: Run, untold: UntoldJobs, wanted: Jobs) {
    this.#run = run;
    this.untold = untold;
    this.wanted = wanted;
  }

  isNew(job: JobNumber, isFact: boolean): void {
    if (!isAmong(this.wanted, job)) return;
    const was = this.#isFact.get(job) ?? false;
    this.#isFact.delete(job);
    this.#isFact.set(job, was || isFact);
  }

  get left(): readonly JobNumber[] {
    return [...this.#isFact.keys()];
  }

  tell(most: number): void {
    const jobs = this.untold.next(most);
    expect(jobs).toEqual(this.left.slice(0, most));
    for (const job of jobs) {
      this.untold.tell(job);
      this.#isFact.delete(job);
    }
    expect(this.untold.isAny()).toBe(this.left.length > 0);
    const token = this.untold.revision();
    expect(token).toBeGreaterThanOrEqual(this.token);
    for (const [job, isFact] of this.#isFact)
      if (isFact) expect(token).toBeLessThan(this.#run.jobs.get(job) ?? 0);
    if (this.left.length === 0) expect(token).toBe(this.#run.revision);
    this.token = token;
  }
}

const job = fc.integer({ min: 1, max: 9 });

/** What happens next: mostly news, of which some come of jobs that are not there. */
const step: fc.Arbitrary<(run: Run) => void> = fc.oneof(
  { weight: 6, arbitrary: job.map((number) => (run: Run) => run.change(number)) },
  { weight: 4, arbitrary: job.map((number) => (run: Run) => run.progress(number)) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 4 })).map(
      ([i, most]) =>
        (run: Run) =>
          run.watchers[i]?.tell(most),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map((isOfFew) => (run: Run) => {
      const { left, wanted } = run.watch(0, isOfFew ? few : all);
      expect(left).toEqual([...run.jobs.keys()].filter((number) => isAmong(wanted, number)));
    }),
  },
  {
    weight: 1,
    arbitrary: fc.nat(5).map((i) => (run: Run) => {
      const { token, wanted } = run.watchers[i] ?? run.watch(0, all);
      const { left } = run.watch(token, wanted);
      const since = [...run.jobs].filter(([number, revision]) => isAmong(wanted, number) && revision > token);
      expect(left).toEqual(expect.arrayContaining(since.map(([number]) => number)));
    }),
  },
);

test("each who watches is told of all that is new, the last of each job, in order, once, whenever it asks (O1, O2)", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 250, maxLength: 500 }), (steps) => {
      const run = new Run();
      for (const next of steps) next(run);
      for (const one of run.watchers) one.tell(Infinity);
    }),
    { seed: 7, numRuns: 20 },
  );
});

test("who goes on from where another one was is told of what changed since, and of nothing else (O2)", () => {
  const run = new Run();
  for (const number of [1, 2, 3, 4]) run.change(number);
  const one = run.watch(0, all);
  one.tell(4);
  run.change(3);
  run.change(1);
  run.change(3);
  expect(run.watch(one.token, all).left).toEqual([1, 3]);
});

test("a job that is told of anew before its turn takes nothing from those that it goes behind (O2)", () => {
  const run = new Run();
  for (const number of [1, 2, 3]) run.change(number);
  const one = run.watch(0, all);
  run.progress(1);
  one.tell(2);
  expect(one.left).toEqual([1]);
  expect(one.token).toBe(0);
});

test("jobs of which an older driver did not say when they changed are told each, however they come (O2)", () => {
  const jobs = [1, 2, 3].map((number) => ({ number: jobNumber(number), revision: 5 }));
  const untold = new JobNews().untold(jobs, { since: 0, jobs: all });
  untold.tell(jobNumber(1));
  expect(untold.revision()).toBe(4);
  expect(untold.next(9)).toEqual([2, 3]);
});

test("the list grows with the jobs of the run, and not with what happens to them or with who watches (O1, P7)", () => {
  const run = new Run();
  for (let number = 1; number <= 500; number += 1) run.change(number);
  for (let i = 0; i < 10; i += 1) run.watch(0, all);
  let longest = 0;
  for (let i = 0; i < 5_000; i += 1) {
    run.change(1 + ((7 * i) % 500));
    run.progress(1 + ((11 * i) % 500));
    longest = Math.max(longest, run.news.length);
  }
  expect(longest).toBeLessThanOrEqual(4 * 500);
});

test("as long as nobody watches nothing is kept", () => {
  const news = new JobNews();
  news.changed(jobNumber(1), 1);
  news.progressed(jobNumber(1));
  expect(news.length).toBe(0);
});
