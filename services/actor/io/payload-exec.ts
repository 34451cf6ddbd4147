// The `exec` payload: one process a range, in a group of its own. X1 and X2 stand in payload-environment.ts.
//
//   X3. However it ends, the whole group is gone, and the end says which class of failure it is (process-failure.ts).

import { present } from "../../shared/core/assert.js";
import { fillPlaceholders, type Filling } from "../../shared/core/placeholders.js";
import { failureOfProcess } from "../../shared/core/process-failure.js";
import type { Failure } from "../../shared/core/failure.js";
import { StartFailure, type ProcessGroupOptions } from "../../shared/io/process-group.js";
import { environmentOf, ofJobScratch, type PayloadOptions } from "./payload-environment.js";
import { AwaitedRuns } from "./awaited-runs.js";
import { pinned, runnerOf } from "./pinning.js";
import type { Payload, PayloadEnd, PayloadRun } from "./payload.js";
import { ScratchQuota, type ScratchUse } from "./scratch-quota.js";
import type { ProgramLog } from "./slot-log.js";

export function execPayload(options: PayloadOptions): Payload {
  return new AwaitedRuns(async (run, signal) => {
    const log = options.logs.open(run.held.job, run.slot);
    let end: PayloadEnd = { kind: "aborted" };
    log.begin(run);
    try {
      return (end = await runCommand(options, run, log, signal));
    } finally {
      log.end(run, end);
      // Not waited for: the slot is needed.
      void log.close();
    }
  });
}

async function runCommand(
  options: PayloadOptions,
  run: PayloadRun,
  log: ProgramLog,
  signal: AbortSignal,
): Promise<PayloadEnd> {
  const { payload, retry } = run.spec;
  const quota = new RangeQuota(run);
  try {
    const command = pinned(commandOf(run), payload.needs, options, { firstSlot: run.slot, places: 1 });
    const group = { ...groupOf(options, run, log), stop: quota.stop };
    const end = await runnerOf(options.runProgram, payload.needs)(command, group, signal);
    const failure = (await quota.flaw()) ?? failureOfProcess("payload", end, payload.timeoutMs, retry.rules);
    if (failure === undefined) return { kind: "made", wallMs: end.wallMs };
    return { kind: "failure", failure: { ...failure, stderrTail: end.stderrTail } };
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    return { kind: "failure", failure: error.failure };
  } finally {
    quota.close();
  }
}

function commandOf(run: PayloadRun): readonly string[] {
  const { payload, jobDir } = run.spec;
  const { input, events, output } = run;
  const filling: Filling<"payload"> = {
    input: run.prepared.inputCopy ?? input.path,
    first: String(events.first),
    last: String(events.last),
    output: output ?? "", // No command names it in a job without outputs.
    jobDir,
  };
  return fillPlaceholders(payload.command, filling);
}

function groupOf(options: PayloadOptions, run: PayloadRun, log: ProgramLog): ProcessGroupOptions {
  const folder = folderOf(run);
  const { job, range, grant } = run.held;
  const { jobScratch } = run.prepared;
  return {
    cwd: folder,
    env: environmentOf(options, run.spec, {
      folder,
      own: { JOB: job, RANGE: range, GRANT: grant, SLOT: run.slot + 1, ...ofJobScratch(jobScratch) },
    }),
    timeoutMs: run.spec.payload.timeoutMs,
    graceMs: options.graceMs,
    onOutput: (piece: Buffer) => log.write(piece),
    onStart: () => {
      run.onHandOver();
      run.onBegin();
    },
  };
}

function folderOf({ folder }: PayloadRun): string {
  return present(folder, "folder of the program");
}

/** Ends a program that takes more than its range may. */
class RangeQuota {
  readonly #stop = new AbortController();
  readonly #quota: ScratchQuota | undefined;
  readonly #use: ScratchUse;
  #flaw: Failure | undefined;

  constructor(run: PayloadRun) {
    const { scratchBytesMax: bytesMax } = run.spec.payload.needs;
    const use = (this.#use = { paths: [folderOf(run)], ranges: 1 });
    if (bytesMax === undefined) return;
    const onFlaw = (flaw: Failure): void => {
      this.#flaw = flaw;
      this.#stop.abort();
    };
    this.#quota = new ScratchQuota({ bytesMax, use: () => use, onFlaw });
  }

  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** What was found while it ran, or is found now. */
  async flaw(): Promise<Failure | undefined> {
    return this.#flaw ?? (await this.#quota?.flawOf(this.#use));
  }

  close(): void {
    this.#quota?.close();
  }
}
