// Threads that put outputs under their names (put-output.ts), so that nothing waits for a file system on the loop: the
// workdir's may stand still for a minute.
//
//   H1. Every order is answered until the threads are closed, in whatever order, also when a thread ends.
//   H2. Each thread has one batch at a time: what takes it some milliseconds. What it has not come to by then waits again, so
//       that at most one batch waits for what is large.
//   H3. Another thread takes part when as much waits as goes into a batch, or when those at work are held up; there are never
//       more than `threadsMax`. So what goes fast costs few messages and one thread, and what takes long is shared.

import { parentPort, Worker } from "node:worker_threads";
import { present } from "../../shared/core/assert.js";
import { errorMessage } from "../../shared/io/error-code.js";
import { after, systemClock, type Cancel } from "../../shared/io/system-clock.js";
import { outputPutter, type Put, type PutOrder } from "./put-output.js";

/** Puts an output, and never rejects. */
export type PutOutput = (order: PutOrder) => Promise<Put>;

const threadsMax = 4;
/** So long a batch is to take. */
const batchMs = 4;
const batchMax = 64;
/** A thread that has said nothing for so long is held up; it may take a third of that to begin. */
const heldUpMs = 250;

interface Waiting {
  readonly order: PutOrder;
  readonly resolve: (put: Put) => void;
}

interface Thread {
  readonly worker: Worker;
  /** What it works on; empty when it is free. */
  batch: readonly Waiting[];
  /** When it was given its batch. */
  sinceMs: number;
}

/** What a thread says of a batch: answers to the first of it, at least to one. */
interface Answers {
  readonly puts: readonly Put[];
  readonly tookMs: number;
}

export class PutThreads {
  readonly #program: string;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Waiting[] = [];
  /** Of one output, on the mean. */
  #meanMs = batchMs / batchMax;
  #isHandingOut = false;
  #cancelLook: Cancel | undefined;
  #isClosed = false;

  /** `program` is the file of this program, which calls `runPutThread` where it is not the main thread. */
  constructor(program: string) {
    this.#program = program;
  }

  readonly put: PutOutput = (order) =>
    new Promise((resolve) => {
      this.#waiting.push({ order, resolve });
      if (this.#isHandingOut) return;
      this.#isHandingOut = true;
      setImmediate(() => this.#handOut());
    });

  /** What they work on is not waited for. */
  close(): void {
    this.#isClosed = true;
    this.#cancelLook?.();
    for (const { worker } of this.#threads) void worker.terminate();
  }

  #handOut(): void {
    this.#isHandingOut = false;
    while (this.#waiting.length > 0 && !this.#isClosed) {
      const count = Math.max(1, Math.min(batchMax, Math.floor(batchMs / this.#meanMs)));
      const thread = this.#threadFor(count);
      if (thread === undefined) {
        this.#lookAgain();
        return;
      }
      thread.batch = this.#waiting.splice(0, count);
      thread.sinceMs = systemClock.nowMs();
      thread.worker.postMessage(thread.batch.map(({ order }) => order));
    }
  }

  /** (H3) */
  #threadFor(count: number): Thread | undefined {
    const threads = [...this.#threads];
    const free = threads.filter(({ batch }) => batch.length === 0);
    const heldUpSinceMs = systemClock.nowMs() - heldUpMs;
    const isGoingOn = threads.some(({ batch, sinceMs }) => batch.length > 0 && sinceMs > heldUpSinceMs);
    if (isGoingOn && this.#waiting.length < count) return undefined;
    return free[0] ?? (threads.length < threadsMax ? this.#newThread() : undefined);
  }

  /** Who waits for threads that are at work does so no longer than these go on. */
  #lookAgain(): void {
    if (this.#threads.size === threadsMax && this.#isAllBusy()) return; // Their answers are waited for.
    this.#cancelLook ??= after(heldUpMs, () => {
      this.#cancelLook = undefined;
      this.#handOut();
    });
  }

  #isAllBusy(): boolean {
    return [...this.#threads].every(({ batch }) => batch.length > 0);
  }

  #newThread(): Thread {
    const thread: Thread = { worker: new Worker(this.#program), batch: [], sinceMs: 0 };
    this.#threads.add(thread);
    // The thread is of this very program: its answers are what they say.
    thread.worker.on("message", ({ puts, tookMs }: Answers) => {
      this.#meanMs += (tookMs / puts.length - this.#meanMs) / 4;
      this.#waiting.unshift(...thread.batch.slice(puts.length)); // (H2)
      thread.batch = thread.batch.slice(0, puts.length);
      this.#answer(thread, (i) => present(puts[i], "answer"));
    });
    const fail = (error: unknown): void => {
      this.#threads.delete(thread);
      const message = `the thread that stores outputs ended: ${errorMessage(error)}`;
      this.#answer(thread, () => ({ kind: "refused", code: "", message }));
    };
    thread.worker.on("error", fail);
    thread.worker.on("exit", (code) => fail(`code ${code}`));
    thread.worker.unref();
    return thread;
  }

  /** (H1) */
  #answer(thread: Thread, answerOf: (i: number) => Put): void {
    const { batch } = thread;
    thread.batch = [];
    for (const [i, { resolve }] of batch.entries()) resolve(answerOf(i));
    this.#handOut();
  }
}

/** The thread. */
export async function runPutThread(): Promise<void> {
  const put = await outputPutter();
  const port = present(parentPort ?? undefined, "the thread's actor");
  port.on("message", (orders: readonly PutOrder[]) => {
    const beganAtMs = systemClock.nowMs();
    const puts: Put[] = [];
    let tookMs = 0;
    for (const order of orders) {
      puts.push(put(order));
      tookMs = systemClock.nowMs() - beganAtMs;
      if (tookMs >= batchMs) break; // (H2)
    }
    port.postMessage({ puts, tookMs } satisfies Answers);
  });
}
