// A service that `noctua run` starts, keeps running and stops.
//
//   S1. While it is not told to stop, a service that ends is started again, after a wait that grows; when it ends too
//       often, or says that it would end the same way again, it is given up, with the last lines of its log. One that
//       was never ready is given up sooner. One that may leave, and ends well, has left: it is not started again.
//   S2. When `stop` resolves, no process of it is left: TERM first, KILL after the grace.
//   S3. It lives in a session of its own, so that a Ctrl-C in the terminal reaches it by us, in order. An open channel
//       to us tells it when we are gone without a word (parent-watch.ts).

import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Rng } from "../../shared/core/rng.js";
import { unreachable } from "../../shared/core/assert.js";
import { errorMessage } from "../../shared/io/error-code.js";
import { after, systemClock, type Cancel } from "../../shared/io/system-clock.js";
import { decideRestart, describeEnd, type RestartLimits, type ServiceEnd } from "../core/restart-policy.js";
import { CliError, exitCodes } from "./cli-error.js";
import { lastLogLines } from "./log-tail.js";

export interface ServiceOptions {
  /** For people. */
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Both of its output streams are appended to it. */
  readonly logPath: string;
  readonly limits: { readonly first: RestartLimits; readonly ready: RestartLimits };
  readonly rng: Rng;
  /** Told of what a person should see. */
  readonly onNote: (note: string) => void;
  /** Told once, when it has left by itself, all handed in; absent when it never should (S1). */
  readonly onLeft?: () => void;
  /** Told once, when it is given up (S1). */
  readonly onGivenUp: (error: CliError) => void;
}

type State =
  | { readonly kind: "idle" }
  | { readonly kind: "running"; readonly process: ChildProcess; readonly logFrom: number }
  | { readonly kind: "waiting"; readonly cancel: Cancel }
  | { readonly kind: "stopping"; readonly process: ChildProcess; readonly stopped: Promise<void> }
  | { readonly kind: "ended" };

/** Services that are not to outlive this process. */
const live = new Set<SupervisedService>();
/** A log that has so many is put aside when its service is started. */
const logBytesMax = 64 * 1024 * 1024;
/** Of the last line of a log, as a restart quotes it; all of it is shown when the service is given up. */
const reasonMax = 200;
/** How long a service has to end its own processes when we end at once. */
const lastChanceMs = 250;

export class SupervisedService {
  readonly #options: ServiceOptions;
  #state: State = { kind: "idle" };
  #endsAtMs: readonly number[] = [];
  #wasReady = false;
  #onStopped: () => void = () => undefined;

  constructor(options: ServiceOptions) {
    this.#options = options;
  }

  /** Of its process; undefined while it has none. */
  get pid(): number | undefined {
    const state = this.#state;
    return state.kind === "running" || state.kind === "stopping" ? state.process.pid : undefined;
  }

  start(): void {
    const { command, env, logPath } = this.#options;
    const [program = "", ...args] = command;
    mkdirSync(dirname(logPath), { recursive: true });
    putAside(logPath);
    const log = openSync(logPath, "a", 0o600);
    try {
      const logFrom = fstatSync(log).size;
      const child = spawn(program, args, { env, detached: true, stdio: ["ignore", log, log, "ipc"] }); // (S3)
      this.#state = { kind: "running", process: child, logFrom };
      live.add(this);
      let isEnded = false;
      const end = (how: ServiceEnd): void => {
        if (isEnded) return;
        isEnded = true;
        this.#ended(how, logFrom);
      };
      child.once("exit", (code, signal) => end({ exitCode: code ?? undefined, signal: signal ?? "" }));
      child.once("error", () => {
        if (child.pid === undefined) end({ exitCode: undefined, signal: "" });
      });
    } finally {
      closeSync(log);
    }
  }

  /** It was seen to do what it is for. */
  markReady(): void {
    this.#wasReady = true;
  }

