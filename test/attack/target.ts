// The driver under attack: the built bundle in a process of its own, and what the system says of its memory.

import { readFile } from "node:fs/promises";
import type { DriverAddress } from "../../services/shared/io/address-file.js";
import { every, type Cancel } from "../../services/shared/io/system-clock.js";
import { readTrust, type PeerTrust } from "../../services/shared/io/trust/testing-trust.js";
import { BenchDriver } from "../bench/bench-driver.js";

/** A driver that kept more than this of what it is sent would end; what it only forgets late does not count. */
export const heapMbMax = 768;

export class Target {
  readonly workdir: string;
  readonly address: DriverAddress;
  readonly trust: PeerTrust;
  readonly #driver: BenchDriver;
  readonly #watching: Cancel;
  /** In megabytes, since it was asked last. */
  #mostMb = 0;

  private constructor(driver: BenchDriver, trust: PeerTrust) {
    this.#driver = driver;
    this.workdir = driver.workdir;
    this.address = driver.address;
    this.trust = trust;
    this.#watching = every(100, () => void this.memoryMb().catch(() => undefined));
  }

  static async start(workdir: string, signal: AbortSignal): Promise<Target> {
    const nodeFlags = [`--max-old-space-size=${heapMbMax}`];
    const driver = await BenchDriver.start({ workdir, nodeFlags }, signal);
    return new Target(driver, await readTrust(workdir));
  }

  get isLiving(): boolean {
    return this.#driver.isLiving;
  }

  async memoryMb(): Promise<number> {
    const status = await readFile(`/proc/${this.address.pid}/status`, "utf8");
    const nowMb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
    this.#mostMb = Math.max(this.#mostMb, nowMb);
    return nowMb;
  }

  /** The most that it had since this was asked before. */
  async mostMb(): Promise<number> {
    const nowMb = await this.memoryMb();
    const mostMb = this.#mostMb;
    this.#mostMb = nowMb;
    return mostMb;
  }

  logTail(): Promise<string> {
    return this.#driver.logTail();
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.#watching();
    await this.#driver.end(signal);
  }
}
