// JobService: what users and other services ask of the driver.
//
//   K1. What is asked is answered when it is durable, and not before (questions.ts).
//
// (K2, of watchers, is told in job-watcher.ts.)

import { jobNumber, type JobNumber } from "../../shared/core/id.js";
import type { AddAnswer, ControlAnswer, JobControl, ReplyKey, SubmitAnswer } from "../core/facts/fact.js";
import type { Bench } from "../core/bench.js";
import { jobViewOf, type FarmView } from "../core/state/farm.js";
import { isOver, jobStatus } from "../core/status.js";
import type { JobView } from "../core/state/job.js";
import { answer, stopped, type Stopwatch } from "./answering.js";
import type { Engine } from "./engine.js";
import { explained, type Explainer } from "./explaining.js";
import type { FindEnds } from "./failure-page.js";
import { jobIn, listFailures, listMergedFiles, listRanges } from "./job-lists.js";
import { JobWatcher } from "./job-watcher.js";
import { JobsWatcher } from "./jobs-watcher.js";
import type { RunningMerges } from "./merge-news.js";
import { pageOfNumbers, type PageRequest } from "./paging.js";
import { QuestionRoom, Questions, readsUnless } from "./questions.js";
import { filledId, invalid, refusalOf, requestIdLengthMax, rpcErrorOf } from "./rpc-error.js";
import { WatchRoom } from "./watch-room.js";
import { WireError } from "../../shared/io/wire-checks.js";
import { additionIn, inSpec, submissionIn } from "./submission.js";
import {
  bytesOfAdd,
  bytesOfStatus,
  bytesOfSubmit,
  explanationToWire,
  type JobPage,
  questionFromWire,
  statusToWire,
  type ShownStatus,
  type AddRequest,
  type AddResponse,
  type JobServiceHandlers,
  type SubmitRequest,
  type WatchCall,
  type WatchJobsCall,
} from "./wire-jobs.js";

/** Jobs that one watch names. */
export const watchedJobsMax = 1_000;

const notStalled = (): undefined => undefined;
const noMerges: RunningMerges = { mergesRunning: 0, merging: [] };

/** What goes on around the engine. */
interface Around {
  readonly stopwatch: Stopwatch;
  /** Events that are done within ranges of the job that run. */
  readonly eventsRunning: (job: JobNumber) => number;
  readonly merging: (farm: FarmView, job: JobNumber) => RunningMerges;
  readonly findEnds: FindEnds;
  /** Why nothing can be made durable at present; undefined when it can. */
  readonly stalled: () => string | undefined;
}

export class JobService {
  readonly #engine: Pick<Engine, "post" | "read">;
  readonly #reads: Pick<Engine, "read">;
  readonly #room: QuestionRoom;
  readonly #submissions: Questions<SubmitAnswer>;
  readonly #controls: Questions<ControlAnswer>;
  readonly #additions: Questions<AddAnswer>;
  readonly #watchers = new WatchRoom();
  readonly #explainer: Explainer;
  readonly #stopwatch: Stopwatch;
  readonly #around: Pick<Around, "eventsRunning" | "merging" | "findEnds">;

  constructor(
    engine: Pick<Engine, "post" | "read">,
    trouble: Explainer["trouble"] = () => undefined,
    {
      stopwatch = stopped,
      eventsRunning = () => 0,
      merging = () => noMerges,
      findEnds = () => Promise.resolve(new Map()),
      stalled = notStalled,
    }: Partial<Around> = {},
  ) {
    this.#engine = engine;
    this.#stopwatch = stopwatch;
    this.#around = { eventsRunning, merging, findEnds };
    this.#explainer = { engine, trouble };
    this.#reads = readsUnless(stalled, engine);
    this.#room = new QuestionRoom(stalled);
    this.#submissions = new Questions(this.#room);
    this.#controls = new Questions(this.#room);
    this.#additions = new Questions(this.#room);
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
      listMergedFiles: (call, reply) =>
        answer(this.#stopwatch, reply, () => listMergedFiles(this.#reads, call.request)),
      listRanges: (call, reply) =>
        answer(this.#stopwatch, reply, () => listRanges(this.#reads, call.request)),
      listFailures: (call, reply) =>
        answer(this.#stopwatch, reply, () =>
          listFailures(
            { read: (question) => this.#reads.read(question) },
            call.request,
            this.#around.findEnds,
          ),
        ),
      watchJob: (call) => void this.#watch(call),
      watchJobs: (call) => void this.#watchJobs(call),
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

  /** Facts were about the job, and are committed. */
  tell(job: JobNumber, farm: FarmView): void {
    this.#watchers.tell(job, jobViewOf(farm, job).revision);
  }

  /** What runs of the job has come further. */
  tellProgress(job: JobNumber): void {
    this.#watchers.tellProgress(job);
  }

  /** The driver stops: whoever watches or waits for an answer is told so. */
  close(): void {
    this.#watchers.close();
    this.#room.close();
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

  #list(request: PageRequest): Promise<JobPage> {
    return this.#reads.read((farm, bench) => {
      const show = this.#shownIn(bench);
      const { items, nextPageToken } = pageOfNumbers([...farm.jobs.keys()], request, {
        told: (number) => statusToWire(show(jobIn(farm, number))),
        bytesOf: bytesOfStatus,
      });
      return { jobs: [...items], nextPageToken };
    });
  }

  /** Shows jobs as they stand. */
  #shownIn({ farm, moment }: Bench): (job: JobView) => ShownStatus {
    const trouble = this.#explainer.trouble();
    const { eventsRunning, merging } = this.#around;
    return (view) => {
      const { endsAtMs, ...status } = jobStatus(farm, view);
      const { job, ranges, groupsOpen } = status;
      const merges = groupsOpen === 0 ? noMerges : merging(farm, job);
      const leftMs = endsAtMs === undefined ? undefined : Math.max(0, Math.round(endsAtMs - moment.nowMs));
      const running = ranges.held === 0 ? 0 : eventsRunning(job);
      const waitsFor =
        trouble === undefined || isOver(status.state) ? status.waitsFor : `the driver: ${trouble}`;
      return { ...status, eventsRunning: running, allocationLeftMs: leftMs, ...merges, waitsFor };
    };
  }

  #statusOf(number: number, from: Pick<Engine, "read"> = this.#engine): Promise<ShownStatus> {
    return from.read((farm, bench) => this.#shownIn(bench)(jobIn(farm, number)));
  }

  #watch(call: WatchCall): Promise<void> {
    const job = jobNumber(call.request.job);
    const books = { read: () => this.#statusOf(job), intervalMs: () => this.#watchers.intervalMs };
    return this.#watchers.serve(new JobWatcher(call, books), new Set([job]));
  }

  #watchJobs(call: WatchJobsCall): Promise<void> {
    const jobs = new Set(call.request.jobs.map(jobNumber));
    const watcher = new JobsWatcher(call, jobs, {
      read: (question) => this.#engine.read(question),
      shownIn: (bench) => this.#shownIn(bench),
      room: this.#watchers,
    });
    if (jobs.size <= watchedJobsMax) return this.#watchers.serve(watcher, jobs);
    const expected = `at most ${watchedJobsMax}, or none for all`;
    watcher.fail(rpcErrorOf(new WireError("jobs", expected, `${jobs.size}`)));
    return Promise.resolve();
  }
}
