// The actor that is measured: the built bundle in a process of its own.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface BenchActorOptions {
  readonly workdir: string;
  readonly scratch: string;
  readonly slots: number;
  readonly nodeFlags: readonly string[];
}

const program = join(import.meta.dirname, "..", "..", "..", "dist", "actor.cjs");

export class BenchActor {
  readonly #child: ChildProcess;
  readonly #logPath: string;

  private constructor(child: ChildProcess, logPath: string) {
    this.#child = child;
    this.#logPath = logPath;
  }

  static async start(options: BenchActorOptions): Promise<BenchActor> {
    const { workdir, scratch, slots, nodeFlags } = options;
    const logPath = join(workdir, "actor.log");
    const log = await open(logPath, "a");
    const words = ["--workdir", workdir, "--scratch", scratch, "--slots", String(slots), "--grace", "0s"];
    try {
      const child = spawn(process.execPath, [...nodeFlags, program, "--name", "bench", ...words], {
        stdio: ["ignore", log.fd, log.fd],
      });
      await once(child, "spawn");
      return new BenchActor(child, logPath);
    } finally {
      await log.close();
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Throws when it has ended. */
  expectAlive(): void {
    if (this.#isGone()) throw new Error("expected the actor to go on, found that it ended");
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
