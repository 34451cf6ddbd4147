// No range begins where too little is free on the node's scratch. (What fails since all is used is scratch-space.ts's.)
//
//   F1. While too little is free, no range begins: it fails for this node's sake, and another node may have room. It is looked
//       at before ranges begin, and at most once in `lookMs`, however many ranges begin.
//   F2. Folder, what is free and what is asked for are said.

import { statfs } from "node:fs/promises";
import type { Clock } from "../../shared/core/clock.js";
import { failureOf } from "../../shared/core/failure.js";
import { formatSize } from "../../shared/core/size.js";
import { endOfError, type LastingPayload, type PayloadRun } from "./payload.js";

const lookMs = 1_000;

export interface RoomOptions {
  /** On the node's scratch. */
  readonly folder: string;
  /** So much is to be free. */
  readonly bytesMin: number;
  readonly clock: Clock;
}

/** How many bytes are free in a folder, for those who are not the system's administrator. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Payloads that begin while there is room (F1). */
export function withRoom(
  inner: LastingPayload,
  { folder, bytesMin, clock }: RoomOptions,
  freeOf: typeof freeBytesOf = freeBytesOf,
): LastingPayload {
  let flaw: string | undefined;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  const look = async (): Promise<void> => {
    lookedAtMs = clock.nowMs();
    const free = await freeOf(folder);
    flaw = free >= bytesMin ? undefined : flawOf(folder, free, bytesMin);
  };
  const begin = (run: PayloadRun): void => {
    if (flaw === undefined) inner.start(run);
    else run.onEnd({ kind: "failure", failure: failureOf("node", flaw) });
  };
  const lookAndBegin = async (run: PayloadRun): Promise<void> => {
    try {
      await look();
    } catch (error) {
      run.onEnd(endOfError(run, error));
      return;
    }
    if (run.isAborted) run.onEnd({ kind: "aborted" });
    else begin(run);
  };
  return {
    endJob: (job) => inner.endJob(job),
    close: () => inner.close(),
    abort: (run) => inner.abort(run),
    recall: (run) => inner.recall(run),
    start: (run) => {
      const sinceMs = clock.nowMs() - lookedAtMs;
      if (flaw !== undefined || sinceMs === Number.POSITIVE_INFINITY) void lookAndBegin(run);
      else {
        if (sinceMs >= lookMs) void look().catch(() => undefined); // What it finds is for the next.
        begin(run);
      }
    },
  };
}

function flawOf(folder: string, freeBytes: number, bytesMin: number): string {
  const expected = `expected ${formatSize(bytesMin)} of free space in the scratch folder ${folder}`;
  return `${expected}, found ${formatSize(freeBytes)}`; // (F2)
}
