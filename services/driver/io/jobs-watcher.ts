// One client that watches several jobs, or all of the run.
//
//   W1. What is to be told is a set of jobs, and no backlog of states: a slow reader sees fewer states of a job, and always
//       the last one.
//   W2. Jobs are told in the order in which they changed last, so one number, the revision up to which all is told, is
//       enough to go on from, with any driver of the run.

import type { JobNumber } from "../../shared/core/id.js";
import { after, type Cancel } from "../../shared/io/system-clock.js";
import type { Bench } from "../core/bench.js";
import type { FarmView } from "../core/state/farm.js";
import type { JobView } from "../core/state/job.js";
import { jobIn } from "./job-lists.js";
import { fitting, keyIn, noToken, tokenOf } from "./paging.js";
import { rpcErrorOf, type RpcError } from "./rpc-error.js";
import type { Watcher } from "./watch-room.js";
import {
  bytesOfStatus,
  statusToWire,
  type ShownStatus,
  type StatusMessage,
  type WatchJobsCall,
} from "./wire-jobs.js";

/** Jobs of one message. */
const toldMax = 100;

interface Books {
  readonly read: (question: (farm: FarmView, bench: Bench) => void) => Promise<void>;
  readonly shownIn: (bench: Bench) => (job: JobView) => ShownStatus;
  /** Between two messages, at least. */
  readonly intervalMs: () => number;
}

export class JobsWatcher implements Watcher {
  readonly #call: WatchJobsCall;
  readonly #books: Books;
  readonly #jobs: readonly JobNumber[];
  /** What is to be told, in the order of the last change (W1, W2). */
  readonly #changed = new Set<JobNumber>();
  /** Of the jobs that were named, those that were not seen over. */
  readonly #left: Set<JobNumber>;
  #isBegun = false;
  #due: Cancel | undefined;
  #isReading = false;
  #finish: () => void = () => undefined;

  constructor(call: WatchJobsCall, jobs: readonly JobNumber[], books: Books) {
    this.#call = call;
    this.#jobs = jobs;
    this.#books = books;
    this.#left = new Set(jobs);
  }

  async run(): Promise<void> {
    const over = new Promise<void>((resolve) => (this.#finish = resolve));
    this.#call.on("cancelled", this.#finish);
    this.#call.on("error", this.#finish);
    this.#call.on("drain", () => this.#soon());
    await this.#ask((bench) => this.#begin(bench));
    await over;
    this.#due?.();
  }

  wake(job: JobNumber): void {
    this.#changed.delete(job); // It goes to the end (W2).
    this.#changed.add(job);
    this.#soon();
  }

  fail(error: RpcError): void {
    this.#call.emit("error", error); // How grpc-js takes a call's closing status.
    this.#finish();
  }

  #soon(): void {
    this.#due ??= after(this.#books.intervalMs(), () => {
      this.#due = undefined;
      if (this.#isReading) this.#soon();
      else void this.#ask((bench) => this.#send(bench));
    });
  }

  async #ask(what: (bench: Bench) => void): Promise<void> {
    this.#isReading = true;
    try {
      await this.#books.read((_, bench) => what(bench));
    } catch (error) {
      this.fail(rpcErrorOf(error));
    } finally {
      this.#isReading = false;
    }
  }

  #begin(bench: Bench): void {
    const { farm } = bench;
    const since = revisionIn(this.#call.request.resumeToken, farm);
    const jobs =
      this.#jobs.length === 0 ? [...farm.jobs.values()] : this.#jobs.map((job) => jobIn(farm, job));
    const changed = jobs.filter(({ revision }) => revision > since);
    this.#changed.clear();
    for (const { number } of changed.sort((one, other) => one.revision - other.revision))
      this.#changed.add(number);
    for (const job of jobs) if (isDone(job) && !this.#changed.has(job.number)) this.#left.delete(job.number);
    this.#isBegun = true;
    this.#send(bench, true);
  }

  /** What can be told now; the rest when the client has read that. */
  #send(bench: Bench, isFirst = false): void {
    if (!this.#isBegun || this.#call.cancelled || this.#call.writableEnded) return;
    const show = this.#books.shownIn(bench);
    let isDue = isFirst;
    while ((isDue || this.#changed.size > 0) && !this.#call.writableNeedDrain) {
      this.#call.write(this.#next(bench.farm, show));
      isDue = false;
    }
    if (this.#changed.size > 0 || this.#jobs.length === 0 || this.#left.size > 0) return;
    this.#call.end();
    this.#finish();
  }

  #next(farm: FarmView, show: (job: JobView) => ShownStatus): Parameters<WatchJobsCall["write"]>[0] {
    const told = (number: JobNumber): StatusMessage => statusToWire(show(jobIn(farm, number)));
    const jobs = fitting(this.#changed, { told, bytesOf: bytesOfStatus }, toldMax);
    for (const { job } of jobs) {
      const view = jobIn(farm, job);
      this.#changed.delete(view.number);
      if (isDone(view)) this.#left.delete(view.number);
    }
    return { jobs: [...jobs], resumeToken: tokenOf(`${farm.run}:${this.#toldUpTo(farm)}`) };
  }

  /** (W2) */
  #toldUpTo(farm: FarmView): number {
    const [first] = this.#changed;
    return first === undefined ? farm.revision : jobIn(farm, first).revision - 1;
  }
}

/** Whether nothing more happens to it. */
function isDone({ stage }: JobView): boolean {
  return stage.kind === "reported" || stage.kind === "broken";
}

/** Up to where all was told; 0 at first. Throws when the token is of another run, or none at all. */
function revisionIn(token: string, { run }: FarmView): number {
  const key = keyIn(token, "resume_token");
  if (key === undefined) return 0;
  const revision = Number(key.slice(run.length + 1));
  if (key.startsWith(`${run}:`) && Number.isSafeInteger(revision)) return revision;
  throw noToken("resume_token", token);
}
