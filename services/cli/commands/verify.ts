// noctua verify: does what lies on the disk bear out what the report says? Asks no driver.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { unreachable } from "../../shared/core/assert.js";
import { jobNumber, type JobNumber } from "../../shared/core/id.js";
import { jobFolder } from "../../shared/core/names.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import { auditJob } from "../core/audit.js";
import { problemsIn, verdictText, type Verdict } from "../core/verdict-text.js";
import { findFiles } from "../io/audit-files.js";
import { CliError, exitCodes, type ExitCode } from "../io/cli-error.js";
import { readReport } from "../io/report-file.js";
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
  const there = await jobsIn(options.workdir);
  const { job: asked } = options;
  if (asked !== undefined && !there.includes(asked)) {
    const found = there.length === 0 ? "none" : there.join(", ");
    throw new CliError(exitCodes.usage, `there is no job ${asked} in ${options.workdir}; its jobs: ${found}`);
  }
  const verdicts: Verdict[] = [];
  for (const job of asked === undefined ? there : [asked]) {
    const verdict = await verifyJob(options.workdir, job, signal);
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
    if (report === undefined) return { kind: "not-over", job };
    const found = await findFiles(workdir, job, report, signal);
    return { kind: "audited", job, checks: auditJob(job, report, found) };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: "unreadable", job, why: errorMessage(error) };
  }
}

/** The numbers of the jobs that have a folder in the workdir. */
async function jobsIn(workdir: string): Promise<readonly JobNumber[]> {
  const folder = join(workdir, "jobs");
  try {
    const names = (await readdir(folder)).filter((name) => /^[1-9]\d{0,9}$/.test(name));
    const numbers = names.map((name) => jobNumber(Number(name))).sort((a, b) => a - b);
    if (numbers.length > 0) return numbers;
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
  const example = join(workdir, jobFolder(jobNumber(1)));
  throw new CliError(
    exitCodes.usage,
    `expected jobs in ${workdir}, such as ${example}; found none: is it the workdir of a run?`,
  );
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
