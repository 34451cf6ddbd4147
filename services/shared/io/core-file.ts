// What a crash leaves behind: a file with all that the process had in memory, the keys of its credentials too (P8).
//
//   K1. That of one of our own processes holds none of its memory.
//   K2. Programs of users leave what they would leave without us: it is theirs to look into.
//
// Linux asks /proc/<pid>/coredump_filter, which a process hands on to those that it starts. Elsewhere nothing happens.

import { writeFileSync } from "node:fs";

/** What Linux begins with. */
const whatIsUsual = "0x33";

/** For this process, from its start on (K1). */
export function keepMemoryToItself(): void {
  setFilter("self", "0");
}

/** For a program that was just started (K2). */
export function giveUsualCoreFile(pid: number): void {
  setFilter(String(pid), whatIsUsual);
}

/** At once, and not a moment later: nothing is waited for in /proc. */
function setFilter(process: string, filter: string): void {
  try {
    writeFileSync(`/proc/${process}/coredump_filter`, filter);
  } catch {
    // It has ended already, or there is no such file: nothing hangs on it.
  }
}
