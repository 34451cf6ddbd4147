// One client that watches several jobs, or all of the run.
//
//   W1. What is to be told is jobs, and no backlog of states: a slow reader sees fewer states of a job, and always the last
//       one. One message is on its way at a time, the next is made when that was read: of who does not read no more is kept.
//   W2. Jobs are told in the order of what is new about them (job-news.ts), so one number, the revision up to which all is told,
//       is enough to go on from, with any driver of the run.

import type { JobNumber } from "../../shared/core/id.js";
import { after, type Cancel } from "../../shared/io/system-clock.js";
import type { Bench } from "../core/bench.js";
import type { FarmView } from "../core/state/farm.js";
import type { JobView } from "../core/state/job.js";
import { jobIn } from "./job-lists.js";
import type { UntoldJobs } from "./job-news.js";
import { fitting, keyIn, noToken, tokenOf } from "./paging.js";
import { rpcErrorOf, type RpcError } from "./rpc-error.js";
import type { Watcher, WatchRoom } from "./watch-room.js";
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
  readonly room: Pick<WatchRoom, "news" | "intervalMs" | "pauseMs">;
}

type Message = Parameters<WatchJobsCall["write"]>[0];

/** A `WatchJobsCall`, as far as it is needed here. */
interface Call extends Pick<WatchJobsCall, "request" | "cancelled" | "writableEnded"> {
  on(event: "cancelled" | "error", listener: () => void): unknown;
  emit(event: "error", error: RpcError): unknown;
  write(message: Message, wasRead: () => void): unknown;
  end(): unknown;
}

export class JobsWatcher implements Watcher {
  readonly #call: Call;
  readonly #books: Books;
  /** Those that were named; empty when it hears of all. */
  readonly #jobs: ReadonlySet<JobNumber>;
  /** Of the jobs that were named, those that were not seen over. */
  readonly #left: Set<JobNumber>;
  /** Undefined until it began. */
  #untold: UntoldJobs | undefined;
  /** Who is not at rest looks for news when that is done. */
  #doing: "resting" | "waiting" | "reading" | "writing" | "leaving" = "resting";
  #due: Cancel | undefined;
  #finish: () => void = () => undefined;

  constructor(call: Call, jobs: ReadonlySet<JobNumber>, books: Books) {
    this.#call = call;
    this.#jobs = jobs;
    this.#books = books;
    this.#left = new Set(jobs);
  }

  async run(): Promise<void> {
    const over = new Promise<void>((resolve) => (this.#finish = resolve));
    this.#call.on("cancelled", this.#finish);
    this.#call.on("error", this.#finish);
    await this.#ask((bench) => this.#begin(bench));
    await over;
    this.#doing = "leaving";
    this.#due?.();
  }

  wake(): void {
    if (this.#doing === "resting") this.#lookIn(this.#books.room.intervalMs);
  }

  fail(error: RpcError): void {
    this.#call.emit("error", error); // How grpc-js takes a call's closing status.
    this.#finish();
  }

  #lookIn(ms: number): void {
    this.#doing = "waiting";
    this.#due = after(ms, () => void this.#ask((bench) => this.#tell(bench)));
  }

  async #ask(what: (bench: Bench) => void): Promise<void> {
    this.#doing = "reading";
    try {
      await this.#books.read((_, bench) => {
        this.#doing = "resting";
        what(bench);
      });
    } catch (error) {
      this.fail(rpcErrorOf(error));
    }
  }

  #begin(bench: Bench): void {
    const { farm } = bench;
    const since = revisionIn(this.#call.request.resumeToken, farm);
    for (const number of this.#jobs) {
      const job = jobIn(farm, number);
      if (isDone(job) && job.revision <= since) this.#left.delete(number);
    }
    this.#untold = this.#books.room.news.untold(farm.jobs.values(), { since, jobs: this.#jobs });
    this.#write(bench, this.#untold);
  }

  #tell(bench: Bench): void {
    const untold = this.#untold;
    if (untold?.isAny() === true) this.#write(bench, untold);
  }

  #write(bench: Bench, untold: UntoldJobs): void {
    if (this.#call.cancelled || this.#call.writableEnded) return;
    const message = this.#next(bench, untold);
    const isAll = !untold.isAny();
    this.#doing = "writing";
    this.#call.write(message, () => this.#goOn(untold, isAll));
    if (!isAll || this.#jobs.size === 0 || this.#left.size > 0) return;
    this.#call.end();
    this.#finish();
  }

  /** The last message was read (W1). What it left over follows soon, and what is new since as ever. */
  #goOn(untold: UntoldJobs, isAll: boolean): void {
    if (this.#doing !== "writing") return;
    this.#doing = "resting";
    const { intervalMs, pauseMs } = this.#books.room;
    if (untold.isAny()) this.#lookIn(isAll ? intervalMs : pauseMs);
  }

  #next(bench: Bench, untold: UntoldJobs): Message {
    const { farm } = bench;
    const show = this.#books.shownIn(bench);
    const told = (number: JobNumber): StatusMessage => statusToWire(show(jobIn(farm, number)));
    const numbers = untold.next(toldMax);
    const jobs = fitting(numbers, { told, bytesOf: bytesOfStatus }, toldMax);
    for (const number of numbers.slice(0, jobs.length)) {
      untold.tell(number);
      if (isDone(jobIn(farm, number))) this.#left.delete(number);
    }
    return { jobs: [...jobs], resumeToken: tokenOf(`${farm.run}:${untold.revision()}`) };
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
