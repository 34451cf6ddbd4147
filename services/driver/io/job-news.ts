// What is new about jobs, in the order in which it came: one list for all who watch. Each of them keeps how far it was told.
//
//   O1. A job is new when a fact was about it, and when it is known anew how far that is what runs of it. Of each job the last
//       of either stands in the list; what came before is swept out now and then, so that the list grows with the jobs of the
//       run and with nothing else (P7).
//   O2. Facts come in the order of their revisions, so one number tells up to where all was told, to any driver of the run.
//   O3. Who is told looks at what came since, and who named jobs at those, and at nothing else.

import type { JobNumber } from "../../shared/core/id.js";
import type { JobView } from "../core/state/job.js";

type NumberedJob = Pick<JobView, "number" | "revision">;

interface News {
  /** Its place among all that ever stood in the list. */
  readonly place: number;
  readonly job: JobNumber;
  /** Of the last fact at that time, about whichever job. */
  readonly revision: number;
}

interface LastNews {
  readonly fact: News;
  /** The same, or what became known later. */
  readonly any: News;
}

/** So short a list is not swept. */
const shortList = 100;

/** What somebody wants to be told, and up to which revision that was done. */
interface Wish {
  /** All when there are none. */
  readonly jobs: ReadonlySet<JobNumber>;
  readonly since: number;
}

/** What one who watches was not told yet. */
export interface UntoldJobs {
  /** Jobs that are to be told next, so many at most. */
  next(most: number): readonly JobNumber[];
  isAny(): boolean;
  /** The job was told, as were all that come before it. */
  tell(job: JobNumber): void;
  /** The revision up to which all was told (O2). */
  revision(): number;
}

export class JobNews {
  #list: News[] = [];
  #place = 0;
  #sweepAt = shortList;
  readonly #last = new Map<JobNumber, LastNews>();
  /** Somebody has watched. */
  #isBegun = false;

  /** What is in the list, with what is to be swept. */
  get length(): number {
    return this.#list.length;
  }

  /** A fact was about the job. */
  changed(job: JobNumber, revision: number): void {
    if (!this.#isBegun) return; // Who watches first finds it in the farm.
    const fact = this.#add(job, revision);
    this.#last.set(job, { fact, any: fact });
  }

  /** It is known anew how far that is what runs of the job, if there is such a job: peers say so. */
  progressed(job: JobNumber): void {
    const last = this.#last.get(job);
    if (last === undefined) return;
    const any = this.#add(job, this.#list.at(-1)?.revision ?? 0);
    this.#last.set(job, { fact: last.fact, any });
  }

  /** For one who watches from now on. The farm's jobs are as they are committed. */
  untold(ofFarm: Iterable<NumberedJob>, { since, jobs }: Wish): UntoldJobs {
    if (!this.#isBegun) this.#begin(ofFarm);
    const told = this.#list[firstOf(this.#list, ({ revision }) => revision > since) - 1]?.place ?? 0;
    return jobs.size === 0 ? new UntoldOfAll(this, told) : new UntoldOfNamed(this, told, { since, jobs });
  }

  /** Up to where all is known that is. */
  get end(): { readonly place: number; readonly revision: number } {
    return { place: this.#place, revision: this.#list.at(-1)?.revision ?? 0 };
  }

  /** What came after that, is still the last about its job, and is a fact where only those are asked for (O3). */
  *after(place: number, what: keyof LastNews): Generator<News, void> {
    for (let i = firstOf(this.#list, (news) => news.place > place); i < this.#list.length; i += 1) {
      const news = this.#list[i];
      if (news !== undefined && this.#last.get(news.job)?.[what] === news) yield news;
    }
  }

  lastOf(job: JobNumber): LastNews | undefined {
    return this.#last.get(job);
  }

  /** Where the last that is new about a job stands. */
  lastPlaceOf(job: JobNumber): number {
    return this.#last.get(job)?.any.place ?? 0;
  }

  #begin(jobs: Iterable<NumberedJob>): void {
    this.#isBegun = true;
    const inOrder = [...jobs].sort((one, other) => one.revision - other.revision);
    for (const { number, revision } of inOrder) this.changed(number, revision);
  }

  #add(job: JobNumber, revision: number): News {
    if (this.#list.length >= this.#sweepAt) this.#sweep();
    const news = { place: (this.#place += 1), job, revision };
    this.#list.push(news);
    return news;
  }

  /** (O1) */
  #sweep(): void {
    this.#list = this.#list.filter((news) => {
      const last = this.#last.get(news.job);
      return last?.any === news || last?.fact === news;
    });
    this.#sweepAt = Math.max(shortList, 2 * this.#list.length);
  }
}

/** Of all jobs. */
class UntoldOfAll implements UntoldJobs {
  readonly #news: JobNews;
  /** Up to there all was told. */
  #told: number;
  /** Up to there all facts were told. */
  #toldFacts: number;

  constructor(news: JobNews, told: number) {
    this.#news = news;
    this.#told = this.#toldFacts = told;
  }

  next(most: number): readonly JobNumber[] {
    const jobs: JobNumber[] = [];
    for (const { job } of this.#news.after(this.#told, "any")) {
      jobs.push(job);
      if (jobs.length === most) return jobs;
    }
    if (jobs.length === 0) this.#told = this.#news.end.place;
    return jobs;
  }

  isAny(): boolean {
    return this.next(1).length > 0;
  }

  tell(job: JobNumber): void {
    this.#told = this.#news.lastPlaceOf(job);
  }

  revision(): number {
    for (const { job, place, revision } of this.#news.after(this.#toldFacts, "fact")) {
      if (this.#news.lastPlaceOf(job) > this.#told) return revision - 1;
      this.#toldFacts = place;
    }
    return this.#news.end.revision;
  }
}

/** Of some jobs: the list is longer than these are (O3). */
class UntoldOfNamed implements UntoldJobs {
  readonly #news: JobNews;
  readonly #jobs: ReadonlySet<JobNumber>;
  /** Up to there all was told. */
  #told: number;
  /** Up to that revision all was told. */
  #revision: number;

  constructor(news: JobNews, told: number, { since, jobs }: Wish) {
    this.#news = news;
    this.#told = told;
    this.#revision = since;
    this.#jobs = jobs;
  }

  next(most: number): readonly JobNumber[] {
    const placeOf = (job: JobNumber): number => this.#news.lastPlaceOf(job);
    return [...this.#left()].sort((one, other) => placeOf(one) - placeOf(other)).slice(0, most);
  }

  isAny(): boolean {
    return this.#left().next().done !== true;
  }

  tell(job: JobNumber): void {
    this.#told = this.#news.lastPlaceOf(job);
  }

  revision(): number {
    let told = this.#news.end.revision;
    for (const job of this.#left()) told = Math.min(told, (this.#news.lastOf(job)?.fact.revision ?? 0) - 1);
    this.#revision = Math.max(this.#revision, told); // Of some jobs that are left, facts were told, and no progress since.
    return this.#revision;
  }

  *#left(): Generator<JobNumber, void> {
    for (const job of this.#jobs) if (this.#news.lastPlaceOf(job) > this.#told) yield job;
  }
}

/** Where in a list the first is of which this holds, and all that follow; the length when there is none. */
function firstOf<Item>(list: readonly Item[], holds: (item: Item) => boolean): number {
  let [from, to] = [0, list.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    const item = list[middle];
    if (item === undefined || holds(item)) to = middle;
    else from = middle + 1;
  }
  return from;
}
