// A run that goes on and on while its processes are killed and stopped and cut off now and then: what it takes of the machine is
// looked at again and again, and is to stay as it is. Then its files are counted, as after chaos.
//
//   S1. What is asked of it stays the same: an open job is fed as fast as it is done.
//   S2. A process that was killed begins anew, with another number: its age is told beside its figures, and processor time is
//       counted only where a process was there at both looks.

import { join } from "node:path";
import type { JobStatus } from "../../services/cli/core/job-status.js";
import { seededRng } from "../../services/shared/core/rng.js";
import { after, sleep, systemClock } from "../../services/shared/io/system-clock.js";
import { audit, recover } from "../chaos/chaos.js";
import { Cluster, type Service } from "../chaos/cluster.js";
import { OpenWork } from "../chaos/open-work.js";
import { Storm, type StormTally } from "../chaos/storm.js";
import { gaugeOf, journalGauge, type JournalGauge, type ProcessGauge } from "./gauges.js";

export interface SoakOptions {
  readonly folder: string;
  readonly seed: number;
  readonly ms: number;
  /** Between two looks. */
  readonly lookMs: number;
  /** Between two faults, on average; 0: there are none. */
  readonly gapMs: number;
}

export const services = ["driver", "actor", "merger"] as const satisfies readonly Service[];

/** One service at one look: each figure is that of its largest process. */
export interface ServiceLook {
  readonly ageSeconds: number;
  readonly residentBytes: number;
  readonly ownBytes: number;
  readonly descriptors: number;
  /** Of all its processes, for each range that was done meanwhile; undefined where none was there at both looks (S2). */
  readonly cpuMsPerRange: number | undefined;
}

export interface Look {
  readonly hours: number;
  readonly of: Readonly<Record<Service, ServiceLook | undefined>>;
  readonly journal: JournalGauge;
  readonly ranges: number;
  readonly rangesPerSecond: number;
  readonly mergedPerSecond: number;
}

export interface SoakOutcome {
  readonly looks: readonly Look[];
  readonly storm: StormTally;
  readonly ranges: number;
  /** Each is a defect. */
  readonly findings: readonly string[];
}

/** So that the journal is cut again and again within minutes. */
const snapshotAfter = "50kB";

export async function soak(
  options: SoakOptions,
  onLook: (look: Look) => void,
  signal: AbortSignal,
): Promise<SoakOutcome> {
  const { folder, seed, ms, gapMs } = options;
  const rng = seededRng(seed);
  const workdir = join(folder, "work");
  const cluster = await Cluster.start({
    ...{ workdir, scratch: join(folder, "scratch"), actors: 3, slots: 2, mergers: 2 },
    restartMs: () => 200 + 1_800 * rng.next(),
    driverArgs: ["--snapshot-after", snapshotAfter],
  });
  try {
    const work = await OpenWork.submit(workdir, join(folder, "job"), signal);
    const storm = new Storm(cluster, rng, gapMs);
    const enough = new AbortController();
    const cancel = after(ms, () => enough.abort());
    const looker = new Looker(cluster, workdir);
    const feeding = work.feed(enough.signal, (status) => {
      storm.hear(settledIn(status));
      looker.hear(status);
    });
    const looks: Look[] = [];
    const looking = looker.lookEvery(options.lookMs, enough.signal, (look) => {
      looks.push(look);
      onLook(look);
    });
    await Promise.all([feeding, looking, gapMs === 0 ? undefined : storm.rage(enough.signal)]);
    cancel();
    const recovery = await recover(work, storm, 300_000);
    const findings = [...recovery.findings, ...(await audit(workdir, work.events))];
    return { looks, storm, ranges: work.events.length / 2, findings };
  } finally {
    await cluster.close();
  }
}

function settledIn({ ranges }: JobStatus): number {
  return ranges.done + ranges.merged;
}

class Looker {
  readonly #cluster: Cluster;
  readonly #workdir: string;
  readonly #beganMs = systemClock.nowMs();
  readonly #beganAtMs = new Map<number, number>();
  #done = 0;
  #merged = 0;
  #before: { readonly atMs: number; readonly done: number; readonly merged: number } | undefined;
  #cpuBefore = new Map<number, number>();

  constructor(cluster: Cluster, workdir: string) {
    this.#cluster = cluster;
    this.#workdir = workdir;
  }

  hear(status: JobStatus): void {
    this.#done = settledIn(status);
    this.#merged = status.ranges.merged;
  }

  async lookEvery(lookMs: number, until: AbortSignal, tell: (look: Look) => void): Promise<void> {
    for (;;) {
      await sleep(lookMs, until).catch(() => undefined);
      if (until.aborted) return;
      tell(await this.#look());
    }
  }

  async #look(): Promise<Look> {
    const nowMs = systemClock.nowMs();
    const before = this.#before ?? { atMs: this.#beganMs, done: 0, merged: 0 };
    this.#before = { atMs: nowMs, done: this.#done, merged: this.#merged };
    const seconds = (nowMs - before.atMs) / 1_000;
    const ranges = this.#done - before.done;
    const gauges = (
      await Promise.all(this.#cluster.processes().map(({ name, pid }) => gaugeOf(name, pid)))
    ).filter((gauge) => gauge !== undefined);
    const of = (service: Service): ServiceLook | undefined =>
      this.#lookAt(
        gauges.filter(({ name }) => name.startsWith(service)),
        ranges,
        nowMs,
      );
    const look: Look = {
      hours: (nowMs - this.#beganMs) / 3_600_000,
      of: { driver: of("driver"), actor: of("actor"), merger: of("merger") },
      journal: await journalGauge(this.#workdir),
      ranges: this.#done,
      rangesPerSecond: ranges / seconds,
      mergedPerSecond: (this.#merged - before.merged) / seconds,
    };
    this.#cpuBefore = new Map(gauges.map(({ pid, cpuSeconds }) => [pid, cpuSeconds]));
    return look;
  }

  #lookAt(gauges: readonly ProcessGauge[], ranges: number, nowMs: number): ServiceLook | undefined {
    for (const { pid } of gauges) if (!this.#beganAtMs.has(pid)) this.#beganAtMs.set(pid, nowMs);
    const largest = (of: (gauge: ProcessGauge) => number): number => Math.max(...gauges.map(of));
    if (gauges.length === 0) return undefined;
    const cpuSeconds = gauges.map(
      ({ pid, cpuSeconds: now }) => now - (this.#cpuBefore.get(pid) ?? Number.NaN),
    );
    const cpu = cpuSeconds.reduce((sum, some) => sum + some, 0);
    return {
      ageSeconds: largest(({ pid }) => (nowMs - (this.#beganAtMs.get(pid) ?? nowMs)) / 1_000),
      residentBytes: largest(({ residentBytes }) => residentBytes),
      ownBytes: largest(({ ownBytes }) => ownBytes),
      descriptors: largest(({ descriptors }) => descriptors),
      cpuMsPerRange: Number.isFinite(cpu) && ranges > 0 ? (1_000 * cpu) / ranges : undefined,
    };
  }
}
