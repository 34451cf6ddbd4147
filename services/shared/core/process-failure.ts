// What a user's process says by the way it ends: the first rule of its job that fits, and where none does, this table.
//
//   it ended by                              class      since
//   ---------------------------------------  ---------  ---------------------------------------------------------------
//   our timeout                              event      an event that never ends is a bad event
//   SIGKILL, SIGTERM, SIGBUS, not by us      node       memory ran out, somebody cleans up the node, its disk is broken
//   SIGSEGV, SIGABRT, SIGFPE, SIGILL         event      the program met data that it cannot bear
//   exit code 126 or 127                     fatal      the shell's words for "cannot run it" and "no such program"
//   exit code 128 + n                        as if signal n had ended it: the shell's word for that
//   another exit code, another signal        transient  nobody knows: it is tried again, and costs credit
//   exit code 0 and no good output           event      (the actor's stage-out.ts)
//   not started: no such program, no right   fatal      no node will do better (two nodes must say so: decide-results.ts)
//   not started: no room for a process       node       another node has it
//
// A rule that names a signal means the shell's word for it too, and none but `timeout` speaks of our own timeout: then the
// signal was ours. It speaks of payloads. A merge has no event to blame: there, what is of class event here is transient.

import type { Failure, FailureClass } from "./failure.js";
import type { FailureRule } from "./job-spec.js";

/** Whose process it was. */
export type ProcessOwner = "payload" | "setup command" | "merge command" | "count command" | "check command";

/** How a process ended, on its own or not. */
export interface ProcessOutcome {
  /** When it ended by itself. */
  readonly exitCode: number | undefined;
  /** The signal that ended it, such as `SIGKILL`; empty when none did. */
  readonly signal: string;
  /** It ran longer than it may. */
  readonly timedOut: boolean;
  readonly stderrTail: string;
}

/** The signals that may end a process, by the number that a shell adds to 128, and what they mean. */
const signals = [
  { number: 1, name: "SIGHUP", class: "transient" },
  { number: 2, name: "SIGINT", class: "transient" },
  { number: 3, name: "SIGQUIT", class: "transient" },
  { number: 4, name: "SIGILL", class: "event" },
  { number: 5, name: "SIGTRAP", class: "transient" },
  { number: 6, name: "SIGABRT", class: "event" },
  { number: 7, name: "SIGBUS", class: "node" },
  { number: 8, name: "SIGFPE", class: "event" },
  { number: 9, name: "SIGKILL", class: "node" },
  { number: 10, name: "SIGUSR1", class: "transient" },
  { number: 11, name: "SIGSEGV", class: "event" },
  { number: 12, name: "SIGUSR2", class: "transient" },
  { number: 13, name: "SIGPIPE", class: "transient" },
  { number: 14, name: "SIGALRM", class: "transient" },
  { number: 15, name: "SIGTERM", class: "node" },
  { number: 24, name: "SIGXCPU", class: "transient" },
  { number: 25, name: "SIGXFSZ", class: "transient" },
  { number: 31, name: "SIGSYS", class: "transient" },
] as const satisfies readonly { number: number; name: string; class: FailureClass }[];

/** The signals that a rule may name. */
export const signalNames: readonly string[] = signals.map(({ name }) => name);

/** The failure that the end means; undefined when the process ended well. */
export function failureOfProcess(
  owner: ProcessOwner,
  end: ProcessOutcome,
  timeoutMs: number,
  rules: readonly FailureRule[] = [],
): Failure | undefined {
  const { exitCode, signal, stderrTail } = end;
  if (!end.timedOut && exitCode === 0) return undefined;
  const message = end.timedOut
    ? `expected the ${owner} to end within ${timeoutMs / 1_000} s, and ended it after that`
    : `expected the ${owner} to end with exit code 0, found ${foundOf(end)}`;
  const found = rules.find((rule) => fits(rule, end))?.class ?? classOf(end);
  const failureClass = owner !== "payload" && found === "event" ? "transient" : found;
  return { class: failureClass, message, exitCode, signal, stderrTail };
}

/** Errors of the system that only another program, or other rights, would mend. */
const programErrors: ReadonlySet<string> = new Set([
  "ENOENT",
  "EACCES",
  "EPERM",
  "ENOEXEC",
  "ENOTDIR",
  "E2BIG",
  "ELOOP",
]);

/** The class of a process that could not be started. A missing folder is an ENOENT too, and the node's fault. */
export function classOfStart(errorCode: string, hasFolder: boolean): FailureClass {
  return hasFolder && programErrors.has(errorCode) ? "fatal" : "node";
}

function fits({ exitCodes, signals: named, timeout }: FailureRule, end: ProcessOutcome): boolean {
  if (end.timedOut) return timeout;
  if (end.exitCode !== undefined && exitCodes.includes(end.exitCode)) return true;
  return named.includes(end.exitCode === undefined ? end.signal : (shellWord(end.exitCode)?.name ?? ""));
}

function shellWord(exitCode: number): (typeof signals)[number] | undefined {
  return signals.find(({ number }) => exitCode === 128 + number);
}

function foundOf({ exitCode, signal }: ProcessOutcome): string {
  if (exitCode === undefined) return `that ${signal} ended it`;
  const shell = shellWord(exitCode);
  return shell === undefined
    ? `exit code ${exitCode}`
    : `exit code ${exitCode}, a shell's word for ${shell.name}`;
}

function classOf({ exitCode, signal, timedOut }: ProcessOutcome): FailureClass {
  if (timedOut) return "event";
  if (exitCode === 126 || exitCode === 127) return "fatal";
  const meant = signals.find(({ number, name }) => name === signal || exitCode === 128 + number);
  return meant?.class ?? "transient";
}
