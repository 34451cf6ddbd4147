// The driver's process; and the thread in it that makes snapshots, which is the same program.

import { isMainThread } from "node:worker_threads";
import { runService } from "../shared/io/service-process.js";
import { readConfig } from "./io/config.js";
import { runDriver } from "./io/driver.js";
import { runSnapshotThread, snapshotsInThread } from "./io/snapshot-thread.js";

function runDriverService(): void {
  runService({
    service: "driver",
    readConfig: () => readConfig(process.argv.slice(2), process.env),
    ids: () => ({}),
    run: async (config, log, stop) => {
      await runDriver(config, log, stop, snapshotsInThread(process.argv[1] ?? ""));
      return { exit: "drained", reason: "all that was acknowledged is durable" };
    },
  });
}

if (isMainThread) runDriverService();
else void runSnapshotThread();
