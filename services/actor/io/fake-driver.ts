// For tests: a driver that keeps its books in memory and speaks over a real port, as faithfully as an actor can tell.
//
//   - It grants what was asked for, and no more; what a hello does not name is ready again.
//   - The first output of a range wins; another grant's is superseded, the same grant's is acknowledged again.
//   - A new process of a name fences the older one.
//   - Its books outlive it: a next driver on the same books has a higher epoch and another port.

import { Server, status, type ServerDuplexStream } from "@grpc/grpc-js";
import { hostname } from "node:os";
import { present } from "../../shared/core/assert.js";
import { epochNumber, grantNumber, jobNumber, sessionNumber } from "../../shared/core/id.js";
import type { JobSpec } from "../../shared/core/job-spec.js";
import { eachRange, spansOfAscending } from "../../shared/core/spans.js";
import { writeAddress } from "../../shared/io/address-file.js";
import type { Credential } from "../../shared/io/trust/credential.js";
import { driverTrust, serverCredentials } from "../../shared/io/trust/testing-trust.js";
import { checkCalls } from "../../shared/io/trust/serving.js";
import type { HeldRange } from "../core/held.js";
import type {
  ActorHello,
  ActorMessage,
  DriverWord,
  HeldGrant,
  RangeFailure,
  RangeResults,
} from "../core/message.js";
import { heardByDriver, saidByDriver, wireService } from "./wire-peer.js";
import type { WireRequest, WireResponse } from "./wire.js";

type Stream = ServerDuplexStream<WireRequest, WireResponse>;

interface Session {
  readonly stream: Stream;
  readonly incarnation: string;
  credit: number;
  granted: number;
}

const job = jobNumber(1);

/** What the driver of a run knows of its one job. */
export class Books {
  readonly spec: JobSpec;
  readonly ready: number[];
  readonly holders = new Map<number, HeldRange>();
  readonly done = new Map<number, HeldRange & { readonly sizeBytes: number; readonly adler32: number }>();
  readonly failures: RangeFailure[] = [];
  readonly hellos: ActorHello[] = [];
  /** Ranges that were handed back. */
  readonly returned: number[] = [];
  /** Every message of every actor, in order. */
  readonly heard: ActorMessage["kind"][] = [];
  grants = 0;
  sessions = 0;
  epoch = 0;

  constructor(spec: JobSpec, ranges: number) {
    this.spec = spec;
    this.ready = Array.from({ length: ranges }, (_, range) => range);
  }
}

export class FakeDriver {
  readonly books: Books;
  /** False: results are taken in and not acknowledged. */
  acknowledges = true;
  /** True: it is wrong about results, and says so. */
  failsAtResults = false;
  /** Of each grant. */
  rangesMax = 5;
  readonly #server: Server;
  #session: Session | undefined;
  #hello: HeldGrant[] = [];

  private constructor(books: Books, trust: Credential) {
    this.books = books;
    this.#server = new Server({ interceptors: [...checkCalls(trust)] });
    this.#server.addService(wireService, { actorSession: (stream: Stream) => this.#serve(stream) });
  }

