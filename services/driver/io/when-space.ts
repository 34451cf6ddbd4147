// What a driver must read or write before it can go on: its claim, its journal, where it can be found. A full disk, a used-up
// quota and a table of open files that is full are waited for, however long; who looks is told why (P9).

import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import { sleep } from "../../shared/io/system-clock.js";

export interface SpaceOptions {
  /** What there may be no space for, in words. */
  readonly of: string;
  /** Says before each wait why there is one, and `undefined` when it is over. */
  readonly onStall?: ((why: string | undefined) => void) | undefined;
  /** Between two tries; default 1 s. */
  readonly waitForSpace?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

/** What is lacking, by the system's error. */
const lacks: Readonly<Record<string, string>> = {
  ENOSPC: "space",
  EDQUOT: "space",
  EMFILE: "file descriptor (ulimit -n)",
  ENFILE: "file descriptor on this machine",
};

/** Does so as often as there is no space; it must do no harm to begin again. The signal ends the wait. */
export async function whenSpace<Result>(
  write: () => Promise<Result>,
  { of, onStall, waitForSpace = pause }: SpaceOptions,
  signal: AbortSignal,
): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      const result = await write();
      if (tries > 0) onStall?.(undefined);
      return result;
    } catch (error) {
      const lack = lacks[errorCode(error)];
      if (lack === undefined) throw error;
      const goesOn = `nothing is lost, and it goes on when there is ${lack === "space" ? "space" : "one"}`;
      onStall?.(`no ${lack} for ${of}: ${errorMessage(error)}; ${goesOn}`);
    }
    await waitForSpace(signal);
  }
}

const retryMs = 1_000;

function pause(signal: AbortSignal): Promise<void> {
  return sleep(retryMs, signal);
}
