// What it costs to write a job's report, by the driver's own writer, to files: time, bytes, and memory. What is reachable is
// told apart from garbage: now and then, between two parts of a list, everything that is not is collected first.

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { apply } from "../../services/driver/core/apply/apply.js";
import { emptyFarm, type Farm } from "../../services/driver/core/state/farm.js";
import { newJob } from "../../services/driver/core/state/job.js";
import { aSpec } from "../../services/driver/core/testing/testing-spec.js";
import { FailureEnds } from "../../services/driver/io/failure-ends.js";
import { jobFilesIn } from "../../services/driver/io/job-files.js";
import type { ReadFarm } from "../../services/driver/io/report-lists.js";
import { ReportWriter } from "../../services/driver/io/report-writer.js";
import { failureOf } from "../../services/shared/core/failure.js";
import { jobNumber } from "../../services/shared/core/id.js";
import { jobFolder } from "../../services/shared/core/names.js";
import { reportLists } from "../../services/shared/core/report.js";
import { systemClock } from "../../services/shared/io/system-clock.js";
import { withFolder } from "./bench-folder.js";
import { figure, tableText } from "./table.js";

/** A job, and which of its ranges failed. */
export interface ReportShape {
  readonly name: string;
  readonly ranges: number;
  readonly failed: number;
  /** From one that failed to the next: 1 makes one span of them. */
  readonly step: number;
}

export interface ReportFigures extends ReportShape {
  /** What was collected meanwhile is not in it. */
  readonly seconds: number;
  readonly bytes: number;
  /** Of what is reachable, before it is written; most of it is the job. */
  readonly heapBeforeBytes: number;
  /** The same, the most that was found while it was written. */
  readonly heapMostBytes: number;
  /** With what was garbage by then. */
  readonly heapMostWithGarbageBytes: number;
  /** How often was looked. */
  readonly looks: number;
}

/** The largest jobs, or `percent` of them. */
export function reportShapes(percent: number): readonly ReportShape[] {
  const some = (count: number): number => Math.max(1, Math.round((count * percent) / 100));
  return [
    { name: "all in one span", ranges: some(1e8), failed: 0, step: 1 },
    { name: "failed in one span", ranges: some(1e6), failed: some(1e6), step: 1 },
    { name: "every other failed", ranges: 2 * some(1e6), failed: some(1e6), step: 2 },
  ];
}

const job = jobNumber(1);
/** Among which failures are spread. */
const nodes = 10_000;
/** Bytes of stderr that come with each failure. */
const tailBytes = 1_000;
const lookEveryMs = 20;

export async function measureReport(
  shape: ReportShape,
  parent: string,
  signal: AbortSignal,
): Promise<ReportFigures> {
  const heap = new LiveHeap();
  const farm = farmOf(shape);
  const read: ReadFarm = async (question) => {
    await new Promise((resolve) => setImmediate(resolve)); // As in the driver, between two turns of its loop.
    heap.look();
    return question(farm);
  };
  return withFolder(parent, async (folder) => {
    const warn = (message: string): never => {
      throw new Error(message); // Then it would not be the whole report that is measured.
    };
    const failureEnds = new FailureEnds({ workdir: folder, log: { warn }, fileBytesMax: Infinity });
    await failInFarm(farm, failureEnds, shape);
    const files = jobFilesIn(folder);
    const writer = new ReportWriter({ files, read, clock: systemClock, failureEnds });
    heap.begin();
    const beganAtMs = systemClock.nowMs();
    await writer.update(job, signal);
    const seconds = (systemClock.nowMs() - beganAtMs - heap.tookMs) / 1_000;
    const names = ["report.json", ...reportLists.map((list) => `${list}.jsonl`)];
    const sizes = await Promise.all(names.map((name) => stat(join(folder, jobFolder(job), name))));
    const bytes = sizes.reduce((sum, { size }) => sum + size, 0);
    return { ...shape, seconds, bytes, ...heap.figures };
  });
}

function farmOf({ ranges }: ReportShape): Farm {
  const farm = emptyFarm();
  const submitted = { kind: "job-submitted", job, requestId: "bench", atUnixMs: 0 } as const;
  farm.jobs.set(job, newJob({ ...submitted, spec: aSpec({ inputs: [ranges] }) }));
  return farm;
}

/** As many at a time as may come in one commit. */
const failedAtOnce = 1_000;

async function failInFarm(farm: Farm, ends: FailureEnds, { failed, step }: ReportShape): Promise<void> {
  const failure = { ...failureOf("event", "ended with exit code 1"), stderrTail: "x".repeat(tailBytes) };
  for (let first = 0; first < failed; first += failedAtOnce) {
    const facts = Array.from({ length: Math.min(failedAtOnce, failed - first) }, (_, i) => {
      const node = `n${(first + i) % nodes}`;
      const range = (first + i) * step;
      return { kind: "range-given-up", job, range, grant: undefined, node, failure } as const;
    });
    for (const fact of facts) apply(farm, fact);
    ends.observe(facts, farm);
    await ends.written();
  }
}

/** What is reachable in this process, looked at now and then. */
class LiveHeap {
  readonly #collect = collector();
  #lookedAtMs = 0;
  #before = 0;
  #most = 0;
  #mostWithGarbage = 0;
  #looks = 0;
  /** So long it took to look. */
  tookMs = 0;

  begin(): void {
    this.#look();
    this.#before = this.#most;
    this.#mostWithGarbage = this.#most;
    this.#looks = 0;
    this.tookMs = 0;
  }

  look(): void {
    if (systemClock.nowMs() - this.#lookedAtMs >= lookEveryMs) this.#look();
  }

  get figures(): Omit<ReportFigures, keyof ReportShape | "seconds" | "bytes"> {
    return {
      heapBeforeBytes: this.#before,
      heapMostBytes: this.#most,
      heapMostWithGarbageBytes: this.#mostWithGarbage,
      looks: this.#looks,
    };
  }

  #look(): void {
    const beganAtMs = systemClock.nowMs();
    this.#mostWithGarbage = Math.max(this.#mostWithGarbage, heapBytes());
    this.#collect();
    this.#most = Math.max(this.#most, heapBytes());
    this.#looks += 1;
    this.#lookedAtMs = systemClock.nowMs();
    this.tookMs += this.#lookedAtMs - beganAtMs;
  }
}

/** With what typed arrays hold. */
function heapBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function collector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("expected a collector from --expose-gc, found none");
  return () => void Reflect.apply(collect, undefined, []);
}

export function reportText(figures: readonly ReportFigures[]): string {
  const row = (title: string, cell: (of: ReportFigures) => string): [string, ...string[]] => [
    title,
    ...figures.map(cell),
  ];
  const mb = (bytes: number): string => figure(bytes / 1e6, 1);
  const table = tableText([
    row("", ({ name }) => name),
    row("ranges", ({ ranges }) => figure(ranges)),
    row("of these, failed for good", ({ failed }) => figure(failed)),
    row("seconds", ({ seconds }) => figure(seconds, 2)),
    row("files, MB", ({ bytes }) => mb(bytes)),
    row("reachable before, MB", ({ heapBeforeBytes }) => mb(heapBeforeBytes)),
    row("at most meanwhile, MB", ({ heapMostBytes }) => mb(heapMostBytes)),
    row("  and with garbage, MB", ({ heapMostWithGarbageBytes }) => mb(heapMostWithGarbageBytes)),
    row("times looked", ({ looks }) => figure(looks)),
  ]);
  return `report: written and fsynced by the driver's writer, in a process that does nothing else\n\n${table}`;
}
