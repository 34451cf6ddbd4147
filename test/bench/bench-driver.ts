// The driver that is measured: the built bundle in a process of its own, with its journal, its port and its credentials. It is
// seen as an operator sees it, by /metrics and by what the system says of the process.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { readAddress, type DriverAddress } from "../../services/shared/io/address-file.js";
import { readCredential, type Credential } from "../../services/shared/io/trust/credential.js";
import { askHttps } from "../../services/shared/io/trust/testing-trust.js";
import { sleep, systemClock } from "../../services/shared/io/system-clock.js";
import { Metrics } from "./metrics-text.js";
import { peakBytes } from "./processor-time.js";

export interface BenchDriverOptions {
  readonly workdir: string;
  /** The bundle; by default the one that was built last. */
  readonly program?: string | undefined;
  /** For Node, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[];
  /** For the driver itself, such as `--snapshot-after`. */
  readonly driverArguments?: readonly string[];
}

/** What the driver says of itself at one moment. All counts are from its start. */
export interface DriverSample {
  readonly atMs: number;
  /** Of all its threads, in user and system mode. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  /** Of the main thread: objects, and typed arrays among others, as they were counted last. */
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
  readonly rangesReady: number;
  readonly rangesHeld: number;
  /** Done, merged or not; whether it is durable already or about to be. */
  readonly rangesDone: number;
  readonly rangesMerged: number;
  /** Ranges whose output is durable. */
  readonly rangesJournaled: number;
  readonly journalBytes: number;
  readonly commits: number;
  readonly commitSeconds: number;
  readonly facts: number;
  /** Of the snapshot that it made last; 0 while it has made none. */
  readonly snapshotSeconds: number;
  readonly snapshotBytes: number;
  /** Of the event loop, since the last sample. It holds the timer's own 10 ms. */
  readonly loopLagSeconds: { readonly p50: number; readonly p99: number };
}

const dist = join(import.meta.dirname, "..", "..", "dist");

export class BenchDriver {
  readonly address: DriverAddress;
  /** From the start of the process to its address file. */
  readonly startedMs: number;
  readonly workdir: string;
  readonly #child: ChildProcess;
  readonly #credential: Credential;

  private constructor(child: ChildProcess, workdir: string, found: Found) {
    this.#child = child;
    this.workdir = workdir;
    this.address = found.address;
    this.startedMs = found.startedMs;
    this.#credential = found.credential;
  }

  /** Resolves when the driver can be found. */
  static async start(options: BenchDriverOptions, signal: AbortSignal): Promise<BenchDriver> {
    const { workdir, program = join(dist, "driver.cjs"), nodeFlags = [], driverArguments = [] } = options;
    const log = await open(join(workdir, "driver.log"), "a");
    const beganAtMs = systemClock.nowMs();
    const argv = [...nodeFlags, program, "--workdir", workdir, ...driverArguments];
    const child = spawn(process.execPath, argv, { stdio: ["ignore", log.fd, log.fd] });
    try {
      await once(child, "spawn");
      const address = await addressOf(child, workdir, signal);
      const startedMs = systemClock.nowMs() - beganAtMs;
      const credential = await readCredential(workdir, "reader");
      return new BenchDriver(child, workdir, { address, startedMs, credential });
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    } finally {
      await log.close();
    }
  }

  async sample(): Promise<DriverSample> {
    const { status, text } = await askHttps({ port: this.address.httpPort }, "/metrics", this.#credential);
    if (status !== 200) throw new Error(`expected the driver's metrics, found status ${status}: ${text}`);
    return sampleOf(new Metrics(text), systemClock.nowMs());
  }

  /** The most memory that it ever had, where the system tells. */
  peakRssBytes(): Promise<number | undefined> {
    return peakBytes(this.address.pid);
  }

  /** Bytes of all segments. */
  async journalFileBytes(): Promise<number> {
    const folder = join(this.workdir, "driver", "journal");
    const files = await Promise.all((await readdir(folder)).map((name) => stat(join(folder, name))));
    return files.reduce((total, { size }) => total + size, 0);
  }

  /** The last that it said, for errors. */
  logTail(): Promise<string> {
    return logTailOf(this.workdir);
  }

  get isLiving(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when the process is gone. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (!this.isLiving) return;
    const exit = once(this.#child, "exit");
    this.#child.kill(signal);
    await exit;
  }
}

interface Found {
  readonly address: DriverAddress;
  readonly startedMs: number;
  readonly credential: Credential;
}

/** How closely the start of a driver is looked at. */
const lookAgainMs = 4;

async function addressOf(child: ChildProcess, workdir: string, signal: AbortSignal): Promise<DriverAddress> {
  for (;;) {
    const address = await readAddress(workdir);
    if (address?.pid === child.pid && address !== undefined) return address;
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`expected a driver, found that it ended: ${await logTailOf(workdir)}`);
    }
    await sleep(lookAgainMs, signal);
  }
}

async function logTailOf(workdir: string): Promise<string> {
  return (await readFile(join(workdir, "driver.log"), "utf8")).slice(-2_000);
}

function sampleOf(metrics: Metrics, atMs: number): DriverSample {
  const ranges = (state: string): number => metrics.sum("noctua_ranges", `state="${state}"`);
  return {
    atMs,
    cpuSeconds: metrics.value("process_cpu_seconds_total"),
    rssBytes: metrics.value("process_resident_memory_bytes"),
    heapUsedBytes: metrics.value("nodejs_heap_size_used_bytes"),
    externalBytes: metrics.value("nodejs_external_memory_bytes"),
    rangesReady: ranges("ready"),
    rangesHeld: ranges("held"),
    rangesDone: ranges("done") + ranges("merged"),
    rangesMerged: ranges("merged"),
    rangesJournaled: metrics.value("noctua_ranges_done_total"),
    journalBytes: metrics.value("noctua_journal_bytes_total"),
    snapshotSeconds: metrics.value("noctua_snapshot_seconds"),
    snapshotBytes: metrics.value("noctua_snapshot_bytes"),
    commits: metrics.value("noctua_journal_commits_total"),
    commitSeconds: metrics.value("noctua_journal_commit_seconds_sum"),
    facts: metrics.sum("noctua_facts_total"),
    loopLagSeconds: {
      p50: metrics.value("nodejs_eventloop_lag_p50_seconds"),
      p99: metrics.value("nodejs_eventloop_lag_p99_seconds"),
    },
  };
}
