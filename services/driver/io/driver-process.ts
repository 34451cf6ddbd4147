// The driver's process: what it is started with, and how it ends.

import { runService } from "../../shared/io/service-process.js";
import { ClaimRefused } from "./claims.js";
import { readConfig } from "./config.js";
import { runDriver } from "./driver.js";
import { ReplacedError } from "./engine.js";
import { SnapshotThread } from "./journal/snapshot-thread.js";
import { Removals } from "./removals.js";

export interface DriverStart {
  /** The file of this program, which its threads run too. */
  readonly program: string;
  readonly words: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** All that it closes takes less, unless it hangs before it has begun. */
const stopMsMax = 15_000;

export function runDriverService({ program, words, environment }: DriverStart): void {
  runService({
    service: "driver",
    readConfig: () => readConfig({ args: words, environment }),
    ids: () => ({}),
    stopMsMax: () => stopMsMax,
    run: async (config, log, stop) => {
      const removals = new Removals(program);
      const snapshots = new SnapshotThread(program);
      try {
        const helpers = { make: snapshots.make, removeFiles: removals.remove };
        await runDriver(config, log, stop, helpers);
        return { exit: "drained", reason: "all that was acknowledged is durable" };
      } catch (error) {
        // Another driver has the workdir: at the start, or since.
        if (!(error instanceof ClaimRefused || error instanceof ReplacedError)) throw error;
        return { exit: "fenced", reason: error.message };
      } finally {
        snapshots.close();
        removals.close();
      }
    },
  });
}
