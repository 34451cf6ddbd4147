// What the driver itself does with files, once the facts that it rests on are durable: publish merged files, remove what
// they were made of, write reports.
//
//   Z1. Each work may be repeated, and finds what a former try has done already (effect.ts, X1).
//   Z2. A work that fails is tried again until it succeeds or the driver stops: the job waits, and the log says for what.
//       Meanwhile others have its place.
//   Z3. At most `worksMax` run at a time; the others wait in their order. Removals have a place of their own: they keep
//       nothing waiting that is to be published, nor take up the threads that all of the driver's files share.
//   Z4. Where the program is wrong, not the world, the work's job goes out of service: it would be tried for ever.

import { dirname } from "node:path";
import { assert, isProgramError, present, unreachable } from "../../shared/core/assert.js";
import type { JobNumber } from "../../shared/core/id.js";
import { outputPath, temporaryMergedPath } from "../../shared/core/names.js";
import { backoffMs, type Rng } from "../../shared/core/rng.js";
import { eachRange, piecesOf, type Spans } from "../../shared/core/spans.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import type { Logger } from "../../shared/io/logger.js";
import type { Cancel } from "../../shared/io/system-clock.js";
import type { Command } from "../core/facts/command.js";
import type { FileEffect } from "../core/facts/effect.js";
import type { MergeGrant } from "../core/facts/fact.js";
import { jobViewOf } from "../core/state/farm.js";
import { JobFault } from "../core/state/fault.js";
import type { JobView } from "../core/state/job.js";
import type { MergeGroupView } from "../core/state/merge-group.js";
import { mergedPathOf } from "../core/state/merged-path.js";
import { EngineOverError } from "./engine.js";
import type { JobFiles } from "./job-files.js";
import { writeReport } from "./report-file.js";
import type { ReadFarm } from "./report-lists.js";
import type { ReportWriter } from "./report-writer.js";

export interface FileWorkParts {
  readonly files: JobFiles;
  /** The farm as it is committed, to be read at once and not kept. */
  readonly read: ReadFarm;
  readonly reports: Pick<ReportWriter, "writeLast">;
  /** Of a job that is out of service (broken-job.ts). */
  readonly keepBroken: (job: JobNumber) => Promise<void>;
  /** Told when a work is done. */
  readonly post: (command: Command) => void;
  readonly log: Logger;
  readonly rng: Rng;
  /** The system clock's, or a simulated one's. */
  readonly after: (ms: number, run: () => void) => Cancel;
}

const worksMax = 8;
/** Groups whose inputs are removed at a time, */
const removalWorksMax = 2;
/** orders for each, */
const removalsMax = 2;
/** and files in an order: a group may have a million. */
const removalFilesMax = 256;
const backoff = { firstMs: 500, lastMs: 30_000 };

/** A work, and how often it was tried in vain. */
interface Work {
  readonly effect: FileEffect;
  failures: number;
}

/** Works that wait for each other, and not for those of another queue (Z3). */
interface Queue {
  readonly worksMax: number;
  readonly waiting: Work[];
  readonly running: Set<Promise<void>>;
}

export class FileWork {
  readonly #parts: FileWorkParts;
  readonly #works: Queue = { worksMax, waiting: [], running: new Set() };
  readonly #removals: Queue = { worksMax: removalWorksMax, waiting: [], running: new Set() };
  /** Works that are tried again later: why, and what ends the wait. */
  readonly #failed = new Map<Work, { readonly why: string; readonly cancel: Cancel }>();
  #isStopped = false;

  constructor(parts: FileWorkParts) {
    this.#parts = parts;
  }

