// What is left of a Slurm job's time: an allocation may be extended or cut short while it runs, and nobody tells its nodes.
//
//   T1. Slurm is asked again and again, for the sake of all nodes of a job together at most `asksPerSecond` times a second, and
//       never more often than once a minute.
//   T2. What is no time changes nothing. Where there is no squeue, nobody asks again.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Rng } from "../../shared/core/rng.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import type { Logger } from "../../shared/io/logger.js";
import { sleep } from "../../shared/io/system-clock.js";

/** A job, and how many nodes of it may ask. */
export interface SlurmAllocation {
  readonly job: string;
  readonly nodes: number;
}

export interface TimeLeftOptions {
  readonly allocation: SlurmAllocation;
  readonly rng: Rng;
  readonly log: Logger;
  readonly tell: (leftMs: number) => void;
  /** Default: Slurm's own. */
  readonly squeue?: string;
  /** Default: as T1 says. */
  readonly intervalMs?: number;
}

const asksPerSecond = 10;
const intervalMsMin = 60_000;
const askMsMax = 10_000;
const answerBytesMax = 65_536;

/** Until told to stop. Never rejects. */
export async function followTimeLeft(options: TimeLeftOptions, signal: AbortSignal): Promise<void> {
  const { allocation, rng, log, tell } = options;
  const intervalMs =
    options.intervalMs ?? Math.max(intervalMsMin, (allocation.nodes * 1_000) / asksPerSecond); // (T1)
  let isFlawSaid = false;
  for (let pauseMs = rng.next() * intervalMs; ; pauseMs = intervalMs) {
    try {
      await sleep(pauseMs, signal);
      const leftMs = await askTimeLeft(allocation.job, options.squeue ?? "squeue", signal);
      if (leftMs !== undefined) tell(leftMs);
    } catch (error) {
      if (signal.aborted) return;
      if (!isFlawSaid)
        log.info("Slurm does not say what is left of its job's time", { error: errorMessage(error) });
      isFlawSaid = true;
      if (errorCode(error) === "ENOENT") return; // (T2)
    }
  }
}

async function askTimeLeft(job: string, squeue: string, signal: AbortSignal): Promise<number | undefined> {
  const limits = { timeout: askMsMax, killSignal: "SIGKILL", maxBuffer: answerBytesMax } as const;
  const args = ["--noheader", `--jobs=${job}`, "--format=%L"];
  const { stdout } = await promisify(execFile)(squeue, args, { ...limits, signal });
  return timeLeftMs(stdout.split("\n")[0] ?? "");
}

/** As Slurm writes it: `days-hours:minutes:seconds`, without what would be nought in front; undefined for anything else. */
export function timeLeftMs(text: string): number | undefined {
  const parts = /^(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)$/.exec(text.trim());
  if (parts === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part || 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
}
