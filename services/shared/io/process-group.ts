// A command in a process group of its own. No shell reads it.
//
//   G1. The whole group ends: when its leader has ended, when the time is up, when told to stop, and when this process exits.
//   G2. TERM first, KILL after the grace; a group whose leader has ended gets KILL at once.
//   G3. Whatever the command writes is taken in, so that it never waits for us; of stderr the end is kept.

import { spawn, type ChildProcess, type IOType, type SpawnOptions } from "node:child_process";
import { access } from "node:fs/promises";
import { Readable, Writable } from "node:stream";
import { failureOf, stderrTailBytesMax, type Failure } from "../core/failure.js";
import { classOfStart } from "../core/process-failure.js";
import { giveUsualCoreFile } from "./core-file.js";
import { errorCode, errorMessage } from "./error-code.js";
import { after, systemClock } from "./system-clock.js";
import { ByteTail } from "./text-tail.js";

export interface ProcessGroupOptions {
  readonly cwd: string;
  /** All of the environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** The group is ended when it runs longer; it may run for ever when there is none. */
  readonly timeoutMs?: number;
  /** Ends the group too; its end is then returned like any other. */
  readonly stop?: AbortSignal;
  /** From TERM to KILL. */
  readonly graceMs: number;
  /** A file descriptor for stdout; it is thrown away when there is none. */
  readonly stdoutTo?: number;
  /** Told what the command writes, as it comes: stderr, and stdout unless that has a descriptor. Must not throw. */
  readonly onOutput?: (piece: Buffer) => void;
  /** Told what the command writes to stdout, where that has no descriptor. Must not throw. */
  readonly onStdout?: (piece: Buffer) => void;
  /** Told what the command writes to stderr. Must not throw. */
  readonly onStderr?: (piece: Buffer) => void;
  /** Two pipes more: what it hears on descriptor 3, and what it says on 4. */
  readonly onTalk?: (to: Writable, from: Readable) => void;
  /** The group's number is its leader's pid. */
  readonly onStart?: (pid: number) => void;
}

/** How the leader ended. */
export interface ProcessEnd {
  /** When it ended by itself. */
  readonly exitCode: number | undefined;
  /** The signal that ended it, such as `SIGKILL`; empty when none did. */
  readonly signal: string;
  readonly timedOut: boolean;
  /** At most `stderrTailBytesMax` bytes. */
  readonly stderrTail: string;
  readonly wallMs: number;
}

/** The command could not be started at all: no such program, no right to run it, no room for another process. */
export class StartFailure extends Error {
  override readonly name = "StartFailure";
  /** What is to be reported of it. */
  readonly failure: Failure;

  constructor(failure: Failure, cause: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
  }
}

/** How long what is left in the pipe is waited for, when somebody outside the group keeps it open. */
const pipeMsMax = 1_000;

/** Runs a command to its end. Rejects with the signal's reason, the group gone, when told to stop; and with a `StartFailure`. */
export async function runInProcessGroup(
  command: readonly string[],
  options: ProcessGroupOptions,
  signal: AbortSignal,
): Promise<ProcessEnd> {
  signal.throwIfAborted();
  const startedAtMs = systemClock.nowMs();
  const stderr = new ByteTail(stderrTailBytesMax);
  const child = await start(command, options);
  child.stderr?.on("data", (piece: Buffer) => stderr.push(piece)); // (G3)
  const { onOutput, onStdout, onStderr } = options;
  if (onStderr !== undefined) child.stderr?.on("data", onStderr);
  if (onStdout !== undefined) child.stdout?.on("data", onStdout);
  talkWith(child, options);
  if (onOutput !== undefined) for (const pipe of outputsOf(child)) pipe.on("data", onOutput);
  const ending = endGroupWhenDue(child, options, signal);
  try {
    const { exitCode, signal: endedBy } = await exitOf(child);
    const wallMs = systemClock.nowMs() - startedAtMs;
    killGroup(child, "SIGKILL"); // (G1, G2)
    await Promise.all(pipesOf(child).map(pipeEnd));
    signal.throwIfAborted();
    return { exitCode, signal: endedBy, timedOut: ending.timedOut(), stderrTail: stderr.text(), wallMs };
  } finally {
    ending.dispose();
  }
}

/** Descriptors 3 and 4. */
const talkPipes = ["pipe", "pipe"] satisfies IOType[];

