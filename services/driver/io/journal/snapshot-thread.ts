// Has snapshots made in a thread of their own, with a heap of its own: the loop goes on meanwhile, and should the thread
// run out of memory, only the snapshot is not made.

import { parentPort, Worker, workerData } from "node:worker_threads";
import { present } from "../../../shared/core/assert.js";
import { openJournalFolder } from "./journal-folder.js";
import { parseMade, parseOrder, type SnapshotOrder } from "./parse-snapshot-talk.js";
import { makeSnapshot, type MadeSnapshot, type MakeSnapshot } from "./snapshot-maker.js";

/** `program` is the file of this program, which calls `runSnapshotThread` where it is not the main thread. */
export function snapshotsInThread(program: string): MakeSnapshot {
  return async ({ path }, plan, signal) => {
    const order: SnapshotOrder = { folder: path, plan };
    const thread = new Worker(program, { workerData: order });
    const stop = (): void => void thread.terminate();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      return await madeBy(thread);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  };
}

function madeBy(thread: Worker): Promise<MadeSnapshot> {
  return new Promise((resolve, reject) => {
    thread.once("message", (message: unknown) => resolve(parseMade(message)));
    thread.once("error", reject);
    thread.once("exit", (code) =>
      reject(new Error(`the thread ended with code ${code}, and made no snapshot`)),
    );
  });
}

/** The thread. What it throws is told to the driver. */
export async function runSnapshotThread(): Promise<void> {
  const { folder, plan } = parseOrder(workerData);
  const made = await makeSnapshot(await openJournalFolder(folder), plan, new AbortController().signal);
  present(parentPort ?? undefined, "the thread's driver").postMessage(made);
}