  /** What can't be done at present, in a sentence, or undefined when nothing is in the way. */
  get failing(): string | undefined {
    for (const { why } of this.#failed.values()) return why;
    return undefined;
  }

  start(effect: FileEffect): void {
    this.#enqueue({ effect, failures: 0 });
  }

  /** Lets no new work begin, and waits for what runs. What is left is done by the next driver. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const queues = [this.#works, this.#removals];
    for (const { waiting } of queues) waiting.length = 0;
    for (const { cancel } of this.#failed.values()) cancel();
    await Promise.all(queues.flatMap(({ running }) => [...running]));
  }

  #enqueue(work: Work): void {
    const queue = work.effect.kind === "remove-inputs" ? this.#removals : this.#works;
    queue.waiting.push(work);
    this.#startWaiting(queue);
  }

  #startWaiting(queue: Queue): void {
    while (queue.running.size < queue.worksMax && !this.#isStopped) {
      const work = queue.waiting.shift();
      if (work === undefined) return;
      const running = this.#tryOnce(work).finally(() => {
        queue.running.delete(running);
        this.#startWaiting(queue);
      });
      queue.running.add(running);
    }
  }

  async #tryOnce(work: Work): Promise<void> {
    const { effect, failures } = work;
    try {
      const word = await this.#perform(effect);
      if (word !== undefined) this.#parts.post(word);
      this.#failed.delete(work);
    } catch (error) {
      this.#failed.delete(work);
      if (error instanceof EngineOverError) return; // It is the next driver's.
      if (isProgramError(error) && this.#blame(effect, error)) return;
      const why = errorMessage(error);
      this.#parts.log.error("file work failed, will be tried again", { effect, failures, error: why });
      work.failures += 1;
      const cancel = this.#parts.after(backoffMs(failures, backoff, this.#parts.rng), () =>
        this.#enqueue(work),
      );
      if (this.#isStopped) cancel();
      this.#failed.set(work, { why: `${effect.kind} fails: ${why}`, cancel });
    }
  }

  /** The program is wrong: to try again is in vain (Z4). Not of what is done for a job that is out of service already. */
  #blame(effect: FileEffect, error: unknown): boolean {
    if (effect.kind === "keep-broken") return false;
    const job = "job" in effect ? effect.job : effect.merge.job;
    this.#parts.post({ kind: "tell-fault", blamed: new JobFault(job, `${effect.kind} was done`, error) });
    return true;
  }

  /** Does the work, and returns the word that it is done; nothing when it was stopped before. */
  async #perform(effect: FileEffect): Promise<Command | undefined> {
    switch (effect.kind) {
      case "publish-merge":
        await this.#publish(effect.merge);
        return { kind: "confirm-published", merge: { job: effect.merge.job, group: effect.merge.group } };
      case "remove-inputs":
        await this.#removeInputs(effect.merge);
        if (this.#isStopped) return undefined;
        return { kind: "confirm-inputs-removed", merge: effect.merge };
      case "report-job":
        await writeReport(this.#parts, effect.job);
        return { kind: "confirm-reported", job: effect.job };
      case "keep-broken":
        await this.#parts.keepBroken(effect.job);
        return undefined;
      default:
        return unreachable(effect);
    }
  }

  /** Gives a merged file its final name. (P3: it was accepted, and that is durable.) */
  async #publish({ job, group, grant }: MergeGrant): Promise<void> {
    const { final, file } = await this.#readGroup({ job, group }, (view, { stage }) => {
      assert("file" in stage, "the merge was accepted");
      return { final: mergedPathOf(view, group), file: stage.file };
    });
    const { files } = this.#parts;
    const temporary = temporaryMergedPath(job, group, grant);
    await files.rename(temporary, final).catch(async (error: unknown) => {
      if (errorCode(error) !== "ENOENT") throw error;
      const sizeBytes = await files.sizeOf(final); // (Z1)
      if (sizeBytes === file.sizeBytes) return;
      const found = sizeBytes === undefined ? "neither" : `${final} of ${sizeBytes} bytes`;
      throw new Error(`expected ${temporary}, or ${final} of ${file.sizeBytes} bytes, found ${found}`, {
        cause: error,
      });
    });
    await files.syncFolder(dirname(final));
  }

  async #removeInputs(merge: Omit<MergeGrant, "grant">): Promise<void> {
    const spans = await this.#readGroup(merge, (_, group) => group.spans);
    const pieces = piecesOf(spans, removalFilesMax);
    const removeNext = async (): Promise<void> => {
      for (const piece of pieces) {
        if (this.#isStopped) return;
        const paths = await this.#readGroup(merge, (job) => inputsOf(job, piece));
        await this.#parts.files.remove(paths); // (Z1)
      }
    };
    await Promise.all(Array.from({ length: removalsMax }, removeNext));
  }

  #readGroup<Answer>(
    { job, group }: Omit<MergeGrant, "grant">,
    question: (job: JobView, group: MergeGroupView) => Answer,
  ): Promise<Answer> {
    return this.#parts.read((farm) => {
      const view = jobViewOf(farm, job);
      return question(view, present(view.groups.get(group), "merge group"));
    });
  }
}

function inputsOf(job: JobView, spans: Spans): string[] {
  return Array.from(eachRange(spans), (range) => {
    const grant = present(job.table.winnerOf(range), "winner of a merged range");
    const output = { job: job.number, range, grant, events: job.layout.locate(range) };
    return outputPath(output, job.spec.outputSuffix);
  });
}