async function start(command: readonly string[], options: ProcessGroupOptions): Promise<ChildProcess> {
  const [program = "", ...args] = command;
  const spawnOptions: SpawnOptions = {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: [
      "ignore",
      options.stdoutTo ?? (isHeard(options) ? "pipe" : "ignore"),
      "pipe",
      ...(options.onTalk === undefined ? [] : talkPipes),
    ],
  };
  try {
    const child = spawn(program, args, spawnOptions);
    if (child.pid !== undefined) giveUsualCoreFile(child.pid);
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    if (child.pid !== undefined) options.onStart?.(child.pid);
    return child;
  } catch (error) {
    const hasFolder = await access(options.cwd).then(
      () => true,
      () => false,
    );
    const why = hasFolder ? whyNotStarted(error) : `there is no folder ${options.cwd} to run it in`;
    const failureClass = classOfStart(errorCode(error), hasFolder);
    throw new StartFailure(failureOf(failureClass, `cannot start ${JSON.stringify(program)}: ${why}`), error);
  }
}

function isHeard({ onOutput, onStdout }: ProcessGroupOptions): boolean {
  return onOutput !== undefined || onStdout !== undefined;
}

function whyNotStarted(error: unknown): string {
  switch (errorCode(error)) {
    case "ENOENT":
      return "there is no such program, or not the interpreter that its first line names";
    case "EACCES":
      return "it is not executable, or a folder on the way to it may not be entered";
    case "ENOEXEC":
      return "it is neither a program of this machine nor a script that begins with #!";
    case "E2BIG":
      return "its arguments are longer than the system allows";
    case "EAGAIN":
    case "ENOMEM":
    case "EMFILE":
    case "ENFILE":
      return `the machine has no room for another process (${errorCode(error)})`;
    default:
      return errorMessage(error);
  }
}

/** Groups that are not to outlive this process. */
const liveGroups = new Set<ChildProcess>();

process.on("exit", () => {
  for (const child of liveGroups) killGroup(child, "SIGKILL");
});

interface Ending {
  timedOut(): boolean;
  dispose(): void;
}

/** Ends the group when its time is up, when told to, and when this process exits (G1). */
function endGroupWhenDue(child: ChildProcess, options: ProcessGroupOptions, signal: AbortSignal): Ending {
  let timedOut = false;
  let cancelKill = (): void => undefined;
  const end = (): void => {
    cancelKill();
    killGroup(child, "SIGTERM");
    cancelKill = after(options.graceMs, () => killGroup(child, "SIGKILL"));
  };
  const cancelTimeout =
    options.timeoutMs === undefined
      ? (): void => undefined
      : after(options.timeoutMs, () => {
          timedOut = true;
          end();
        });
  liveGroups.add(child);
  const enders = [signal, ...(options.stop === undefined ? [] : [options.stop])];
  for (const ender of enders) ender.addEventListener("abort", end, { once: true });
  if (enders.some(({ aborted }) => aborted)) end();
  return {
    timedOut: () => timedOut,
    dispose: () => {
      cancelTimeout();
      cancelKill();
      liveGroups.delete(child);
      for (const ender of enders) ender.removeEventListener("abort", end);
    },
  };
}

function killGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch (error) {
    // Nobody is left in the group. (EPERM: whoever is left is not ours to end.)
    if (errorCode(error) !== "ESRCH" && errorCode(error) !== "EPERM") throw error;
  }
}

function exitOf(child: ChildProcess): Promise<{ exitCode: number | undefined; signal: string }> {
  return new Promise((resolve) => {
    child.once("exit", (code, name) => resolve({ exitCode: code ?? undefined, signal: name ?? "" }));
  });
}

function outputsOf(child: ChildProcess): Readable[] {
  return [child.stdout, child.stderr].filter((pipe) => pipe !== null);
}

/** All that the command may write to. */
function pipesOf(child: ChildProcess): Readable[] {
  const said = child.stdio[4];
  return said instanceof Readable ? [...outputsOf(child), said] : outputsOf(child);
}

function talkWith(child: ChildProcess, { onTalk }: ProcessGroupOptions): void {
  const [, , , to, from] = child.stdio;
  if (onTalk === undefined || !(to instanceof Writable) || !(from instanceof Readable)) return;
  to.on("error", () => undefined); // It has closed its end: what it does not hear, it does not answer.
  from.on("error", () => undefined); // As good as its end.
  onTalk(to, from);
}

/** Waits for the end of a pipe. A process that left the group may hold it for ever. */
function pipeEnd(pipe: Readable): Promise<void> {
  return new Promise((resolve) => {
    if (pipe.closed) {
      resolve();
      return;
    }
    const cancel = after(pipeMsMax, () => pipe.destroy());
    pipe.once("close", () => {
      cancel();
      resolve();
    });
  });
}
