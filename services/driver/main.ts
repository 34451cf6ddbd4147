// The driver's process; and the thread in it that makes snapshots, which is the same program.

import { isMainThread } from "node:worker_threads";
import { runService } from "../shared/io/service-process.js";
import { ClaimRefused } from "./io/claims.js";
import { readConfig } from "./io/config.js";
import { runDriver } from "./io/driver.js";
import { ReplacedError } from "./io/engine.js";
import { runSnapshotThread, snapshotsInThread } from "./io/journal/snapshot-thread.js";

function runDriverService(): void {
  runService({
    service: "driver",
    readConfig: () => readConfig({ args: process.argv.slice(2), environment: process.env }),
    ids: () => ({}),
    run: async (config, log, stop) => {
      try {
        await runDriver(config, log, stop, snapshotsInThread(process.argv[1] ?? ""));
        return { exit: "drained", reason: "all that was acknowledged is durable" };
      } catch (error) {
        // Another driver has the workdir: at the start, or since.
        if (!(error instanceof ClaimRefused || error instanceof ReplacedError)) throw error;
        return { exit: "fenced", reason: error.message };
      }
    },
  });
}

/** For files: some that are removed must not hold up the journal. Four would be Node's default. */
process.env["UV_THREADPOOL_SIZE"] ??= "16";

if (isMainThread) runDriverService();
else void runSnapshotThread();
