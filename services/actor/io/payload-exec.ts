// The `exec` payload: one process a range, in a group of its own. X1 and X2 stand in payload-environment.ts.
//
//   X3. However it ends, the whole group is gone, and the end says which class of failure it is (process-failure.ts).

import { present } from "../../shared/core/assert.js";
import { fillPlaceholders, type Filling } from "../../shared/core/placeholders.js";
import { failureOfProcess } from "../../shared/core/process-failure.js";
import { StartFailure } from "../../shared/io/process-group.js";
import { environmentOf, ofJobScratch, type PayloadOptions } from "./payload-environment.js";
import { AwaitedRuns } from "./awaited-runs.js";
import { pinned, runnerOf } from "./pinning.js";
import type { Payload, PayloadEnd, PayloadRun } from "./payload.js";
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
  const { payload, jobDir, retry } = run.spec;
  const { input, events, output } = run;
  const folder = present(run.folder, "folder of the program");
  const { job, range, grant } = run.held;
  const filling: Filling<"payload"> = {
    input: run.prepared.inputCopy ?? input.path,
    first: String(events.first),
    last: String(events.last),
    output: output ?? "", // No command names it in a job without outputs.
    jobDir,
  };
  const group = {
    cwd: folder,
    env: environmentOf(options, run.spec, {
      folder,
      own: {
        JOB: job,
        RANGE: range,
        GRANT: grant,
        SLOT: run.slot + 1,
        ...ofJobScratch(run.prepared.jobScratch),
      },
    }),
    timeoutMs: payload.timeoutMs,
    graceMs: options.graceMs,
    onOutput: (piece: Buffer) => log.write(piece),
    onStart: () => {
      run.onHandOver();
      run.onBegin();
    },
  };
  try {
    const filled = fillPlaceholders(payload.command, filling);
    const command = pinned(filled, payload.needs, options, { firstSlot: run.slot, places: 1 });
    const end = await runnerOf(options.runProgram, payload.needs)(command, group, signal);
    const failure = failureOfProcess("payload", end, payload.timeoutMs, retry.rules);
    return failure === undefined ? { kind: "made", wallMs: end.wallMs } : { kind: "failure", failure };
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    return { kind: "failure", failure: error.failure };
  }
}