  /** Ends it for good, in `graceMs` at most (S2). */
  stop(graceMs: number): Promise<void> {
    const state = this.#state;
    switch (state.kind) {
      case "waiting":
        state.cancel();
        this.#state = { kind: "ended" };
        return Promise.resolve();
      case "running":
        return this.#stopProcess(state.process, graceMs);
      case "stopping":
        return state.stopped;
      case "idle":
      case "ended":
        this.#state = { kind: "ended" };
        return Promise.resolve();
      default:
        return unreachable(state);
    }
  }

  /** Sends a signal to its process, if there is one. */
  signal(name: NodeJS.Signals): void {
    const state = this.#state;
    if (state.kind === "running" || state.kind === "stopping") state.process.kill(name);
  }

  #stopProcess(process: ChildProcess, graceMs: number): Promise<void> {
    const { name, onNote } = this.#options;
    const cancelKill = after(graceMs, () => {
      onNote(`${name} did not stop within ${graceMs / 1_000} s and is ended`);
      process.kill("SIGKILL");
    });
    const stopped = new Promise<void>((resolve) => {
      this.#onStopped = () => {
        cancelKill();
        resolve();
      };
    });
    this.#state = { kind: "stopping", process, stopped };
    process.kill("SIGTERM");
    return stopped;
  }

  #ended(end: ServiceEnd, logFrom: number): void {
    live.delete(this);
    if (this.#state.kind === "stopping") {
      this.#state = { kind: "ended" };
      this.#onStopped();
      return;
    }
    const { name, logPath, rng, onNote, onLeft } = this.#options;
    if (onLeft !== undefined && end.exitCode === 0) {
      this.#state = { kind: "ended" };
      onLeft();
      return;
    }
    const limits = this.#wasReady ? this.#options.limits.ready : this.#options.limits.first;
    this.#endsAtMs = [...this.#endsAtMs, systemClock.nowMs()].slice(-limits.restartsMax - 1);
    const decision = decideRestart(end, this.#endsAtMs, limits, rng); // (S1)
    const lines = lastLogLines(logPath, logFrom);
    if (decision.kind === "give-up") {
      this.#state = { kind: "ended" };
      this.#giveUp(describeEnd(end), lines);
      return;
    }
    const lastLine = end.signal === "" ? lines.at(-1) : undefined;
    const why = lastLine === undefined ? "" : ` (${lastLine.slice(0, reasonMax)})`;
    const when = `starting it again in ${(decision.waitMs / 1_000).toFixed(1)} s`;
    onNote(`${name} ${describeEnd(end)}${why}; ${when}`);
    this.#state = { kind: "waiting", cancel: after(decision.waitMs, () => this.#startAgain()) };
  }

  #startAgain(): void {
    try {
      this.start();
    } catch (error) {
      this.#state = { kind: "ended" };
      this.#giveUp(`could not be started again: ${errorMessage(error)}`, []);
    }
  }

  #giveUp(how: string, lines: readonly string[]): void {
    const { name, logPath, onGivenUp } = this.#options;
    const ends = this.#endsAtMs.length;
    const times = ends === 1 ? "" : `, ${ends} times in all`;
    const quoted = lines.map((line) => `\n  | ${line}`).join("");
    const message = `${name} ${how}${times}, and is given up; its log is ${logPath}${quoted}`;
    onGivenUp(new CliError(exitCodes.driverUnavailable, message));
  }
}

/** When this process ends at once, its services do too (P10): a second TERM, and KILL to those that do not listen. */
process.on("exit", () => {
  if (live.size === 0) return;
  for (const service of live) service.signal("SIGTERM");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lastChanceMs);
  for (const service of live) service.signal("SIGKILL");
});

/** As <name>.1, over the one before. */
function putAside(logPath: string): void {
  const { size = 0 } = statSync(logPath, { throwIfNoEntry: false }) ?? {};
  if (size >= logBytesMax) renameSync(logPath, `${logPath}.1`);
}
