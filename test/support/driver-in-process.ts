// A whole driver in the test's own process, on a workdir of the test's.

import { onTestFinished } from "vitest";
import { present } from "../../services/shared/core/assert.js";
import { realParts, type TurnParts } from "../../services/driver/core/turn.js";
import type { DriverConfig } from "../../services/driver/io/config.js";
import { runDriver } from "../../services/driver/io/driver.js";
import { makeSnapshot } from "../../services/driver/io/journal/snapshot-maker.js";
import { removeHere } from "../../services/driver/io/removals.js";
import { readTrust, type PeerTrust } from "../../services/shared/io/trust/testing-trust.js";
import { readAddress, type DriverAddress } from "../../services/shared/io/address-file.js";
import { silentLogger, type Logger } from "../../services/shared/io/logger.js";

export interface RunningDriver extends DriverAddress {
  readonly workdir: string;
  readonly trust: PeerTrust;
  /** Told to stop, and over. Rejects with what ended the driver before. */
  stop(): Promise<void>;
}

/** A bug, and who is told of the errors that the driver logs. */
interface Plants {
  readonly parts?: TurnParts;
  readonly onLine?: (line: string) => void;
}

/** Starts a driver on the workdir, and waits until it is ready. */
export async function startDriver(
  workdir: string,
  changes: Partial<DriverConfig> = {},
  { parts = realParts, onLine = () => undefined }: Plants = {},
): Promise<RunningDriver> {
  const stopping = new AbortController();
  const config: DriverConfig = {
    ...{
      workdir,
      host: "127.0.0.1",
      port: 0,
      leaseMs: 60_000,
      witnessWaitMs: 0,
      takeOver: false,
      isPlain: false,
      logLevel: "info",
    },
    snapshotAfterBytes: 256e6,
    slurm: { slurmCluster: "", slurmJob: "", slurmNode: "" },
    ...changes,
  };
  let ended: Promise<void> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    const log: Logger = {
      ...silentLogger,
      info: (message) => {
        if (message === "driver ready") resolve();
      },
      error: (message, fields) => onLine(`${message} ${JSON.stringify(fields)}`),
      with: () => log,
    };
    ended = runDriver(config, log, stopping.signal, { make: makeSnapshot, removeFiles: removeHere, parts });
    ended.catch(reject);
  });
  const stop = async (): Promise<void> => {
    stopping.abort(new Error("the test stops it"));
    await ended;
  };
  onTestFinished(() => stop().catch(() => undefined));
  const address = present(await readAddress(workdir), "address of a driver that is ready");
  return { ...address, workdir, trust: await readTrust(workdir), stop };
}
