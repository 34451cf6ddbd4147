// For tests: a JobService that keeps the promises of job.proto, and a ClusterService (wire-fake-cluster.ts), on a real port
// with the run's real credentials. It knows no actors: a test says how each job goes on.

import {
  type sendUnaryData,
  Server,
  status as codes,
  type ServerWritableStream,
  type ServiceError,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import {
  type AddRangesRequest,
  type AddRangesResponse,
  JobServiceService,
  type JobServiceServer,
  type SubmitJobRequest,
  type WatchJobsRequest,
  type WatchJobsResponse,
} from "../../../gen/noctua/v1/job.js";
import { jobNumber } from "../../shared/core/id.js";
import { writeAddress } from "../../shared/io/address-file.js";
import { driverTrust, serverCredentials } from "../../shared/io/trust/testing-trust.js";
import { checkCalls } from "../../shared/io/trust/serving.js";
import type { Credential } from "../../shared/io/trust/credential.js";
import type { JobStatus } from "../core/job-status.js";
import { isOver } from "../core/job-status.js";
import { statusOf } from "../core/testing.js";
import { FakeClusterService, fakeCluster, type FakeNodes } from "./wire-fake-cluster.js";
import { statusToWire } from "./wire.js";

type Call = ServerWritableStream<WatchJobsRequest, WatchJobsResponse>;

/** A client that watches jobs, and how many changes it was told of. */
interface Watch {
  readonly call: Call;
  readonly left: Set<number>;
  told: number;
}

/** What outlives a restart of the driver. */
export interface FakeBooks {
  readonly requests: Map<string, SubmitJobRequest>;
  readonly jobs: JobStatus[];
  /** The job of each change, as they came. */
  readonly changed: number[];
  readonly additions: AddRangesRequest[];
  readonly nodes: FakeNodes;
}

export function emptyBooks(): FakeBooks {
  return { requests: new Map(), jobs: [], changed: [], additions: [], nodes: new Map() };
}

export interface FakeDriverOptions {
  readonly workdir: string;
  readonly books: FakeBooks;
  /** The process that the address names. */
  readonly pid?: number;
}

export class FakeDriver {
  readonly #options: FakeDriverOptions;
  readonly #server: Server;
  readonly #watches = new Set<Watch>();
  readonly #refused = new Set<number>();
  /** What each watch began with. */
  readonly watched: WatchJobsRequest[] = [];

  private constructor(options: FakeDriverOptions, trust: Credential) {
    this.#options = options;
    this.#server = new Server({ interceptors: [...checkCalls(trust)] });
    this.#server.addService(JobServiceService, this.#handlers());
    this.#server.addService(FakeClusterService, fakeCluster(options.books.nodes));
  }

  static async start(options: FakeDriverOptions): Promise<FakeDriver> {
    const trust = await driverTrust(options.workdir, "r");
    const driver = new FakeDriver(options, trust);
    const port = await new Promise<number>((resolve, reject) => {
      driver.#server.bindAsync("127.0.0.1:0", serverCredentials(trust), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    const { workdir, pid = process.pid } = options;
    await writeAddress(workdir, {
      host: "127.0.0.1",
      port,
      httpPort: port,
      run: "r",
      epoch: 1,
      pid,
      isPlain: false,
      hostname: "h",
    });
    return driver;
  }

  /** A job goes on: its sequence grows, and every watcher hears of it. */
  change(job: number, changes: Partial<JobStatus>): void {
    const { jobs } = this.#options.books;
    const before = this.#find(job);
    if (before === undefined) throw new Error(`expected job ${job}`);
    jobs[job - 1] = { ...before, ...changes, sequence: before.sequence + 1 };
    this.#options.books.changed.push(job);
    for (const watch of this.#watches) this.#tell(watch);
  }

  /** Nothing can be asked of the job any more. */
  refuse(job: number): void {
    this.#refused.add(job);
  }

  get watchers(): number {
    return this.#watches.size;
  }

  /** Ends at once, as a killed process would. */
  stop(): void {
    this.#server.forceShutdown();
  }

  #handlers(): JobServiceServer & UntypedServiceImplementation {
    return {
      submitJob: (call, reply) => {
        const { requestId } = call.request;
        const before = this.#options.books.requests.get(requestId);
        if (before === undefined) {
          reply(null, { job: this.#begin(call.request), repeatedRequest: false });
        } else if (JSON.stringify(before.spec) === JSON.stringify(call.request.spec)) {
          const job = [...this.#options.books.requests.keys()].indexOf(requestId) + 1;
          reply(null, { job, repeatedRequest: true });
        } else reply(refusal(codes.FAILED_PRECONDITION, "the request began another job: spec.name differs"));
      },
      getJob: (call, reply) => {
        const status = this.#find(call.request.job);
        if (status === undefined) reply(refusal(codes.NOT_FOUND, `there is no job ${call.request.job}`));
        else reply(null, { status: statusToWire(status) });
      },
      listJobs: (_call, reply) =>
        reply(null, { jobs: this.#options.books.jobs.map(statusToWire), nextPageToken: "" }),
      listMergedFiles: (_call, reply) => reply(null, { files: [], nextPageToken: "" }),
      listRanges: (_call, reply) => reply(null, { spans: [], nextPageToken: "" }),
      listFailures: (_call, reply) => reply(null, { failures: [], nextPageToken: "" }),
      cancelJob: (call, reply) => this.#control(call.request.job, "cancelled", reply),
      pauseJob: (call, reply) => this.#control(call.request.job, "suspended", reply),
      resumeJob: (call, reply) => this.#control(call.request.job, "running", reply),
      retryJob: (call, reply) => this.#control(call.request.job, "running", reply),
      closeJob: (call, reply) => this.#control(call.request.job, "running", reply),
      addRanges: (call, reply) => reply(null, this.#add(call.request)),
      explain: (call, reply) => {
        const { about } = call.request;
        if (about?.$case === "node") reply(refusal(codes.NOT_FOUND, `there is no node ${about.value}`));
        else
          reply(null, {
            sentence: "It waits.",
            details: [JSON.stringify(about)],
            advice: "Look at <workdir>.",
          });
      },
      watchJob: (call) => call.end(),
      watchJobs: (call) => this.#watch(call),
    };
  }

  #begin(request: SubmitJobRequest): number {
    const { requests, jobs } = this.#options.books;
    requests.set(request.requestId, request);
    const events = request.spec?.inputs.reduce((sum, input) => sum + input.events, 0) ?? 0;
    const job = jobNumber(jobs.length + 1);
    jobs.push(
      statusOf({ job, name: request.spec?.name ?? "", events, ranges: { ready: events }, sequence: 1 }),
    );
    return job;
  }

  /** Nothing is kept of it but the request. */
  #add(request: AddRangesRequest): AddRangesResponse {
    const { additions } = this.#options.books;
    const before = additions.findIndex(({ requestId }) => requestId === request.requestId);
    const isRepeated = before >= 0;
    if (!isRepeated) additions.push(request);
    const earlier = additions.slice(0, isRepeated ? before : -1);
    return { firstRange: eventsOf(earlier), ranges: eventsOf([request]), repeatedRequest: isRepeated };
  }

  #control(
    number: number,
    state: JobStatus["state"],
    reply: sendUnaryData<{ status: ReturnType<typeof statusToWire> }>,
  ): void {
    const status = this.#find(number);
    if (status === undefined) reply(refusal(codes.NOT_FOUND, `there is no job ${number}`));
    else if (this.#refused.has(number))
      reply(refusal(codes.FAILED_PRECONDITION, `job ${number} is ${status.state}`));
    else reply(null, { status: statusToWire({ ...status, state }) });
  }

  #find(job: number): JobStatus | undefined {
    const status = this.#options.books.jobs[job - 1];
    return status === undefined ? undefined : { ...status };
  }

  #watch(call: Call): void {
    const { jobs, resumeToken } = call.request;
    const missing = jobs.find((job) => this.#find(job) === undefined);
    if (missing !== undefined) {
      call.emit("error", refusal(codes.NOT_FOUND, `there is no job ${missing}`));
      return;
    }
    this.watched.push(call.request);
    const watch = { call, left: new Set(jobs), told: Number(resumeToken) };
    this.#watches.add(watch);
    call.on("cancelled", () => this.#watches.delete(watch));
    this.#tell(watch, resumeToken === "" ? jobs : undefined);
  }

  /** What has changed since it was told last. */
  #tell(watch: Watch, jobs?: readonly number[]): void {
    const { changed } = this.#options.books;
    const due = new Set(jobs ?? changed.slice(watch.told));
    watch.told = changed.length;
    const told = [...due].flatMap((job) => (watch.left.has(job) ? (this.#find(job) ?? []) : []));
    for (const { job, state } of told) if (isOver(state)) watch.left.delete(job);
    watch.call.write({ jobs: told.map(statusToWire), resumeToken: String(changed.length) });
    if (watch.left.size > 0) return;
    this.#watches.delete(watch);
    watch.call.end();
  }
}

/** Each is a range. */
function eventsOf(requests: readonly AddRangesRequest[]): number {
  return requests.flatMap(({ inputs }) => inputs).reduce((sum, { events }) => sum + events, 0);
}

function refusal(code: codes, details: string): Partial<ServiceError> & Error {
  return Object.assign(new Error(details), { code, details });
}
