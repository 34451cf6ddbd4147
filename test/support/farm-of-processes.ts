// A real farm for a test: driver, actors and mergers as processes of the built bundles, on loopback, in a private
// workdir. Everything that was started is stopped when the test is over, by the process that was started and not by name.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { JobServiceClient, type JobStatus } from "../../gen/noctua/v1/job.js";
import { readAddress } from "../../services/shared/io/address-file.js";
import { dialing } from "../../services/shared/io/trust/dialing.js";
import { sleep } from "../../services/shared/io/system-clock.js";

export type ServiceName = "driver" | "actor" | "merger";

const dist = join(import.meta.dirname, "..", "..", "dist");
export class ProcessFarm {
  readonly workdir: string;
  readonly #children = new Map<string, ChildProcess>();
  readonly #over = new AbortController();

  constructor(workdir: string) {
    this.workdir = workdir;
    onTestFinished(() => this.stop());
  }

  /** Starts a service under a name that no other living one of this farm has; a driver is ready then. */
  start(service: ServiceName, name: string, ...args: readonly string[]): Promise<void> {
    return this.startThrough([], service, name, ...args);
  }

  /** Starts a service through a command that becomes it, such as `nice`. */
  async startThrough(
    command: readonly string[],
    service: ServiceName,
    name: string,
    ...args: readonly string[]
  ): Promise<void> {
    await mkdir(join(this.workdir, "logs"), { recursive: true });
    const log = createWriteStream(join(this.workdir, "logs", `${name}.log`), { flags: "a" });
    await once(log, "open");
    const identity = service === "driver" ? [] : ["--name", name];
    const own = [process.execPath, join(dist, `${service}.cjs`), "--workdir", this.workdir];
    const [program = "", ...argv] = [...command, ...own, ...identity, ...args];
    const child = spawn(program, argv, { stdio: ["ignore", log, log] });
    await once(child, "spawn");
    this.#children.set(name, child);
    if (service === "driver") await this.#found(name, child);
  }

  /** Until the driver can be found by its address file. */
  async #found(name: string, child: ChildProcess): Promise<void> {
    while ((await readAddress(this.workdir))?.pid !== child.pid) {
      if (child.exitCode !== null)
        throw new Error(`expected a driver, found that it ended: ${await this.log(name)}`);
      await sleep(20, this.#over.signal);
    }
  }

  /** Stops a process where it stands, or lets it go on. */
  freeze(name: string, signal: "SIGSTOP" | "SIGCONT"): void {
    this.#find(name).kill(signal);
  }

  pidOf(name: string): number {
    const { pid } = this.#find(name);
    if (pid === undefined) throw new Error(`expected ${name} to have begun`);
    return pid;
  }

  /** Waits for a process to end by itself; its exit code. */
  async ended(name: string): Promise<number | null> {
    const child = this.#find(name);
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    return child.exitCode;
  }

  #find(name: string): ChildProcess {
    const child = this.#children.get(name);
    if (child === undefined) throw new Error(`expected a process called ${name}, found none`);
    return child;
  }

  /** Sends a signal, and waits for the end of the process where the signal ends it. */
  async kill(name: string, signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    const child = this.#find(name);
    this.#children.delete(name);
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
    return child.exitCode;
  }

  async stop(): Promise<void> {
    this.#over.abort(new Error("the test is over"));
    for (const name of [...this.#children.keys()]) await this.kill(name, "SIGKILL");
  }

  log(name: string): Promise<string> {
    return readFile(join(this.workdir, "logs", `${name}.log`), "utf8");
  }

  /** Follows a job through restarts of the driver until a state of it is as wanted, and returns that state. */
  async jobWhen(job: number, isWanted: (status: JobStatus) => boolean): Promise<JobStatus> {
    for (;;) {
      const wanted = await this.#watchOnce(job, isWanted).catch(() => undefined);
      if (wanted !== undefined) return wanted;
      await sleep(50, this.#over.signal); // Between two tries to reach a driver that may be starting just now.
    }
  }

  async #watchOnce(job: number, isWanted: (status: JobStatus) => boolean): Promise<JobStatus | undefined> {
    const address = await readAddress(this.workdir);
    if (address === undefined) return undefined;
    const { target, credentials, options } = await dialing(this.workdir, address, "client");
    const client = new JobServiceClient(target, credentials, options);
    try {
      const watch = client.watchJob({ job, afterSequence: 0 });
      for await (const response of watch as AsyncIterable<{ readonly status?: JobStatus }>) {
        if (response.status !== undefined && isWanted(response.status)) return response.status;
      }
      return undefined;
    } finally {
      client.close();
    }
  }
}

export function isOver(status: JobStatus): boolean {
  return status.endedUnixMs > 0;
}
