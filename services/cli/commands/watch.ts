// noctua watch: how jobs go on, until they are over.

import { harmless } from "../../shared/core/harmless.js";
import { every, systemClock } from "../../shared/io/system-clock.js";
import { FollowedJob } from "../core/followed-job.js";
import type { JobStatus } from "../core/job-status.js";
import type { Selector } from "../core/selector.js";
import { CliError, exitCodes, type ExitCode } from "../io/cli-error.js";
import { watchJob, type JobNews } from "../io/driver-client.js";
import { awayUpdate, statusUpdate } from "../io/job-answer.js";
import { LiveLines, type LiveSink } from "../io/live-lines.js";
import { printJson, type OutputForm } from "../io/output-form.js";
import { selectedJobs } from "../io/select-jobs.js";
import type { Terminal } from "../io/terminal.js";
import { worstOf } from "./wait.js";

/** A driver that is away longer will not come back by itself. */
const patienceMs = 600_000;
/** How often lines are made anew while nothing is heard, so that their ETA stays honest. */
const refreshMs = 1_000;
/** Each has a connection. */
const jobsMax = 100;

export interface WatchOptions {
  readonly workdir: string;
  readonly jobs: Selector;
  /** Programs get an update a line, whether it is json or jsonl. */
  readonly output: OutputForm;
}

/** Resolves when all are over. The exit code is that of the worst. */
export async function watchJobs(
  options: WatchOptions,
  out: { readonly terminal: Terminal; readonly stdout: LiveSink },
  signal: AbortSignal,
): Promise<ExitCode> {
  const { workdir, output } = options;
  const jobs = await selectedJobs(workdir, options.jobs, signal);
  if (jobs.length > jobsMax)
    throw new CliError(
      exitCodes.usage,
      `expected at most ${jobsMax} jobs to watch at a time, found ${jobs.length}: noctua list shows any number`,
    );
  const view = output === "text" ? new JobLines(new LiveLines(out.stdout, systemClock)) : undefined;
  const tell = (status: JobStatus, news: JobNews): void => {
    if (view !== undefined) view.tell(status, news);
    else printJson(out.terminal, "jsonl", updateOf(status, news));
  };
  const cancelRefresh = every(refreshMs, () => view?.show());
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  try {
    return worstOf(await Promise.all(jobs.map((job) => followOne({ workdir, job }, tell, either))));
  } finally {
    failed.abort();
    cancelRefresh();
    view?.end();
  }
}

async function followOne(
  { workdir, job: first }: { readonly workdir: string; readonly job: JobStatus },
  tell: (status: JobStatus, news: JobNews) => void,
  signal: AbortSignal,
): Promise<JobStatus> {
  let status = first;
  for await (const news of watchJob(workdir, first.job, patienceMs, signal)) {
    if (news.kind === "status") ({ status } = news);
    tell(status, news);
  }
  return status;
}

function updateOf({ job }: JobStatus, news: JobNews): object {
  const nowUnixMs = systemClock.unixMs();
  return news.kind === "status" ? statusUpdate(news.status, nowUnixMs) : awayUpdate(job, news.why, nowUnixMs);
}

/** A progress line for each job. */
class JobLines {
  readonly #lines: LiveLines;
  readonly #jobs = new Map<number, FollowedJob>();

  constructor(lines: LiveLines) {
    this.#lines = lines;
  }

  tell(status: JobStatus, news: JobNews): void {
    const nowMs = systemClock.nowMs();
    const followed = this.#jobs.get(status.job) ?? new FollowedJob(status, nowMs);
    this.#jobs.set(status.job, followed);
    if (news.kind === "away") followed.lose();
    else followed.hear(status, nowMs);
    this.show();
  }

  show(): void {
    const nowMs = systemClock.nowMs();
    for (const [job, followed] of this.#jobs) {
      const text = followed.line(nowMs, this.#lines.width, `${job} ${followed.status.name}`);
      this.#lines.set(job, { text: harmless(text), phase: followed.phase });
    }
  }

  end(): void {
    this.#lines.end();
  }
}
