// Threads that remove files, by calls that wait: to hand each file to Node's own threads costs more than removing it does, and
// there may be thousands a second.
//
//   W1. Every order is answered until the threads are closed, also when a thread ends.
//   W2. One thread does it while a file takes little: more would only take cores that others need. Where a file takes long, as
//       when each is asked of a server, there are up to `threadsMax`.
//   W3. They give way to whatever else wants the cores: merging and the driver's own loop.

import { rmSync, unlinkSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { parentPort, Worker } from "node:worker_threads";
import { present } from "../../shared/core/assert.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import { systemClock } from "../../shared/io/system-clock.js";

/** Removes whatever has these names; what is not there is passed over. Rejects with what is in the way of the first. */
export type RemoveFiles = (paths: readonly string[]) => Promise<void>;

/** What such a thread is told at its start. */
export const removalWords = "remove files";

const threadsMax = 4;
/** What takes longer, takes long. */
const quickMsMax = 0.5;
/** So much nicer than the driver. */
const nicer = 10;
const nicest = 19;

interface Order {
  readonly paths: readonly string[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What a thread says of an order. */
interface Answer {
  /** What was in the way. */
  readonly why: string | undefined;
  readonly tookMs: number;
}

export class Removals {
  readonly #program: string;
  #free: Worker[] = [];
  /** What each is at work on. */
  readonly #busy = new Map<Worker, Order>();
  readonly #waiting: Order[] = [];
  /** Of one file, in the order that was answered last. */
  #fileMs = 0;
  #isClosed = false;

  /** `program` is the file of this program, which calls `runRemovalThread` in a thread that is told `removalWords`. */
  constructor(program: string) {
    this.#program = program;
  }

  readonly remove: RemoveFiles = (paths) =>
    new Promise((resolve, reject) => {
      this.#waiting.push({ paths, resolve, reject });
      this.#handOut();
    });

  /** What they work on is not waited for. */
  close(): void {
    this.#isClosed = true;
    for (const worker of [...this.#free, ...this.#busy.keys()]) void worker.terminate();
  }

  #handOut(): void {
    while (!this.#isClosed) {
      const [order] = this.#waiting;
      if (order === undefined) return;
      const worker = this.#free.pop() ?? this.#oneMore();
      if (worker === undefined) return;
      this.#waiting.shift();
      this.#busy.set(worker, order);
      worker.postMessage(order.paths);
    }
  }

  /** (W2) */
  #oneMore(): Worker | undefined {
    const threads = this.#busy.size;
    if (threads === threadsMax || (threads > 0 && this.#fileMs <= quickMsMax)) return undefined;
    const worker = new Worker(this.#program, { workerData: removalWords });
    // The thread is of this very program: its answers are what they say.
    worker.on("message", ({ why, tookMs }: Answer) => {
      const order = present(this.#busy.get(worker), "order");
      this.#fileMs = tookMs / order.paths.length;
      this.#free.push(worker);
      this.#answer(worker, why);
    });
    const fail = (error: unknown): void => {
      this.#free = this.#free.filter((other) => other !== worker);
      this.#answer(worker, `the thread that removes files ended: ${errorMessage(error)}`);
    };
    worker.on("error", fail);
    worker.on("exit", (code) => fail(`code ${code}`));
    worker.unref();
    return worker;
  }

  /** (W1) */
  #answer(worker: Worker, why: string | undefined): void {
    const order = this.#busy.get(worker);
    this.#busy.delete(worker);
    if (why === undefined) order?.resolve();
    else order?.reject(new Error(why));
    this.#handOut();
  }
}

/** The thread. */
export function runRemovalThread(): void {
  const port = present(parentPort ?? undefined, "the thread's driver");
  setPriority(Math.min(nicest, getPriority() + nicer)); // (W3) On Linux a thread's own.
  port.on("message", (paths: readonly string[]) => {
    const beganAtMs = systemClock.nowMs();
    let why: string | undefined;
    try {
      removeNow(paths);
    } catch (error) {
      why = errorMessage(error);
    }
    port.postMessage({ why, tookMs: systemClock.nowMs() - beganAtMs } satisfies Answer);
  });
}

/** Removes them here, as tests want it. */
export const removeHere: RemoveFiles = (paths) =>
  new Promise((resolve) => {
    removeNow(paths);
    resolve();
  });

/** As a rule they are files, and `rm` costs twice as much. */
function removeNow(paths: readonly string[]): void {
  for (const path of paths) {
    try {
      unlinkSync(path);
    } catch (error) {
      const code = errorCode(error);
      if (code === "EISDIR" || code === "EPERM") rmSync(path, { recursive: true, force: true });
      else if (code !== "ENOENT") throw error;
    }
  }
}
