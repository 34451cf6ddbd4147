// Writing where there may be no room: a full file system, a used-up quota, one that became read-only. None of these is
// mended by doing the work again elsewhere, and somebody may mend it at any time.
//
//   Q1. What fails for want of room is tried again, after pauses that grow, until it succeeds, its time is up, or it is told
//       to stop.

import { statfs } from "node:fs/promises";
import { errorCode, errorMessage } from "./error-code.js";
import { sleep, systemClock } from "./system-clock.js";

export interface RoomOptions {
  /** So long it is tried again. */
  readonly waitMs: number;
  /** Told of each failure before a pause. */
  readonly onWait: (error: unknown) => void;
}

const roomCodes: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EROFS"]);
const firstPauseMs = 250;
const lastPauseMs = 15_000;

/** Whether an error, or what caused it, says that there is no room. */
export function lacksRoom(error: unknown): boolean {
  if (roomCodes.has(errorCode(error))) return true;
  return error instanceof Error && error.cause !== undefined && lacksRoom(error.cause);
}

/** What Node's error says of a file system, in words; Node's own message where it is something else. */
export function roomMessage(error: unknown): string {
  const code = errorCode(error);
  switch (code) {
    case "ENOSPC":
      return "no space is left on its file system (ENOSPC)";
    case "EDQUOT":
      return "the quota is used up (EDQUOT)";
    case "EROFS":
      return "its file system is read-only (EROFS)";
    default:
      return errorMessage(error);
  }
}

/** Writes, and waits for room as often as there is none (Q1). */
export async function withRoom<Result>(
  write: () => Promise<Result>,
  { waitMs, onWait }: RoomOptions,
  signal: AbortSignal,
): Promise<Result> {
  const untilMs = systemClock.nowMs() + waitMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, lastPauseMs)) {
    try {
      return await write();
    } catch (error) {
      const leftMs = untilMs - systemClock.nowMs();
      if (!lacksRoom(error) || leftMs <= 0) throw error;
      onWait(error);
      await sleep(Math.min(pauseMs, leftMs), signal);
    }
  }
}

/** Less is nothing: programs write in blocks, and what they had begun may be gone already. */
const bytesMin = 1 << 20;

/** What is lacking on the file system of a folder; undefined when there is enough, or nobody can tell. */
export async function lackOf(folder: string): Promise<string | undefined> {
  const space = await statfs(folder).catch(() => undefined);
  if (space === undefined) return undefined;
  if (space.bavail * space.bsize < bytesMin) return "space is";
  return space.files > 0 && space.ffree === 0 ? "room for another file is" : undefined;
}
