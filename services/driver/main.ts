// The driver's process; and the threads in it that make snapshots and remove files, which are the same program. Each loads
// what it needs: all of the driver takes a thread 100 ms.

import { isMainThread, workerData } from "node:worker_threads";
import { removalWords, runRemovalThread } from "./io/removals.js";

/** For files: some that stand still must not hold up the journal. Four would be Node's default. */
process.env["UV_THREADPOOL_SIZE"] ??= "16";

async function runDriverProcess(): Promise<void> {
  const { runDriverService } = await import("./io/driver-process.js");
  const [, program = "", ...words] = process.argv;
  runDriverService({ program, words, environment: process.env });
}

async function runSnapshots(): Promise<void> {
  const { runSnapshotThread } = await import("./io/journal/snapshot-thread.js");
  runSnapshotThread();
}

if (isMainThread) void runDriverProcess();
else if (workerData === removalWords) runRemovalThread();
else void runSnapshots();
