// What a user's process says by the way it ends, when no rule of the job says otherwise. The whole table is here.
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
// It speaks of payloads. A merge has no event to blame: there, what is of class event here is transient.

import type { Failure, FailureClass } from "./failure.js";

/** Whose process it was. */
export type ProcessOwner = "payload" | "merge command";

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

/** Signals that mean something, by the number that a shell adds to 128. */
const signals = [
  { number: 4, name: "SIGILL", class: "event" },
  { number: 6, name: "SIGABRT", class: "event" },
  { number: 7, name: "SIGBUS", class: "node" },
  { number: 8, name: "SIGFPE", class: "event" },
  { number: 9, name: "SIGKILL", class: "node" },
  { number: 11, name: "SIGSEGV", class: "event" },
  { number: 15, name: "SIGTERM", class: "node" },
] as const;

/** The failure that the end means; undefined when the process ended well. */
export function failureOfProcess(
  owner: ProcessOwner,
  end: ProcessOutcome,
  timeoutMs: number,
): Failure | undefined {
  const { exitCode, signal, stderrTail } = end;
  if (!end.timedOut && exitCode === 0) return undefined;
  const message = end.timedOut
    ? `expected the ${owner} to end within ${timeoutMs / 1_000} s, and ended it after that`
    : `expected the ${owner} to end with exit code 0, found ${foundOf(end)}`;
  const found = classOf(end);
  const failureClass = owner === "merge command" && found === "event" ? "transient" : found;
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

function foundOf({ exitCode, signal }: ProcessOutcome): string {
  if (exitCode === undefined) return `that ${signal} ended it`;
  const shell = signals.find(({ number }) => exitCode === 128 + number);
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
