// noctua verify: does what lies on the disk bear out what the report says? Asks no driver.

import type { JobNumber } from "../../shared/core/id.js";
import { errorMessage } from "../../shared/io/error-code.js";
import { auditJob } from "../core/audit.js";
import { isOver } from "../core/job-status.js";
import type { Selector } from "../core/selector.js";
import { problemsIn, verdictText, type Verdict } from "../core/verdict-text.js";
import { findFiles } from "../io/audit-files.js";
import { exitCodes, type ExitCode } from "../io/cli-error.js";
import { printJson, type OutputForm } from "../io/output-form.js";
import { readReport } from "../io/report-file.js";
import { selectedFolders } from "../io/select-jobs.js";
import type { Terminal } from "../io/terminal.js";
import { verdictLine, verdictsAnswer } from "../io/verify-answer.js";

export interface VerifyOptions {
  readonly workdir: string;
  readonly jobs: Selector;
  readonly output: OutputForm;
}

export async function verify(
  options: VerifyOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { workdir, output } = options;
  const verdicts: Verdict[] = [];
  for (const job of await selectedFolders(workdir, options.jobs)) {
    const verdict = await verifyJob(workdir, job, signal);
    verdicts.push(verdict);
    if (output === "text") terminal.print(verdictText(verdict));
    else if (output === "jsonl") printJson(terminal, output, verdictLine(verdict));
  }
  if (output === "json") printJson(terminal, output, verdictsAnswer(verdicts));
  if (verdicts.some((verdict) => problemsIn(verdict) > 0)) return exitCodes.bad;
  return verdicts.some(({ kind }) => kind === "not-over") ? exitCodes.notOver : exitCodes.ok;
}

const outOfService = "the job is out of service, and its report tells of before";

async function verifyJob(workdir: string, job: JobNumber, signal: AbortSignal): Promise<Verdict> {
  try {
    const report = await readReport(workdir, job);
    if (report?.state === "broken") return { kind: "unreadable", job, why: outOfService };
    if (report === undefined || !isOver(report.state)) return { kind: "not-over", job };
    const found = await findFiles(workdir, job, report, signal);
    return { kind: "audited", job, checks: auditJob(job, report, found) };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: "unreadable", job, why: errorMessage(error) };
  }
}
