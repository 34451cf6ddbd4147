// A run in three phases: nothing fails; everything fails, at Poisson times; nothing fails any more. Then its files are
// counted, by `noctua verify` and by what stands in them.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isOver, type JobStatus } from "../../services/cli/core/job-status.js";
import { seededRng } from "../../services/shared/core/rng.js";
import { after, sleep, systemClock } from "../../services/shared/io/system-clock.js";
import { mergedLines } from "../support/listed-job.js";
import { noctua } from "../support/run-node.js";
import { Cluster } from "./cluster.js";
import { job, OpenWork } from "./open-work.js";
import { Storm, type StormTally } from "./storm.js";

export interface ChaosOptions {
  readonly folder: string;
  readonly seed: number;
  readonly calmMs: number;
  readonly stormMs: number;
  /** Longest time that may pass until the job is over after the storm. */
  readonly recoveryMsMax: number;
  /** Between two faults, on average. */
  readonly gapMs: number;
}

export interface ChaosOutcome {
  readonly storm: StormTally;
  readonly ranges: number;
  /** How often a range was begun in all. */
  readonly begun: number;
  /** Ranges done a second, before the storm and in it. */
  readonly calmRate: number;
  readonly stormRate: number;
  /** From the end of the storm to the end of the job. */
  readonly recoveryMs: number;
  /** Each is a defect. */
  readonly findings: readonly string[];
}

const doneOf = ({ ranges }: JobStatus): number => ranges.done + ranges.merged;

export async function chaos(options: ChaosOptions, signal: AbortSignal): Promise<ChaosOutcome> {
  const { folder, seed, calmMs, stormMs } = options;
  const rng = seededRng(seed);
  const workdir = join(folder, "work");
  const restartMs = (): number => 200 + 1_800 * rng.next();
  const shape = { actors: 3, slots: 2, mergers: 2 };
  const cluster = await Cluster.start({ workdir, scratch: join(folder, "scratch"), restartMs, ...shape });
  try {
    const work = await OpenWork.submit(workdir, join(folder, "job"), signal);
    const storm = new Storm(cluster, rng, options.gapMs);
    const enough = new AbortController();
    const feeding = work.feed(enough.signal, (status) => storm.hear(doneOf(status)));
    const phase = async (ms: number, act: (end: AbortSignal) => Promise<void>): Promise<number> => {
      const before = doneOf(await work.look());
      const end = new AbortController();
      const cancel = after(ms, () => end.abort(new Error("the phase is over")));
      await Promise.race([act(end.signal), feeding]);
      cancel();
      return (doneOf(await work.look()) - before) / (ms / 1_000);
    };
    const calmRate = await phase(calmMs, (end) => untilAborted(end));
    const stormRate = await phase(stormMs, (end) => storm.rage(end));
    enough.abort();
    await feeding;
    const recovery = await recover(work, storm, options.recoveryMsMax);
    const ranges = work.events.length / 2;
    const findings = [...recovery.findings, ...(await audit(workdir, work.events))];
    const begun = (await readFile(join(folder, "job", "begun"), "utf8")).split("\n").length - 1;
    return { storm, ranges, begun, calmRate, stormRate, recoveryMs: recovery.ms, findings };
  } finally {
    await cluster.close();
  }
}

/** Ends the work, and waits until its job is over. */
export async function recover(
  work: OpenWork,
  storm: Storm,
  msMax: number,
): Promise<{ readonly ms: number; readonly findings: readonly string[] }> {
  const beganMs = systemClock.nowMs();
  const sinceMs = (): number => systemClock.nowMs() - beganMs;
  await work.close();
  for (;;) {
    const status = await work.look();
    storm.hear(doneOf(status));
    if (isOver(status.state)) {
      const findings = status.state === "finished" ? [] : [`the job ended as ${status.state}`];
      return { ms: sinceMs(), findings };
    }
    if (sinceMs() > msMax)
      return {
        ms: sinceMs(),
        findings: [`the job was not over ${msMax / 1_000} s after the storm: ${JSON.stringify(status)}`],
      };
    await sleep(200, new AbortController().signal);
  }
}

/** What is wrong with the files. */
export async function audit(workdir: string, events: readonly string[]): Promise<string[]> {
  const { code, stdout, stderr } = await noctua("verify", "--workdir", workdir);
  const findings = code === 0 ? [] : [`verify found, with exit code ${code}: ${stdout}${stderr}`];
  const counts = new Map<string, number>();
  for (const line of await mergedLines(workdir, job)) counts.set(line, (counts.get(line) ?? 0) + 1);
  const missing = events.filter((event) => !counts.has(event));
  const twice = [...counts].filter(([, count]) => count > 1).map(([event]) => event);
  const expected = new Set(events);
  const strange = [...counts.keys()].filter((event) => !expected.has(event));
  for (const [what, found] of Object.entries({ missing, twice, strange })) {
    if (found.length > 0)
      findings.push(`${found.length} events are ${what}, such as ${found.slice(0, 3).join(", ")}`);
  }
  return findings;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
