// What a job has on its node before its first range: a folder, what its setup command makes there, copies of its inputs.
//
//   P1. A job that asks for none of it costs nothing.
//   P2. A range begins when its job is set up and its input is there; whoever waits for that can be stopped.
//   P3. The folder goes when the job is over here. It has another when it goes on all the same.

import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { JobNumber } from "../../shared/core/id.js";
import type { JobSpec } from "../../shared/core/job-spec.js";
import { fillPlaceholders } from "../../shared/core/placeholders.js";
import type { PayloadNeeds, SetupCommand } from "../../shared/core/payload-needs.js";
import { UnderWay } from "../../shared/io/under-way.js";
import type { Logger } from "../../shared/io/logger.js";
import { NodeSetup } from "./node-setup.js";
import { environmentOf, ofJobScratch, type PayloadOptions } from "./payload-environment.js";
import type { LastingPayload, PayloadEnd, PayloadRun } from "./payload.js";
import { AwaitedRuns } from "./awaited-runs.js";
import { freeBytesOf } from "./room-to-begin.js";
import type { Scratch } from "./scratch.js";
import { StagedInputs } from "./staged-inputs.js";

export interface JobPlacesOptions extends PayloadOptions {
  /** So many bytes of the scratch are not for copies. */
  readonly scratchBytesMin: number;
  readonly scratch: Pick<Scratch, "runFolder">;
  readonly log: Logger;
}

interface JobPlace {
  readonly folder: string;
  readonly setup: NodeSetup | undefined;
  readonly inputs: StagedInputs | undefined;
}

/** Removing what is left is waited for so long. */
const closeMsMax = 10_000;

/** Payloads whose ranges begin on a node that is ready for them (P2). */
export class JobPlaces implements LastingPayload {
  readonly #inner: LastingPayload;
  readonly #options: JobPlacesOptions;
  readonly #places = new Map<JobNumber, Promise<JobPlace>>();
  readonly #underWay = new UnderWay();
  readonly #preparing = new AwaitedRuns((run, signal) => this.#prepare(run, signal));
  #made = 0;

  constructor(inner: LastingPayload, options: JobPlacesOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  start(run: PayloadRun): void {
    if (hasPlace(run.spec.payload.needs)) this.#preparing.start(run);
    else this.#inner.start(run); // (P1)
  }

  abort(run: PayloadRun): void {
    this.#preparing.abort(run);
    this.#inner.abort(run);
  }

  recall(run: PayloadRun): void {
    this.#inner.recall(run);
  }

  endJob(job: JobNumber): void {
    this.#inner.endJob(job);
    this.#end(job);
  }

  async close(): Promise<void> {
    for (const job of [...this.#places.keys()]) this.#end(job);
    await Promise.all([this.#inner.close(), this.#underWay.settle(closeMsMax)]);
  }

  /** Resolves with how the run ended before it could begin, if it did. */
  async #prepare(run: PayloadRun, signal: AbortSignal): Promise<PayloadEnd | undefined> {
    const { folder, setup, inputs } = await this.#placeFor(run);
    const flaw = setup === undefined ? undefined : await unlessStopped(setup.ready(), signal);
    if (flaw !== undefined) return { kind: "failure", failure: flaw };
    run.prepared = { jobScratch: folder };
    if (inputs !== undefined) {
      const taking = inputs.take(run.input);
      const giveBack = (): void =>
        void taking.then((taken) => (taken.kind === "staged" ? taken.giveBack() : undefined));
      run.prepared = { jobScratch: folder, giveBack };
      const staged = await unlessStopped(taking, signal);
      if (staged.kind === "failure") return staged;
      run.prepared = { jobScratch: folder, giveBack, inputCopy: staged.path };
    }
    signal.throwIfAborted();
    this.#inner.start(run);
    return undefined;
  }

  #placeFor(run: PayloadRun): Promise<JobPlace> {
    const { job } = run.held;
    const known = this.#places.get(job);
    if (known !== undefined) return known;
    const made = this.#make(run);
    this.#places.set(job, made);
    made.catch(() => this.#places.delete(job));
    return made;
  }

  async #make({ held: { job }, spec }: PayloadRun): Promise<JobPlace> {
    const { needs } = spec.payload;
    const folder = await this.#options.scratch.runFolder(`job${job}.${(this.#made += 1)}`); // (P3)
    const { scratchBytesMin } = this.#options;
    const inputs = join(folder, "inputs");
    if (needs.stageIn) await mkdir(inputs, { mode: 0o700 });
    return {
      folder,
      setup: needs.setup === undefined ? undefined : this.#setupOf(needs.setup, { job, spec, folder }),
      inputs: needs.stageIn
        ? new StagedInputs(inputs, async (at) => (await freeBytesOf(at)) - scratchBytesMin)
        : undefined,
    };
  }

  #setupOf(
    { command, timeoutMs }: SetupCommand,
    { job, spec, folder }: { readonly job: JobNumber; readonly spec: JobSpec; readonly folder: string },
  ): NodeSetup {
    const { runProgram, graceMs, logs, log } = this.#options;
    return new NodeSetup({
      timeoutMs,
      onFailure: ({ message }) => log.warn("a job's setup command failed", { job, message }),
      run: async (signal) => {
        const output = logs.open(job, "setup");
        const group = {
          cwd: folder,
          env: environmentOf(this.#options, spec, { folder, own: { JOB: job, ...ofJobScratch(folder) } }),
          timeoutMs,
          graceMs,
          onOutput: (piece: Buffer) => output.write(piece),
        };
        try {
          return await runProgram(fillPlaceholders(command, { jobDir: spec.jobDir }), group, signal);
        } finally {
          void output.close();
        }
      },
    });
  }

  /** (P3) */
  #end(job: JobNumber): void {
    const place = this.#places.get(job);
    if (place === undefined) return;
    this.#places.delete(job);
    this.#underWay.follow(place.then(removed, () => undefined));
  }
}

function hasPlace({ setup, stageIn }: PayloadNeeds): boolean {
  return setup !== undefined || stageIn;
}

/** What stays is swept with the scratch folder. */
async function removed({ folder, setup, inputs }: JobPlace): Promise<void> {
  inputs?.close();
  await setup?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

/** What the work comes to, which goes on when this rejects with the signal's reason. */
async function unlessStopped<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(errorOf(signal.reason));
  });
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function errorOf(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
