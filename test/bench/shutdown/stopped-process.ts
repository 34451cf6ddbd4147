// A process that is told to stop: how long it takes, how it ends, and what its log says of its phases.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { open, readFile, stat } from "node:fs/promises";
import { after, systemClock } from "../../../services/shared/io/system-clock.js";

export interface Stop {
  readonly name: string;
  readonly tookMs: number;
  readonly deadlineMs: number;
  /** Such as `exit code 0` or `SIGKILL`. */
  readonly end: string;
  /** It lived on after its deadline, and was killed. */
  readonly isLate: boolean;
  /** What took a moment, in words. */
  readonly phases: string;
}

/** A machine that is busy may take longer for what is bounded. */
const slackMs = 5_000;
/** Phases that took less are left out. */
const phaseMsMin = 20;

export class StoppedProcess {
  readonly name: string;
  readonly child: ChildProcess;
  readonly #logPath: string;

  private constructor(name: string, child: ChildProcess, logPath: string) {
    this.name = name;
    this.child = child;
    this.#logPath = logPath;
  }

  /** `words` are what Node is to run. */
  static async start(
    name: string,
    words: readonly string[],
    { logPath, env }: { readonly logPath: string; readonly env: Readonly<Record<string, string>> },
  ): Promise<StoppedProcess> {
    const log = await open(logPath, "a");
    try {
      const child = spawn(process.execPath, words, {
        stdio: ["ignore", log.fd, log.fd],
        env: { ...process.env, ...env },
      });
      await once(child, "spawn");
      return new StoppedProcess(name, child, logPath);
    } finally {
      await log.close();
    }
  }

  log(): Promise<string> {
    return readFile(this.#logPath, "utf8");
  }

  get isGone(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    if (this.isGone) return;
    const exit = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await exit;
  }

  /** Tells it to stop, and waits for its end. */
  async stop(deadlineMs: number): Promise<Stop> {
    if (this.isGone)
      throw new Error(`expected the ${this.name} to run, found that it ended: ${await this.log()}`);
    const { size } = await stat(this.#logPath);
    const exit = once(this.child, "exit");
    const beganAtMs = systemClock.nowMs();
    const beganUnixMs = systemClock.unixMs();
    this.child.kill("SIGTERM");
    let isLate = false;
    const cancel = after(deadlineMs + slackMs, () => {
      isLate = true;
      this.child.kill("SIGKILL");
    });
    await exit;
    cancel();
    const tookMs = systemClock.nowMs() - beganAtMs;
    const end = this.child.signalCode ?? `exit code ${String(this.child.exitCode)}`;
    const phases = phasesIn((await this.log()).slice(size), beganUnixMs);
    return { name: this.name, tookMs, deadlineMs, end, isLate, phases };
  }
}

interface Line {
  readonly time: string;
  readonly message: string;
  readonly what?: string;
  readonly ms?: number;
}

/** Of a service's log. What `noctua run` says is for people, and is told as it stands. */
function phasesIn(log: string, beganUnixMs: number): string {
  const phases = log.split("\n").flatMap((text) => {
    if (text.startsWith("noctua: stopped; ")) return [text.slice("noctua: stopped; ".length)];
    if (!text.startsWith("{")) return [];
    const { time, message, what, ms = 0 } = JSON.parse(text) as Line;
    if (message === "leaving") return [`${Date.parse(time) - beganUnixMs} drain`];
    if (what === undefined || ms < phaseMsMin) return [];
    return [`${ms} ${what}${message === "closed" ? "" : " (left)"}`];
  });
  return phases.join(", ");
}
