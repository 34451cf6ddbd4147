// noctua run: a whole run on one machine. Driver, actor and mergers are processes of their own, and it is only their
// keeper: whatever happens to it, or to one of them, the same command goes on where the run stands (P11).
//
//   R1. What was started is stopped, in order, however the run ends.
//   R2. The request id is the same for every run on a workdir, so a changed job file or input is refused, not run.

import { resolve } from "node:path";
import { rangeLayout } from "../../shared/core/event-range.js";
import type { JobSpec } from "../../shared/core/job-spec.js";
import { backoffMs } from "../../shared/core/rng.js";
import { sleep, systemClock, systemRng } from "../../shared/io/system-clock.js";
import { isOver, type JobStatus } from "../core/job-status.js";
import { runAnswer } from "../io/change-answer.js";
import { CliError, exitCodes, type ExitCode } from "../io/cli-error.js";
import { getJob, isConflict, mayPass, submitJob, type Submitted } from "../io/driver-client.js";
import { readJobFile } from "../io/job-file.js";
import { printJson, type OutputForm } from "../io/output-form.js";
import { reportPath } from "../io/report-file.js";
import { ServiceTeam, type ServiceCommand } from "../io/service-team.js";
import type { Terminal } from "../io/terminal.js";
import { exitCodeOf, followJob } from "./follow.js";
import { printReport, shown } from "./report.js";
import { makeFolder } from "../../shared/io/make-folder.js";

const requestId = "run"; // (R2)
/** A driver that was just started again answers within this. */
const submitMsMax = 60_000;
const submitAgain = { firstMs: 200, lastMs: 2_000 };

export interface RunOptions {
  readonly jobFile: string;
  /** `noctua-<job name>` in the current folder when undefined. */
  readonly workdir: string | undefined;
  /** Settings file; undefined where the services look for it themselves. */
  readonly config: string | undefined;
  /** Undefined where the actor's settings say. */
  readonly slots: number | undefined;
  readonly mergers: number;
  readonly output: OutputForm;
  /** How a service is started. */
  readonly serviceCommand: ServiceCommand;
  /** Of the services, and of commands that count events. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export async function run(options: RunOptions, terminal: Terminal, signal: AbortSignal): Promise<ExitCode> {
  const { output } = options;
  const spec = await readJobFile(options.jobFile, {
    environment: options.env,
    note: (text) => terminal.note(`noctua: ${text}`),
    signal,
  });
  const workdir = resolve(options.workdir ?? `noctua-${spec.name}`);
  await makeFolder(workdir);
  const team = new ServiceTeam({ ...options, workdir, onNote: (note) => terminal.note(`noctua: ${note}`) });
  let status: JobStatus;
  try {
    status = await work({ spec, workdir, team, terminal }, AbortSignal.any([signal, team.failed, team.left]));
  } catch (error) {
    team.failed.throwIfAborted(); // Why it was given up says more than what came of it.
    if (!signal.aborted && !team.left.aborted) throw error;
    if (team.left.aborted) terminal.note(`noctua: ${String(team.left.reason)}`);
    terminal.note("noctua: stopping; the job is not over, and the same command goes on with it");
    if (output !== "text") printJson(terminal, output, runAnswer(workdir, undefined));
    return exitCodes.notOver;
  } finally {
    const took = await team.stop(); // (R1)
    if (signal.aborted) terminal.note(`noctua: stopped; ${took}`);
  }
  const reportFile = reportPath(workdir, status.job);
  if (output !== "text") printJson(terminal, output, runAnswer(workdir, { status, reportFile }));
  else if (!(await printReport(workdir, status.job, terminal)))
    terminal.print(
      `job ${status.job} ${status.name}: ${status.state}; expected its report at ${reportFile}, found none`,
    );
  if (status.failures > 0)
    terminal.hint(`noctua logs ${status.job} --workdir ${shown(workdir)} shows what failed payloads wrote`);
  return exitCodeOf(status);
}

interface Work {
  readonly spec: JobSpec;
  readonly workdir: string;
  readonly team: ServiceTeam;
  readonly terminal: Terminal;
}

async function work({ spec, workdir, team, terminal }: Work, signal: AbortSignal): Promise<JobStatus> {
  await team.startDriver(signal);
  const { job, isRepeated } = await submit(workdir, spec, signal);
  const { ranges } = rangeLayout(spec);
  const inputs = spec.inputs.length === 1 ? "1 input" : `${spec.inputs.length} inputs`;
  const verb = isRepeated ? "goes on with" : "begins";
  terminal.note(
    `noctua: ${verb} job ${job}, ${spec.name}: ${ranges} ranges of ${inputs}, in ${shown(workdir)}`,
  );
  const status = await getJob(workdir, job, signal);
  if (isOver(status.state)) return status;
  team.startOthers();
  // The driver is kept running by us, and we are told when it is given up.
  const patienceMs = Number.POSITIVE_INFINITY;
  return await followJob({ workdir, job, patienceMs }, terminal, signal);
}

/** Asks until there is an answer: asking twice is asking once (P11). */
async function submit(workdir: string, spec: JobSpec, signal: AbortSignal): Promise<Submitted> {
  const startedAtMs = systemClock.nowMs();
  const rng = systemRng();
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await submitJob(workdir, requestId, spec, signal);
    } catch (error) {
      if (isConflict(error)) throw refused(workdir, error);
      if (!mayPass(error) || systemClock.nowMs() - startedAtMs > submitMsMax) throw error;
    }
    await sleep(backoffMs(attempt, submitAgain, rng), signal);
  }
}

/** A changed job or input is refused, with the difference; what to do about it is for us to say. */
function refused(workdir: string, error: CliError): CliError {
  const remedy = "put back what was changed, or name another folder with --workdir";
  return new CliError(
    error.exitCode,
    `${shown(workdir)} holds another job (${error.message}): ${remedy}`,
    error,
  );
}
