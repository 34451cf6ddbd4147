// Which process a pid means. Pids are used again; a pid with its start time, in one boot of the machine, is not.

import { readFileSync } from "node:fs";

/** Fields of /proc/PID/stat behind the command's name, which may hold anything: state is the first. */
const stateField = 0;
const startTimeField = 19;

/** The identity of a living process; undefined when there is none, or when the system does not tell. */
export function identityOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const startTime = fields[startTimeField];
    // A zombie has ended, and waits for somebody to notice.
    if (startTime === undefined || /[ZX]/.test(fields[stateField] ?? "")) return undefined;
    return `${bootOf()}/${startTime}`;
  } catch {
    return undefined; // No such process, or no /proc.
  }
}

function bootOf(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