  /** Begins on a port of its own, and writes its address. */
  static async start(workdir: string, books: Books): Promise<FakeDriver> {
    const trust = await driverTrust(workdir);
    const driver = new FakeDriver(books, trust);
    const port = await new Promise<number>((resolve, reject) => {
      driver.#server.bindAsync("127.0.0.1:0", serverCredentials(trust), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    books.epoch += 1;
    const where = { host: "127.0.0.1", port, httpPort: port, run: "run-1", epoch: books.epoch };
    await writeAddress(workdir, { ...where, pid: process.pid, isPlain: false, hostname: hostname() });
    return driver;
  }

  /** Is gone, without a word. */
  stop(): void {
    this.#session = undefined;
    this.#server.forceShutdown();
  }

  say(word: DriverWord): void {
    if (this.#session !== undefined) this.#write(this.#session.stream, word);
  }

  /** Lends what was asked for. */
  grant(): void {
    const { books } = this;
    for (let session = this.#session; session !== undefined;) {
      const count = Math.min(session.credit - session.granted, this.rangesMax, books.ready.length);
      if (count < 1) return;
      const ranges = books.ready.splice(0, count).sort((a, b) => a - b);
      const grant = grantNumber((books.grants += 1));
      for (const range of ranges) books.holders.set(range, { job, grant, range });
      session.granted += count;
      this.say({ kind: "grant", alone: false, job, grant, spans: spansOfAscending(ranges) });
    }
  }

  #serve(stream: Stream): void {
    stream.on("data", (request: WireRequest) => this.#hear(stream, heardByDriver(request)));
    stream.on("error", () => undefined);
    stream.on("end", () => {
      stream.end();
      if (this.#session?.stream === stream) this.#leave();
    });
  }

  /** The actor left: all that it held is ready again. */
  #leave(): void {
    this.#session = undefined;
    this.#requeueAllBut(new Set());
  }

  #hear(stream: Stream, message: ActorMessage): void {
    this.books.heard.push(message.kind);
    if (message.kind === "hello") this.#hearHello(stream, message);
    else if (this.#session?.stream !== stream) return;
    else if (message.kind === "demand") this.#session.credit = Math.max(this.#session.credit, message.credit);
    else if (message.kind === "results" && this.failsAtResults)
      stream.emit("error", { code: status.INTERNAL, details: "the driver failed to take this in" });
    else if (message.kind === "results") this.#hearResults(message);
    else if (message.kind === "draining") this.#session.credit = 0;
    this.grant();
  }

  #hearHello(stream: Stream, hello: ActorHello): void {
    this.books.hellos.push(hello);
    this.#hello.push(...hello.held);
    if (hello.more) return;
    const older = this.#session;
    if (older !== undefined && older.incarnation !== hello.incarnation) {
      // How grpc-js takes a stream's closing status.
      older.stream.emit("error", {
        code: status.FAILED_PRECONDITION,
        details: `another process joined as ${hello.actor}`,
      });
    }
    const named = this.#hello.flatMap(({ grant, spans }) =>
      [...eachRange(spans)].map((range) => `${grant}/${range}`),
    );
    this.#hello = [];
    this.#requeueAllBut(new Set(named));
    this.#session = { stream, incarnation: hello.incarnation, credit: 0, granted: 0 };
    const terms = { flushIntervalMs: 5, heartbeatIntervalMs: 50, leaseMs: 60_000 };
    this.say({ kind: "welcome", session: sessionNumber((this.books.sessions += 1)), run: "run-1", ...terms });
    this.say({ kind: "open-job", job, spec: this.books.spec });
  }

  #requeueAllBut(named: ReadonlySet<string>): void {
    for (const [range, { grant }] of this.books.holders) {
      if (!named.has(`${grant}/${range}`)) this.#requeue(range);
    }
  }

  #requeue(range: number): void {
    this.books.holders.delete(range);
    this.books.ready.push(range);
  }

  #hearResults(results: RangeResults): void {
    const superseded: HeldGrant[] = [];
    for (const columns of results.outputs) this.#takeOutputs(columns, superseded);
    for (const failed of results.failures) {
      this.books.failures.push(failed);
      this.books.holders.delete(failed.range);
    }
    for (const { spans } of results.returned) {
      for (const range of eachRange(spans)) {
        this.books.returned.push(range);
        this.#requeue(range);
      }
    }
    if (this.acknowledges) this.say({ kind: "acknowledge", numbers: [results.number], superseded });
  }

  #takeOutputs(columns: RangeResults["outputs"][number], superseded: HeldGrant[]): void {
    const { spans, grant, sizeBytes, adler32 } = columns;
    let column = 0;
    spans.first.forEach((first, i) => {
      for (let range = first; range < first + (spans.count[i] ?? 0); range += 1) {
        const holder = present(grant[i], "grant");
        const winner = this.books.done.get(range);
        this.books.holders.delete(range);
        if (winner === undefined) {
          const figures = { sizeBytes: sizeBytes[column] ?? -1, adler32: adler32[column] ?? -1 };
          this.books.done.set(range, { job, range, grant: holder, ...figures });
        } else if (winner.grant !== holder) {
          superseded.push({ job, grant: holder, spans: spansOfAscending([range]) });
        }
        column += 1;
      }
    });
  }

  #write(stream: Stream, word: DriverWord): void {
    if (!stream.cancelled && !stream.destroyed) {
      stream.write(saidByDriver({ epoch: epochNumber(this.books.epoch), word }));
    }
  }
}
