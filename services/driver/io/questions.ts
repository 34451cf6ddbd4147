// What clients asked and what waits for its commit.
//
//   Q1. An answer is given when what it rests on is durable, and not before.
//   Q3. While the journal can't be written, who comes is told so at once. What waits already is answered when it is durable; a
//       client whose deadline passed meanwhile repeats its request under its id, and nothing is done twice (P11).
//   Q4. When the driver stops, whoever waits is told so, and repeats its request under its id with the next one.
//   Q2. All that waits fits into one frame of the journal (P7): who comes when it would not is told to try again.

import { status } from "@grpc/grpc-js";
import type { ReplyKey } from "../core/facts/fact.js";
import type { Engine } from "./engine.js";
import { driverStops, RpcError } from "./rpc-error.js";

export const questionsMax = 1_000;
/** Half of what a frame holds; one message is at most 64 MB. */
export const questionBytesMax = 128 * 1024 * 1024;

/** The room that questions of all kinds share (Q2). */
export class QuestionRoom {
  readonly #stalled: () => string | undefined;
  #questions = 0;
  #bytes = 0;
  #lastReply = 0;
  #isClosed = false;
  /** Of questions that wait. */
  readonly #refusals = new Set<(error: RpcError) => void>();

  /** `stalled` says why nothing can be made durable at present; undefined when it can. */
  constructor(stalled: () => string | undefined = () => undefined) {
    this.#stalled = stalled;
  }

  /** Lets a question in. */
  enter(bytes: number): ReplyKey {
    if (this.#isClosed) throw driverStops(); // (Q4)
    const why = this.#stalled();
    if (why !== undefined) throw stalledFor(why); // (Q3)
    if (this.#questions >= questionsMax) throw full("waiting_requests", `${questionsMax} requests`);
    if (this.#bytes + bytes > questionBytesMax)
      throw full("waiting_request_bytes", `requests of ${this.#bytes} bytes`);
    this.#questions += 1;
    this.#bytes += bytes;
    this.#lastReply += 1;
    return this.#lastReply;
  }

  /** Has a question that waits refused when the room is closed, unless that is called off. */
  untilClosed(refuse: (error: RpcError) => void): () => void {
    this.#refusals.add(refuse);
    return () => this.#refusals.delete(refuse);
  }

  /** (Q4) */
  close(): void {
    this.#isClosed = true;
    for (const refuse of this.#refusals) refuse(driverStops());
  }

  leave(bytes: number): void {
    this.#questions -= 1;
    this.#bytes -= bytes;
  }
}

/** Questions of one kind. */
export class Questions<Answer> {
  readonly #room: QuestionRoom;
  readonly #waiting = new Map<ReplyKey, (answer: Answer) => void>();

  constructor(room: QuestionRoom) {
    this.#room = room;
  }

  /** Has a question of so many bytes posted, and waits for its answer. */
  async ask(bytes: number, post: (reply: ReplyKey) => void): Promise<Answer> {
    const reply = this.#room.enter(bytes);
    let callOff: () => void = () => undefined;
    try {
      return await new Promise<Answer>((resolve, reject) => {
        callOff = this.#room.untilClosed(reject);
        this.#waiting.set(reply, resolve);
        post(reply);
      });
    } finally {
      callOff();
      this.#waiting.delete(reply);
      this.#room.leave(bytes);
    }
  }

  /** The question was decided and committed (Q1). */
  answer(reply: ReplyKey, answer: Answer): void {
    this.#waiting.get(reply)?.(answer);
  }
}

/** Reads what is committed, or says at once that nothing can be: who looks need not wait until there is space (P9). */
export function readsUnless(
  stalled: () => string | undefined,
  engine: Pick<Engine, "read">,
): Pick<Engine, "read"> {
  return {
    read: async (question) => {
      const why = stalled();
      if (why !== undefined) throw stalledFor(why);
      return engine.read(question);
    },
  };
}

function stalledFor(why: string): RpcError {
  const message = `the driver can't go on: ${why}`;
  return new RpcError(status.UNAVAILABLE, "JOURNAL_STALLED", message, { retryAfterMs: 5_000 });
}

function full(limit: "waiting_requests" | "waiting_request_bytes", found: string): RpcError {
  const message = `${found} wait already: try again`;
  return new RpcError(status.UNAVAILABLE, "TOO_MANY_REQUESTS", message, { limit, retryAfterMs: 1_000 });
}
