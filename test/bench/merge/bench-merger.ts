// The merger that is measured: the built bundle in a process of its own.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { sleep } from "../../../services/shared/io/system-clock.js";

export interface BenchMergerOptions {
  readonly workdir: string;
  readonly slots: number;
  readonly nodeFlags: readonly string[];
}

const program = join(import.meta.dirname, "..", "..", "..", "dist", "merger.cjs");
/** How closely its start is looked at. */
const lookAgainMs = 10;

export class BenchMerger {
  readonly #child: ChildProcess;
  readonly #logPath: string;

  private constructor(child: ChildProcess, logPath: string) {
    this.#child = child;
    this.#logPath = logPath;
  }

  /** Resolves when it has joined the run. */
  static async start(options: BenchMergerOptions, signal: AbortSignal): Promise<BenchMerger> {
    const { workdir, slots, nodeFlags } = options;
    const logPath = join(workdir, "merger.log");
    const log = await open(logPath, "a");
    const words = ["--workdir", workdir, "--scratch", workdir, "--slots", String(slots), "--grace", "0s"];
    const argv = [...nodeFlags, program, "--name", "bench-merger", ...words];
    const child = spawn(process.execPath, argv, { stdio: ["ignore", log.fd, log.fd] });
    const merger = new BenchMerger(child, logPath);
    try {
      await once(child, "spawn");
      await log.close();
      while (!(await readFile(logPath, "utf8")).includes('"joined the run"')) {
        if (merger.#isGone())
          throw new Error(`expected a merger, found that it ended: ${await merger.logTail()}`);
        await sleep(lookAgainMs, signal);
      }
      return merger;
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The last that it said, for errors. */
  async logTail(): Promise<string> {
    return (await readFile(this.#logPath, "utf8")).slice(-2_000);
  }

  /** Resolves when the process is gone. */
  async end(): Promise<void> {
    if (this.#isGone()) return;
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exit;
  }

  #isGone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
