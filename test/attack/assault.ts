// One attack after the other on the port of a real driver, while a good actor and a good client go on.
//
//   A1. Nothing of an attack is left when it is over, however it ends: neither its process nor the driver.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { sleep } from "../../services/shared/io/system-clock.js";
import type { Outcome } from "./attack.js";
import { heapMbMax, Target } from "./target.js";
import { Witnesses, type Waits } from "./witnesses.js";

export interface Order {
  readonly workdir: string;
  /** Of each attack. */
  readonly seconds: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** With what the limits of messages that are not whole and of answers that are not read come to, and the program itself. */
const memoryMbMax = heapMbMax + 512 + 256;
const quietMs = 3_000;
const restMs = 1_000;

export class Assault {
  readonly #order: Order;
  readonly #stop: AbortSignal;
  /** The job of the good actor, which must outlive the driver. */
  readonly #job: number;
  #target: Target;
  #witnesses: Witnesses;
  readonly findings: string[] = [];

  private constructor(order: Order, target: Target, witnesses: Witnesses, stop: AbortSignal) {
    this.#order = order;
    this.#target = target;
    this.#witnesses = witnesses;
    this.#job = witnesses.job;
    this.#stop = stop;
  }

  static async begin(order: Order, stop: AbortSignal): Promise<Assault> {
    const target = await Target.start(order.workdir, stop);
    const assault = new Assault(order, target, await Witnesses.join(target), stop);
    try {
      await assault.#tellQuiet();
      return assault;
    } catch (error) {
      await assault.end();
      throw error;
    }
  }

  async attackBy(name: string): Promise<void> {
    const { say } = this.#order;
    const before = await this.#target.memoryMb();
    const { did, findings: reported } = await this.#run(name);
    const found = [...reported];
    const waits = this.#witnesses.takeWaits();
    const most = await this.#target.mostMb().catch(() => Number.NaN);
    const servedMs = await this.#witnesses.untilServed(restMs);
    const after = await this.#target.memoryMb().catch(() => Number.NaN);
    const memory = [before, most, after].map((mb) => mb.toFixed(0)).join(" → ");
    say(`\n${name}: ${did}`);
    say(`  ${waitsText(waits)}   memory ${memory} MB   served again after ${servedMs.toFixed(0)} ms`);
    if (most > memoryMbMax) found.push(`expected at most ${memoryMbMax} MB, found ${most.toFixed(0)}`);
    if (!this.#target.isLiving) {
      found.push(`the driver ended: ${await this.#target.logTail()}`);
      await this.#startAnew();
    } else if (this.#witnesses.harm !== undefined) {
      found.push(this.#witnesses.harm);
      await this.#startAnew();
    }
    for (const finding of found.slice(0, 12)) say(`  DEFECT: ${finding}`);
    this.findings.push(...found.map((finding) => `${name}: ${finding}`));
  }

  /** Kills the driver: the next one must find its journal sound. */
  async restart(): Promise<void> {
    await this.#startAnew();
    const { job } = this.#witnesses; // What was acknowledged is there: the job is known by its request.
    if (job !== this.#job) this.findings.push(`the good job was ${this.#job}, and is ${job} now`);
    await this.#witnesses.untilServed(0);
    if (this.#witnesses.harm !== undefined) this.findings.push(`restarted: ${this.#witnesses.harm}`);
    this.#order.say("\nrestarted");
  }

  /** (A1) */
  async end(): Promise<void> {
    await this.#witnesses.leave();
    await this.#target.end("SIGKILL");
  }

  async #tellQuiet(): Promise<void> {
    this.#witnesses.takeWaits();
    await sleep(quietMs, this.#stop);
    const waits = waitsText(this.#witnesses.takeWaits());
    this.#order.say(`quiet: ${waits}   ${(await this.#target.mostMb()).toFixed(0)} MB`);
  }

  async #startAnew(): Promise<void> {
    await this.end();
    this.#target = await Target.start(this.#order.workdir, this.#stop);
    this.#witnesses = await Witnesses.join(this.#target);
  }

  async #run(name: string): Promise<Outcome> {
    const { workdir, seconds, seed } = this.#order;
    const file = join(import.meta.dirname, "attacker-process.ts");
    const args = [name, workdir, `${this.#target.address.port}`, `${seconds}`, `${seed}`];
    const child = spawn(process.execPath, ["--no-warnings", "--import", "tsx", file, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const kill = (): void => void child.kill("SIGKILL");
    this.#stop.addEventListener("abort", kill, { once: true });
    let told = "";
    child.stdout.on("data", (piece: Buffer) => (told += piece.toString()));
    await once(child, "close");
    this.#stop.removeEventListener("abort", kill);
    this.#stop.throwIfAborted();
    if (child.exitCode === 0) return JSON.parse(told) as Outcome;
    const how = child.signalCode ?? `code ${child.exitCode}`;
    return { did: told, findings: [`the attacker ended with ${how}`] };
  }
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

function latency(values: readonly number[]): string {
  const [half, most] = [quantile(values, 0.5), quantile(values, 0.99)].map((ms) => ms.toFixed(0).padStart(5));
  return `${String(values.length).padStart(5)}x p50 ${half} p99 ${most} ms`;
}

function waitsText({ grantMs, askMs }: Waits): string {
  return `grants ${latency(grantMs)}   GetJob ${latency(askMs)}`;
}
