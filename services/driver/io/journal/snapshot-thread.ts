// Has snapshots made in a thread of their own, with a heap of its own: the loop goes on meanwhile, and should the thread
// run out of memory, only the snapshot is not made.
//
//   T1. One thread makes them all. The C library keeps what a thread has freed, and hardly gives it to the next one: with a
//       new thread for each snapshot the process grew by some MB a snapshot.
//   T2. A thread that ends is followed by another when the next snapshot is to be made. One that takes too long is ended.
//   T3. Between snapshots no farm is in memory: what is left of it is collected at once, since the next may be hours away.

import { setFlagsFromString } from "node:v8";
import { createContext, runInContext } from "node:vm";
import { parentPort, Worker } from "node:worker_threads";
import { assert, present } from "../../../shared/core/assert.js";
import { errorMessage } from "../../../shared/io/error-code.js";
import { after } from "../../../shared/io/system-clock.js";
import { openJournalFolder } from "./journal-folder.js";
import {
  parseAnswer,
  parseOrder,
  snapshotWords,
  type SnapshotAnswer,
  type SnapshotOrder,
} from "./parse-snapshot-talk.js";
import { makeSnapshot, type MadeSnapshot, type MakeSnapshot } from "./snapshot-maker.js";

/** The largest take minutes. */
const tookMsMaxDefault = 3_600_000;

interface Waiting {
  readonly resolve: (made: MadeSnapshot) => void;
  readonly reject: (error: Error) => void;
}

export class SnapshotThread {
  readonly #program: string;
  readonly #tookMsMax: number;
  #thread: Worker | undefined;
  #waiting: Waiting | undefined;

  /** `program` is the file of this program, which calls `runSnapshotThread` in a thread that is told `snapshotWords`. */
  constructor(program: string, tookMsMax = tookMsMaxDefault) {
    this.#program = program;
    this.#tookMsMax = tookMsMax;
  }

  /** One at a time. When it is told to stop, the thread ends. */
  readonly make: MakeSnapshot = async ({ path }, plan, signal) => {
    assert(this.#waiting === undefined, "one snapshot is made at a time");
    const thread = (this.#thread ??= this.#begin());
    const end = (): void => void thread.terminate();
    const cancel = after(this.#tookMsMax, () => this.#giveUp(thread));
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting = { resolve, reject };
        thread.postMessage({ folder: path, plan } satisfies SnapshotOrder);
      });
    } finally {
      this.#waiting = undefined;
      cancel();
      signal.removeEventListener("abort", end);
    }
  };

  close(): void {
    void this.#thread?.terminate();
  }

  /** (T2) */
  #giveUp(thread: Worker): void {
    this.#thread = undefined;
    this.#waiting?.reject(new Error(`expected a snapshot within ${this.#tookMsMax / 1_000} s, found none`));
    void thread.terminate();
  }

  #begin(): Worker {
    const thread = new Worker(this.#program, { workerData: snapshotWords });
    const fail = (error: Error): void => {
      if (this.#thread !== thread) return; // It was given up, or its error was told already.
      this.#thread = undefined;
      this.#waiting?.reject(error);
    };
    thread.on("message", (message: unknown) => {
      const answer = parseAnswer(message);
      if (answer.kind === "made") this.#waiting?.resolve(answer.made);
      else this.#waiting?.reject(new Error(answer.why));
    });
    thread.on("error", fail);
    thread.on("exit", (code) => fail(new Error(`the thread ended with code ${code}, and made no snapshot`)));
    return thread;
  }
}

/** The thread. */
export function runSnapshotThread(): void {
  const port = present(parentPort ?? undefined, "the thread's driver");
  const collect = garbageCollector();
  port.on("message", (message: unknown) => {
    void answerTo(parseOrder(message)).then((answer) => {
      port.postMessage(answer);
      collect(); // (T3)
    });
  });
}

async function answerTo({ folder, plan }: SnapshotOrder): Promise<SnapshotAnswer> {
  try {
    const made = await makeSnapshot(await openJournalFolder(folder), plan, new AbortController().signal);
    return { kind: "made", made };
  } catch (error) {
    return { kind: "failed", why: errorMessage(error) };
  }
}

/** V8 lends its collector to contexts that are made after the flag was set. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const context = createContext();
  return () => void runInContext("gc()", context);
}
