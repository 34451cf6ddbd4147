// Which process is which, beyond its number, which the system gives again: a process is named by number, start time and
// the boot of the machine, within its namespace. Linux tells all of it in /proc, from memory.

import { readFileSync, readlinkSync } from "node:fs";
import { errorCode } from "./error-code.js";

/** What a machine tells of its processes. */
export interface Processes {
  /** A text that is another one after each boot. */
  bootId(): string;
  /** The namespace in which this process sees numbers: those of another one mean nothing here. */
  namespace(): string;
  /** When the process began, in the machine's own ticks; undefined when it is gone, reaped or not. */
  startTimeOf(pid: number): string | undefined;
}

/** The machine that this process runs on. */
export const processes: Processes = {
  bootId: () => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
  namespace: () => readlinkSync("/proc/self/ns/pid"),
  startTimeOf: (pid) => {
    try {
      return startTimeIn(readFileSync(`/proc/${pid}/stat`, "utf8"));
    } catch (error) {
      // The process may end between the opening and the reading of the file.
      if (["ENOENT", "ESRCH"].includes(errorCode(error))) return undefined;
      throw error;
    }
  },
};

/** The identity of a living process within its namespace, in a word; undefined when there is none, or the system does not tell. */
export function identityOf(pid: number): string | undefined {
  try {
    const startTime = processes.startTimeOf(pid);
    return startTime === undefined ? undefined : `${processes.bootId()}/${startTime}`;
  } catch {
    return undefined;
  }
}

/** The 22nd field of /proc/<pid>/stat (proc(5)), unless the process has ended and only waits for its parent. */
export function startTimeIn(stat: string): string | undefined {
  // The program's name, in brackets, may have brackets and blanks itself. The third field, the state, comes after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, startTime] = [fields[3 - 3], fields[22 - 3]];
  if (state === undefined || startTime === undefined || !/^\d+$/.test(startTime)) {
    throw new Error(`expected /proc/<pid>/stat as Linux writes it, found ${JSON.stringify(stat)}`);
  }
  return ["Z", "X", "x"].includes(state) ? undefined : startTime;
}
