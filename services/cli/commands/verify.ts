// noctua verify: does what lies on the disk bear out what the report says? Asks no driver.

import { unreachable } from "../../shared/core/assert.js";
import type { JobNumber } from "../../shared/core/id.js";
import { errorMessage } from "../../shared/io/error-code.js";
import { auditJob } from "../core/audit.js";
import { isOver } from "../core/job-status.js";
import { problemsIn, verdictText, type Verdict } from "../core/verdict-text.js";
import { findFiles } from "../io/audit-files.js";
import { exitCodes, type ExitCode } from "../io/cli-error.js";
import { readReport } from "../io/report-file.js";
import { jobsIn, requireJob } from "../io/workdir-jobs.js";
import type { Terminal } from "../io/terminal.js";

export interface VerifyOptions {
  readonly workdir: string;
  /** All jobs of the workdir when undefined. */
  readonly job: JobNumber | undefined;
  readonly json: boolean;
}

export async function verify(
  options: VerifyOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { workdir, job: asked } = options;
  if (asked !== undefined) await requireJob(workdir, asked);
  const verdicts: Verdict[] = [];
  for (const job of asked === undefined ? await jobsIn(workdir) : [asked]) {
    const verdict = await verifyJob(workdir, job, signal);
    verdicts.push(verdict);
    if (!options.json) terminal.print(verdictText(verdict));
  }
  if (options.json)
    terminal.print(JSON.stringify({ version: 1, jobs: verdicts.map(verdictInJson) }, undefined, 2));
  if (verdicts.some((verdict) => problemsIn(verdict) > 0)) return exitCodes.bad;
  return verdicts.some(({ kind }) => kind === "not-over") ? exitCodes.notOver : exitCodes.ok;
}

async function verifyJob(workdir: string, job: JobNumber, signal: AbortSignal): Promise<Verdict> {
  try {
    const report = await readReport(workdir, job);
    if (report === undefined || !isOver(report.state)) return { kind: "not-over", job };
    const found = await findFiles(workdir, job, report, signal);
    return { kind: "audited", job, checks: auditJob(job, report, found) };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: "unreadable", job, why: errorMessage(error) };
  }
}

/** Version 1 of what `--json` prints. */
function verdictInJson(verdict: Verdict): unknown {
  const { job } = verdict;
  switch (verdict.kind) {
    case "not-over":
      return { job, isOver: false, problems: 0, checks: [] };
    case "unreadable": {
      const check = { name: "report", ok: false, summary: "", problems: [verdict.why] };
      return { job, isOver: true, problems: 1, checks: [check] };
    }
    case "audited": {
      const checks = verdict.checks.map((check) => ({ ...check, ok: check.problems.length === 0 }));
      return { job, isOver: true, problems: problemsIn(verdict), checks };
    }
    default:
      return unreachable(verdict);
  }
}
