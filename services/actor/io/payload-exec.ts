// The `exec` payload: one process a range, in a group of its own.
//
//   X1. It sees the environment that was passed on purpose, and nothing else: no secret, no leftover of the actor's.
//   X2. It runs in a folder of its own, which is its TMPDIR too.
//   X3. However it ends, the whole group is gone, and the end says which class of failure it is (process-failure.ts).

import { fillPlaceholders, type Filling } from "../../shared/core/placeholders.js";
import { failureOfProcess } from "../../shared/core/process-failure.js";
import { runInProcessGroup, StartFailure } from "../../shared/io/process-group.js";
import type { Payload, PayloadEnd, PayloadRun } from "./payload.js";
import type { RunLog, SlotLogs } from "./slot-log.js";

export interface ExecOptions {
  /** What is passed on to every payload, such as PATH (X1). */
  readonly environment: Readonly<Record<string, string>>;
  /** From TERM to KILL. */
  readonly graceMs: number;
  readonly logs: SlotLogs;
  /** Told the process group of each slot's run, before anything else is done with it. */
  readonly onGroup: (slot: number, pid: number) => void;
}

export function execPayload(options: ExecOptions): Payload {
  return {
    run: async (run, signal) => {
      const { job, grant, range } = run.held;
      const log = options.logs.begin(job, run.slot, `job ${job}, range ${range}, grant ${grant}`);
      try {
        return await runCommand(options, run, log, signal);
      } finally {
        // Not waited for: the slot is needed.
        void log.end();
      }
    },
  };
}

async function runCommand(
  options: ExecOptions,
  run: PayloadRun,
  log: RunLog,
  signal: AbortSignal,
): Promise<PayloadEnd> {
  const { payload, jobDir, retry } = run.spec;
  const { input, events, folder, output } = run;
  const filling: Filling<"payload"> = {
    input: input.path,
    first: String(events.first),
    last: String(events.last),
    output,
    jobDir,
  };
  const group = {
    cwd: folder,
    env: environmentOf(options, run),
    timeoutMs: payload.timeoutMs,
    graceMs: options.graceMs,
    onOutput: (piece: Buffer) => log.write(piece),
    onStart: (pid: number) => {
      options.onGroup(run.slot, pid);
      run.onBegin();
    },
  };
  try {
    const end = await runInProcessGroup(fillPlaceholders(payload.command, filling), group, signal);
    const failure = failureOfProcess("payload", end, payload.timeoutMs, retry.rules);
    return failure === undefined ? { kind: "made", wallMs: end.wallMs } : { kind: "failure", failure };
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    return { kind: "failure", failure: error.failure };
  }
}

function environmentOf(options: ExecOptions, { slot, held, folder }: PayloadRun): Record<string, string> {
  return {
    ...options.environment,
    TMPDIR: folder, // (X2)
    NOCTUA_JOB: String(held.job),
    NOCTUA_RANGE: String(held.range),
    NOCTUA_GRANT: String(held.grant),
    NOCTUA_SLOT: String(slot + 1),
  };
}
