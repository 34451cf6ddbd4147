// Which process is which, beyond its number, which the system gives again: a process is named by number, start time and
// the boot of the machine, within its namespace. Linux tells all of it in /proc.

import { readFile, readlink } from "node:fs/promises";
import { errorCode } from "../../shared/io/error-code.js";

/** What a machine tells of its processes. */
export interface Processes {
  /** A text that is another one after each boot. */
  bootId(): Promise<string>;
  /** The namespace in which this process sees numbers: those of another one mean nothing here. */
  namespace(): Promise<string>;
  /** When the process began, in the machine's own ticks; undefined when it is gone, reaped or not. */
  startTimeOf(pid: number): Promise<string | undefined>;
}

/** The machine that this process runs on. */
export const processes: Processes = {
  bootId: async () => (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim(),
  namespace: () => readlink("/proc/self/ns/pid"),
  startTimeOf: async (pid) => {
    try {
      return startTimeIn(await readFile(`/proc/${pid}/stat`, "utf8"));
    } catch (error) {
      // The process may end between the opening and the reading of the file.
      if (["ENOENT", "ESRCH"].includes(errorCode(error))) return undefined;
      throw error;
    }
  },
};

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
