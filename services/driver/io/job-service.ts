// JobService: what users and other services ask of the driver.
//
//   K1. A submission is answered when it is durable, and not before.
//   K2. A watcher is sent the present state whenever it has changed, at most every `watchIntervalMs`, never a backlog: a
//       slow watcher sees fewer states, and always the last one.

import { status, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import { unreachable } from "../../shared/core/assert.js";
import { jobNumber, type JobNumber } from "../../shared/core/id.js";
import type { JobSpec } from "../../shared/core/job-spec.js";
import { after, type Cancel } from "../../shared/io/system-clock.js";
import { specFromWire } from "../../shared/io/wire-types.js";
import type { ControlAnswer, JobControl, ReplyKey, SubmitAnswer } from "../core/fact.js";
import { jobStatus, type JobStatus } from "../core/status.js";
import type { Engine } from "./engine.js";
import { explained, type Explainer } from "./explaining.js";
import { RpcError, rpcErrorOf } from "./rpc-error.js";
import {
  explanationToWire,
  questionFromWire,
  statusToWire,
  type JobServiceHandlers,
  type WatchCall,
} from "./wire-jobs.js";

const watchIntervalMs = 100;
const requestIdLengthMax = 128;
/** Requests that wait for their commit. */
const requestsMax = 1_000;
const watchersMax = 1_000;

export class JobService {
  readonly #engine: Pick<Engine, "post" | "read">;
  readonly #submissions = new Map<ReplyKey, (answer: SubmitAnswer) => void>();
  readonly #controls = new Map<ReplyKey, (answer: ControlAnswer) => void>();
  readonly #watchers = new Map<JobNumber, Set<Watcher>>();
  readonly #explainer: Explainer;
  #lastReply = 0;
  #watching = 0;

  constructor(engine: Pick<Engine, "post" | "read">, trouble: Explainer["trouble"] = () => undefined) {
    this.#engine = engine;
    this.#explainer = { engine, trouble };
  }

  /** For the gRPC server. */
  handlers(): JobServiceHandlers {
    return {
      submitJob: (call, reply) =>
        answer(reply, async () => {
          const { job, repeated } = await this.#submit(call.request);
          return { job, repeatedRequest: repeated };
        }),
      getJob: (call, reply) =>
        answer(reply, async () => ({ status: statusToWire(await this.#statusOf(call.request.job)) })),
      listJobs: (_call: ServerUnaryCall<unknown, unknown>, reply) =>
        answer(reply, async () => {
          const statuses = await this.#engine.read((farm) =>
            [...farm.jobs.values()].map((job) => jobStatus(farm, job)),
          );
          return { jobs: statuses.map(statusToWire) };
        }),
      watchJob: (call) => void this.#watch(call),
      cancelJob: (call, reply) => answer(reply, () => this.#control("cancel", call.request)),
      pauseJob: (call, reply) => answer(reply, () => this.#control("pause", call.request)),
      resumeJob: (call, reply) => answer(reply, () => this.#control("resume", call.request)),
      retryJob: (call, reply) => answer(reply, () => this.#control("retry", call.request)),
      explain: (call, reply) =>
        answer(reply, async () =>
          explanationToWire(await explained(this.#explainer, questionFromWire(call.request))),
        ),
    };
  }

  /** A submission was decided and committed (K1). */
  answerSubmit(reply: ReplyKey, submitAnswer: SubmitAnswer): void {
    this.#submissions.get(reply)?.(submitAnswer);
    this.#submissions.delete(reply);
  }

  /** What was asked of a job was decided and committed (K1). */
  answerControl(reply: ReplyKey, controlAnswer: ControlAnswer): void {
    this.#controls.get(reply)?.(controlAnswer);
    this.#controls.delete(reply);
  }

  /** A job has changed. */
  tell(job: JobNumber): void {
    for (const watcher of this.#watchers.get(job) ?? []) watcher.wake();
  }

  /** Ends all watches: the driver stops, and nobody is to take their jobs for over. */
  close(): void {
    const stopping = new RpcError(status.UNAVAILABLE, "the driver stops: watch again when there is another");
    for (const watchers of this.#watchers.values()) for (const watcher of watchers) watcher.fail(stopping);
  }

  async #submit(request: {
    readonly requestId: string;
    readonly spec: Parameters<typeof specFromWire>[0];
  }): Promise<{
    readonly job: JobNumber;
    readonly repeated: boolean;
  }> {
    const requestId = this.#admit(request.requestId);
    const decided = await this.#decide(requestId, specFromWire(request.spec, "spec"));
    switch (decided.kind) {
      case "accepted":
        return decided;
      case "refused":
        throw new RpcError(refusalCodes[decided.why], decided.message);
      default:
        return unreachable(decided);
    }
  }

  async #control(
    control: JobControl,
    request: { readonly requestId: string; readonly job: number },
  ): Promise<{ status: ReturnType<typeof statusToWire> }> {
    const requestId = this.#admit(request.requestId);
    this.#lastReply += 1;
    const reply = this.#lastReply;
    const decided = await new Promise<ControlAnswer>((resolve) => {
      this.#controls.set(reply, resolve);
      this.#engine.post({ kind: "control-job", reply, requestId, job: jobNumber(request.job), control });
    });
    if (decided.kind === "refused") throw new RpcError(controlRefusalCodes[decided.why], decided.message);
    return { status: statusToWire(await this.#statusOf(decided.job)) };
  }

  /** The request's id, when it may wait for a commit. */
  #admit(requestId: string): string {
    if (requestId.length < 1 || requestId.length > requestIdLengthMax) {
      const message = `request_id: expected 1 to ${requestIdLengthMax} characters, found ${requestId.length}`;
      throw new RpcError(status.INVALID_ARGUMENT, message);
    }
    if (this.#submissions.size + this.#controls.size >= requestsMax) {
      throw new RpcError(status.RESOURCE_EXHAUSTED, `${requestsMax} requests wait already: try again`);
    }
    return requestId;
  }

  #decide(requestId: string, spec: JobSpec): Promise<SubmitAnswer> {
    this.#lastReply += 1;
    const reply = this.#lastReply;
    return new Promise((resolve) => {
      this.#submissions.set(reply, resolve);
      this.#engine.post({ kind: "submit-job", reply, requestId, spec });
    });
  }

  #statusOf(number: number): Promise<JobStatus> {
    return this.#engine.read((farm) => {
      const job = farm.jobs.get(jobNumber(number));
      if (job === undefined) throw noSuchJob(number, farm.jobs.size);
      return jobStatus(farm, job);
    });
  }

  async #watch(call: WatchCall): Promise<void> {
    const number = jobNumber(call.request.job);
    const watcher = new Watcher(call, () => this.#statusOf(number));
    if (this.#watching >= watchersMax) {
      const message = `${watchersMax} clients watch already: ask for the job now and then instead`;
      watcher.fail(new RpcError(status.RESOURCE_EXHAUSTED, message));
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

/** One client that watches one job (K2). */
class Watcher {
  readonly #call: WatchCall;
  readonly #read: () => Promise<JobStatus>;
  #told = 0;
  #due: Cancel | undefined;
  #finish: () => void = () => undefined;

  constructor(call: WatchCall, read: () => Promise<JobStatus>) {
    this.#call = call;
    this.#read = read;
    this.#told = call.request.afterSequence;
  }

  /** Until the job is over or the client leaves. */
  async run(): Promise<void> {
    const over = new Promise<void>((resolve) => (this.#finish = resolve));
    this.#call.on("cancelled", this.#finish);
    this.#call.on("error", this.#finish);
    this.#call.on("drain", () => this.wake());
    await this.#send();
    await over;
    this.#due?.();
  }

  /** The job has changed, or the client has read what it was sent. */
  wake(): void {
    this.#due ??= after(watchIntervalMs, () => {
      this.#due = undefined;
      void this.#send();
    });
  }

  fail(error: RpcError): void {
    this.#call.emit("error", error); // How grpc-js takes a call's closing status.
    this.#finish();
  }

  async #send(): Promise<void> {
    try {
      const state = await this.#read();
      if (this.#call.cancelled || this.#call.writableEnded || this.#call.writableNeedDrain) return;
      if (state.sequence > this.#told) this.#call.write({ status: statusToWire(state) });
      this.#told = Math.max(this.#told, state.sequence);
      if (state.state === "running") return;
      this.#call.end();
      this.#finish();
    } catch (error) {
      this.fail(rpcErrorOf(error));
    }
  }
}

const refusalCodes = {
  invalid: status.INVALID_ARGUMENT,
  conflict: status.FAILED_PRECONDITION,
  "too-large": status.RESOURCE_EXHAUSTED,
} as const satisfies Record<Extract<SubmitAnswer, { kind: "refused" }>["why"], status>;

const controlRefusalCodes = {
  unknown: status.NOT_FOUND,
  conflict: status.FAILED_PRECONDITION,
} as const satisfies Record<Extract<ControlAnswer, { kind: "refused" }>["why"], status>;

function answer<Response>(reply: sendUnaryData<Response>, work: () => Promise<Response>): void {
  work().then(
    (response) => reply(null, response),
    (error: unknown) => reply(rpcErrorOf(error)),
  );
}

function noSuchJob(number: number, jobs: number): RpcError {
  const known = jobs === 0 ? "no job has been submitted" : `jobs are numbered from 1 to ${jobs}`;
  return new RpcError(
    status.NOT_FOUND,
    `expected the number of a job of this run, found ${number}: ${known}`,
  );
}
