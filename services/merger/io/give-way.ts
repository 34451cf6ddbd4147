// A merger on cores that payloads have too: those go first.

import { readdirSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

/** Makes all threads of this process, and what they start, at least so nice. There is no way back. */
export function giveWay(nice: number): void {
  if (nice === 0) return;
  for (const thread of readdirSync("/proc/self/task").map(Number))
    setPriority(thread, Math.max(nice, getPriority(thread)));
}
