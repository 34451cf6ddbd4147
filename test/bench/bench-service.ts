// An actor or a merger that is measured: the built bundle in a process of its own.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { sleep } from "../../services/shared/io/system-clock.js";

export interface BenchServiceOptions {
  readonly workdir: string;
  readonly scratch: string;
  readonly slots: number;
  readonly nodeFlags: readonly string[];
}

const dist = join(import.meta.dirname, "..", "..", "dist");
/** How closely its start is looked at. */
const lookAgainMs = 10;

export class BenchService {
  readonly #service: "actor" | "merger";
  readonly #child: ChildProcess;
  readonly #logPath: string;

  private constructor(service: "actor" | "merger", child: ChildProcess, logPath: string) {
    this.#service = service;
    this.#child = child;
    this.#logPath = logPath;
  }

  static async start(service: "actor" | "merger", options: BenchServiceOptions): Promise<BenchService> {
    const { workdir, scratch, slots, nodeFlags } = options;
    const logPath = join(workdir, `${service}.log`);
    const log = await open(logPath, "a");
    const names = ["--name", `bench-${service}`, "--workdir", workdir, "--scratch", scratch];
    const argv = [join(dist, `${service}.cjs`), ...names, "--slots", String(slots), "--grace", "0s"];
    try {
      const child = spawn(process.execPath, [...nodeFlags, ...argv], { stdio: ["ignore", log.fd, log.fd] });
      await once(child, "spawn");
      return new BenchService(service, child, logPath);
    } finally {
      await log.close();
    }
  }

  /** Resolves when it has joined the run. */
  async whenJoined(signal: AbortSignal): Promise<void> {
    while (!(await readFile(this.#logPath, "utf8")).includes('"joined the run"')) {
      if (this.#isGone())
        throw new Error(
          `expected the ${this.#service} to join, found that it ended: ${await this.logTail()}`,
        );
      await sleep(lookAgainMs, signal);
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Throws when it has ended. */
  expectAlive(): void {
    if (this.#isGone()) throw new Error(`expected the ${this.#service} to go on, found that it ended`);
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
