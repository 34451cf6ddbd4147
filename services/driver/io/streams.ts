// The streams that are open now: the engine knows each by its key.
//
//   T1. A key is never used twice in a process's life.
//   T2. What can't be written yet waits here, and not without end: a peer that does not read is cut off, and its next
//       hello makes up for what it missed (P7).

import { status, type ServerDuplexStream, type StatusObject } from "@grpc/grpc-js";
import { unreachable } from "../../shared/core/assert.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { StreamKey, StreamRefusal } from "../core/facts/fact.js";
import type { FarmView } from "../core/state/farm.js";
import { sayingsOf, type Saying, type Speech, type WelcomeTerms } from "./saying.js";

/** A stream as the speaker sees it. */
interface OpenStream {
  /** That it knows (saying.ts, J1). */
  readonly jobs: Set<JobNumber>;
  say(sayings: readonly Saying[]): void;
  refuse(refusal: StreamRefusal): void;
}

const waitingMax = 10_000;

export class Streams {
  readonly #open = new Map<StreamKey, OpenStream>();
  readonly #terms: WelcomeTerms;
  #lastKey = 0;

  constructor(terms: WelcomeTerms) {
    this.#terms = terms;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Registers a stream; `toMessages` puts what is said into its kind of messages. */
  add<Request, Response>(
    call: ServerDuplexStream<Request, Response>,
    toMessages: (sayings: readonly Saying[]) => readonly Response[],
  ): StreamKey {
    this.#lastKey += 1; // (T1)
    const writer = new StreamWriter(call);
    this.#open.set(this.#lastKey, {
      jobs: new Set(),
      say: (sayings) => {
        for (const message of toMessages(sayings)) writer.write(message);
      },
      refuse: (refusal) => writer.end(statusOf(refusal)),
    });
    return this.#lastKey;
  }

  delete(stream: StreamKey): void {
    this.#open.delete(stream);
  }

  /** Says everything that a turn has for one stream. Nothing happens when the stream is gone. */
  say(stream: StreamKey, speeches: readonly Speech[], farm: FarmView): void {
    const open = this.#open.get(stream);
    if (open === undefined) return;
    const { jobs } = open;
    const sayings = sayingsOf(speeches, farm, { terms: this.#terms, jobs });
    for (const saying of sayings) {
      if (saying.kind === "open-job") jobs.add(saying.job);
      if (saying.kind === "close-job") jobs.delete(saying.job);
    }
    open.say(sayings);
  }

  refuse(stream: StreamKey, refusal: StreamRefusal): void {
    this.#open.get(stream)?.refuse(refusal);
  }
}

/** Writes to one stream, and knows when to wait. */
class StreamWriter<Request, Response> {
  readonly #call: ServerDuplexStream<Request, Response>;
  readonly #waiting: Response[] = [];
  #over = false;

  constructor(call: ServerDuplexStream<Request, Response>) {
    this.#call = call;
    call.on("drain", () => this.#writeWaiting());
    call.on("close", () => (this.#over = true));
  }

  write(message: Response): void {
    if (this.#over || this.#call.cancelled || this.#call.writableEnded) return;
    if (this.#waiting.length === 0 && !this.#call.writableNeedDrain) this.#call.write(message);
    else if (this.#waiting.length < waitingMax) this.#waiting.push(message);
    else this.end({ code: status.RESOURCE_EXHAUSTED, details: `${waitingMax} messages wait to be read` }); // (T2)
  }

  /** Ends the stream with a status. */
  end(state: Pick<StatusObject, "code" | "details">): void {
    if (this.#over) return;
    this.#over = true;
    this.#waiting.length = 0;
    this.#call.emit("error", state); // How grpc-js takes a stream's closing status.
  }

  #writeWaiting(): void {
    while (!this.#over && !this.#call.writableNeedDrain) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#call.write(message);
    }
  }
}

function statusOf({ why, message }: StreamRefusal): Pick<StatusObject, "code" | "details"> {
  switch (why) {
    case "fenced":
      return { code: status.FAILED_PRECONDITION, details: message };
    case "replaced":
    case "over":
      return { code: status.ABORTED, details: message };
    case "left":
      return { code: status.OK, details: message };
    case "malformed":
      return { code: status.INVALID_ARGUMENT, details: message };
    case "failed":
      return { code: status.INTERNAL, details: message };
    default:
      return unreachable(why);
  }
}
