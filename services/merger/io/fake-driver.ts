// A driver for tests: a real gRPC server on loopback with credentials and address file, that keeps the rules of the real one.
//
//   F1. Only a hello is answered with a welcome, and open jobs follow.
//   F2. No more groups are lent than the session has credit for; what the hello names does not count.
//   F3. Each result is acknowledged by its number, unless the test holds that back.

import { Server, status, type ServerDuplexStream } from "@grpc/grpc-js";
import { epochNumber, sessionNumber, type JobNumber } from "../../shared/core/id.js";
import type { JobSpec } from "../../shared/core/job-spec.js";
import { writeAddress } from "../../shared/io/address-file.js";
import { driverTrust, serverCredentials } from "../../shared/io/trust/testing-trust.js";
import { checkCalls } from "../../shared/io/trust/serving.js";
import type {
  DriverWord,
  LentGroup,
  MergeGrant,
  MergerHello,
  MergerMessage,
  MergeReport,
} from "../core/message.js";
import { heardByDriver, saidByDriver, wireService } from "./wire-peer.js";
import type { WireRequest, WireResponse } from "./wire.js";

type Stream = ServerDuplexStream<WireRequest, WireResponse>;

export interface FakeDriverOptions {
  readonly workdir: string;
  readonly epoch: number;
  readonly run: string;
  readonly heartbeatIntervalMs: number;
}

export class FakeDriver {
  readonly #options: FakeDriverOptions;
  readonly #server: Server;
  readonly #jobs = new Map<JobNumber, JobSpec>();
  readonly #groups: LentGroup[] = [];
  #stream: Stream | undefined;
  #sessions = 0;
  #credit = 0;
  #lent = 0;
  /** All that was said, in order. */
  readonly heard: MergerMessage[] = [];
  /** Sessions that ended by the merger's word. */
  left = 0;
  /** Whether results are acknowledged as they come (F3). */
  acknowledges = true;

  private constructor(options: FakeDriverOptions, server: Server) {
    this.#options = options;
    this.#server = server;
  }

  static async start(options: FakeDriverOptions): Promise<FakeDriver> {
    const { workdir, epoch, run } = options;
    const trust = await driverTrust(workdir, run);
    const server = new Server({ interceptors: [...checkCalls(trust)] });
    const driver = new FakeDriver(options, server);
    server.addService(wireService, { mergerSession: (stream: Stream) => driver.#serve(stream) });
    const host = "127.0.0.1";
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`${host}:0`, serverCredentials(trust), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    await writeAddress(workdir, {
      host,
      port,
      httpPort: 1,
      run,
      epoch,
      pid: process.pid,
      isPlain: false,
      hostname: "node17",
    });
    return driver;
  }

  /** Dies: streams break without a word. */
  kill(): void {
    this.#server.forceShutdown();
  }

  openJob(job: JobNumber, spec: JobSpec): void {
    this.#jobs.set(job, spec);
    this.say({ kind: "open-job", job, spec });
  }

  /** Lends the group as soon as there is credit for it (F2). */
  lend(group: LentGroup): void {
    this.#groups.push(group);
    this.#lendWaiting();
  }

  say(word: DriverWord): void {
    this.#stream?.write(saidByDriver({ epoch: epochNumber(this.#options.epoch), word }));
  }

  /** Another process of the name has joined. */
  fence(message: string): void {
    this.#stream?.emit("error", { code: status.FAILED_PRECONDITION, details: message });
  }

  get hellos(): readonly MergerHello[] {
    return this.heard.filter((message) => message.kind === "hello");
  }

  /** Every report that came, with repeats. */
  get reports(): readonly { readonly merge: MergeGrant; readonly report: MergeReport }[] {
    return this.heard.filter((message) => message.kind === "result");
  }

  #serve(stream: Stream): void {
    this.#stream = stream;
    stream.on("data", (request: WireRequest) => this.#hear(stream, heardByDriver(request)));
    stream.on("error", () => undefined);
    stream.on("end", () => {
      this.left += 1;
      stream.end();
    });
  }

  #hear(stream: Stream, message: MergerMessage): void {
    this.heard.push(message);
    if (stream !== this.#stream) return;
    if (message.kind === "hello" && !message.more) this.#welcome();
    else if (message.kind === "demand") {
      this.#credit = message.credit;
      this.#lendWaiting();
    } else if (message.kind === "result" && this.acknowledges) {
      this.say({ kind: "acknowledge", numbers: [message.number] });
    }
  }

  /** (F1) */
  #welcome(): void {
    this.#sessions += 1;
    this.#credit = 0;
    this.#lent = 0;
    const { run, heartbeatIntervalMs } = this.#options;
    const session = sessionNumber(this.#sessions);
    this.say({ kind: "welcome", session, run, flushIntervalMs: 20, heartbeatIntervalMs, leaseMs: 120_000 });
    for (const [job, spec] of this.#jobs) this.say({ kind: "open-job", job, spec });
  }

  #lendWaiting(): void {
    while (this.#lent < this.#credit) {
      const group = this.#groups.shift();
      if (group === undefined) return;
      this.#lent += 1;
      this.say({ kind: "lend", lent: group });
    }
  }
}
