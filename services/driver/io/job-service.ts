// JobService: what users and other services ask of the driver.
//
//   K1. What is asked is answered when it is durable, and not before (questions.ts).
//
// (K2, of watchers, is told in job-watcher.ts.)

import { status } from "@grpc/grpc-js";
import { jobNumber, type JobNumber } from "../../shared/core/id.js";
import type { AddAnswer, ControlAnswer, JobControl, ReplyKey, SubmitAnswer } from "../core/facts/fact.js";
import type { Bench } from "../core/bench.js";
import type { FarmView } from "../core/state/farm.js";
import { mergedFile, publishedGroups } from "../core/merged-files.js";
import { isOver, jobStatus, type JobStatus } from "../core/status.js";
import { answer, stopped, type Stopwatch } from "./answering.js";
import type { Engine } from "./engine.js";
import { explained, type Explainer } from "./explaining.js";
import { JobWatcher } from "./job-watcher.js";
import type { RunningMerges } from "./merge-news.js";
import { pageOfNumbers, type PageRequest } from "./paging.js";
import { QuestionRoom, Questions, readsUnless } from "./questions.js";
import { filledId, invalid, refusalOf, requestIdLengthMax, RpcError } from "./rpc-error.js";
import { additionIn, inSpec, submissionIn } from "./submission.js";
import {
  bytesOfAdd,
  bytesOfSubmit,
  explanationToWire,
  mergedFileToWire,
  type JobPage,
  type MergedFilePage,
  questionFromWire,
  statusToWire,
  type ShownStatus,
  type AddRequest,
  type AddResponse,
  type JobServiceHandlers,
  type SubmitRequest,
  type WatchCall,
} from "./wire-jobs.js";

const watchersMax = 1_000;

const notStalled = (): undefined => undefined;
const noMerges: RunningMerges = { mergesRunning: 0, merging: [] };

/** What goes on around the engine. */
interface Around {
  readonly stopwatch: Stopwatch;
  /** Events that are done within ranges of the job that run. */
  readonly eventsRunning: (job: JobNumber) => number;
  readonly merging: (farm: FarmView, job: JobNumber) => RunningMerges;
  /** Why nothing can be made durable at present; undefined when it can. */
  readonly stalled: () => string | undefined;
}

export class JobService {
  readonly #engine: Pick<Engine, "post" | "read">;
  readonly #reads: Pick<Engine, "read">;
  readonly #submissions: Questions<SubmitAnswer>;
  readonly #controls: Questions<ControlAnswer>;
  readonly #additions: Questions<AddAnswer>;
  readonly #watchers = new Map<JobNumber, Set<JobWatcher>>();
  readonly #explainer: Explainer;
  readonly #stopwatch: Stopwatch;
  readonly #around: Pick<Around, "eventsRunning" | "merging">;
  #watching = 0;

  constructor(
    engine: Pick<Engine, "post" | "read">,
    trouble: Explainer["trouble"] = () => undefined,
    {
      stopwatch = stopped,
      eventsRunning = () => 0,
      merging = () => noMerges,
      stalled = notStalled,
    }: Partial<Around> = {},
  ) {
    this.#engine = engine;
    this.#stopwatch = stopwatch;
    this.#around = { eventsRunning, merging };
    this.#explainer = { engine, trouble };
    this.#reads = readsUnless(stalled, engine);
    const room = new QuestionRoom(stalled);
    this.#submissions = new Questions(room);
    this.#controls = new Questions(room);
    this.#additions = new Questions(room);
  }

  /** For the gRPC server. */
  handlers(): JobServiceHandlers {
    return {
      submitJob: (call, reply) => answer(this.#stopwatch, reply, () => this.#submit(call.request)),
      getJob: (call, reply) =>
        answer(this.#stopwatch, reply, async () => ({
          status: statusToWire(await this.#statusOf(call.request.job, this.#reads)),
        })),
      listJobs: (call, reply) => answer(this.#stopwatch, reply, () => this.#list(call.request)),
      listMergedFiles: (call, reply) => answer(this.#stopwatch, reply, () => this.#mergedFiles(call.request)),
      watchJob: (call) => void this.#watch(call),
      cancelJob: (call, reply) => answer(this.#stopwatch, reply, () => this.#control("cancel", call.request)),
      pauseJob: (call, reply) => answer(this.#stopwatch, reply, () => this.#control("pause", call.request)),
      resumeJob: (call, reply) => answer(this.#stopwatch, reply, () => this.#control("resume", call.request)),
      retryJob: (call, reply) => answer(this.#stopwatch, reply, () => this.#control("retry", call.request)),
      closeJob: (call, reply) => answer(this.#stopwatch, reply, () => this.#control("close", call.request)),
      addRanges: (call, reply) => answer(this.#stopwatch, reply, () => this.#add(call.request)),
      explain: (call, reply) =>
        answer(this.#stopwatch, reply, async () =>
          explanationToWire(await explained(this.#explainer, questionFromWire(call.request))),
        ),
    };
  }

  /** A submission was decided and committed (K1). */
  answerSubmit(reply: ReplyKey, submitAnswer: SubmitAnswer): void {
    this.#submissions.answer(reply, submitAnswer);
  }

  /** What was asked of a job was decided and committed (K1). */
  answerControl(reply: ReplyKey, controlAnswer: ControlAnswer): void {
    this.#controls.answer(reply, controlAnswer);
  }

  /** What was to be added to a job was decided and committed (K1). */
  answerAdd(reply: ReplyKey, addAnswer: AddAnswer): void {
    this.#additions.answer(reply, addAnswer);
  }

  /** A job has changed. */
  tell(job: JobNumber): void {
    for (const watcher of this.#watchers.get(job) ?? []) watcher.wake();
  }

  /** Ends all watches: the driver stops, and nobody is to take their jobs for over. */
  close(): void {
    const message = "the driver stops: watch again when there is another";
    const stopping = new RpcError(status.UNAVAILABLE, "DRIVER_STOPS", message, { retryAfterMs: 1_000 });
    for (const watchers of this.#watchers.values()) for (const watcher of watchers) watcher.fail(stopping);
  }

  async #submit(request: SubmitRequest): Promise<{ job: number; repeatedRequest: boolean }> {
    const { requestId, spec } = submissionIn(request);
    const decided = await this.#submissions.ask(bytesOfSubmit(request), (reply) =>
      this.#engine.post({ kind: "submit-job", reply, requestId, spec }),
    );
    if (decided.kind !== "refused") return { job: decided.job, repeatedRequest: decided.repeated };
    throw decided.why === "invalid" ? invalid(decided.flaws.map(inSpec)) : refusalOf(decided);
  }

  async #add(request: AddRequest): Promise<AddResponse> {
    const { requestId, inputs } = additionIn(request);
    const job = jobNumber(request.job);
    const decided = await this.#additions.ask(bytesOfAdd(request), (reply) =>
      this.#engine.post({ kind: "add-ranges", reply, requestId, job, inputs }),
    );
    if (decided.kind === "refused") throw refusalOf(decided);
    const { firstRange, ranges, repeated } = decided;
    return { firstRange, ranges, repeatedRequest: repeated };
  }

  async #control(
    control: JobControl,
    request: { readonly requestId: string; readonly job: number },
  ): Promise<{ status: ReturnType<typeof statusToWire> }> {
    const requestId = filledId(request.requestId);
    const decided = await this.#controls.ask(requestIdLengthMax, (reply) =>
      this.#engine.post({ kind: "control-job", reply, requestId, job: jobNumber(request.job), control }),
    );
    if (decided.kind === "refused") throw refusalOf(decided);
    return { status: statusToWire(await this.#statusOf(decided.job)) };
  }

  async #list(request: PageRequest): Promise<JobPage> {
    const page = await this.#reads.read((farm, bench) => {
      const { items, nextPageToken } = pageOfNumbers([...farm.jobs.keys()], request);
      const jobs = items.flatMap((number) => farm.jobs.get(number) ?? []);
      return { jobs: jobs.map((job) => this.#shown(bench, jobStatus(farm, job))), nextPageToken };
    });
    return { jobs: page.jobs.map(statusToWire), nextPageToken: page.nextPageToken };
  }

  async #mergedFiles(request: PageRequest & { readonly job: number }): Promise<MergedFilePage> {
    const page = await this.#reads.read((farm) => {
      const job = farm.jobs.get(jobNumber(request.job));
      if (job === undefined) throw noSuchJob(request.job, farm.jobs.size);
      const { items, nextPageToken } = pageOfNumbers(publishedGroups(job), request);
      return { files: items.flatMap((group) => mergedFile(job, group) ?? []), nextPageToken };
    });
    return { files: page.files.map(mergedFileToWire), nextPageToken: page.nextPageToken };
  }

  #shown({ farm, moment }: Bench, { endsAtMs, ...status }: JobStatus): ShownStatus {
    const { job, ranges, groupsOpen } = status;
    const { eventsRunning, merging } = this.#around;
    const merges = groupsOpen === 0 ? noMerges : merging(farm, job);
    const leftMs = endsAtMs === undefined ? undefined : Math.max(0, Math.round(endsAtMs - moment.nowMs));
    const running = ranges.held === 0 ? 0 : eventsRunning(job);
    const trouble = isOver(status.state) ? undefined : this.#explainer.trouble();
    const waitsFor = trouble === undefined ? status.waitsFor : `the driver: ${trouble}`;
    return { ...status, eventsRunning: running, allocationLeftMs: leftMs, ...merges, waitsFor };
  }

  #statusOf(number: number, from: Pick<Engine, "read"> = this.#engine): Promise<ShownStatus> {
    return from.read((farm, bench) => {
      const job = farm.jobs.get(jobNumber(number));
      if (job === undefined) throw noSuchJob(number, farm.jobs.size);
      return this.#shown(bench, jobStatus(farm, job));
    });
  }

  async #watch(call: WatchCall): Promise<void> {
    const number = jobNumber(call.request.job);
    const watcher = new JobWatcher(call, () => this.#statusOf(number));
    if (this.#watching >= watchersMax) {
      const message = `${watchersMax} clients watch already: ask for the job now and then instead`;
      watcher.fail(new RpcError(status.RESOURCE_EXHAUSTED, "TOO_MANY_WATCHERS", message));
      return;
    }
    this.#watching += 1;
    const watchers = this.#watchers.get(number) ?? new Set();
    this.#watchers.set(number, watchers.add(watcher));
    try {
      await watcher.run();
    } finally {
      this.#watching -= 1;
      watchers.delete(watcher);
      if (watchers.size === 0) this.#watchers.delete(number);
    }
  }
}

function noSuchJob(number: number, jobs: number): RpcError {
  const known = jobs === 0 ? "no job has been submitted" : `jobs are numbered from 1 to ${jobs}`;
  return new RpcError(
    status.NOT_FOUND,
    "NO_SUCH_JOB",
    `expected the number of a job of this run, found ${number}: ${known}`,
  );
}
