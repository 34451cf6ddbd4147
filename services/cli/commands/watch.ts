// noctua watch: how jobs go on, until they are over.

import { harmless } from "../../shared/core/harmless.js";
import { every, systemClock } from "../../shared/io/system-clock.js";
import { FollowedJob } from "../core/followed-job.js";
import { isOver, type JobStatus } from "../core/job-status.js";
import type { Selector } from "../core/selector.js";
import { CliError, exitCodes, type ExitCode } from "../io/cli-error.js";
import { watchUpdate } from "../io/job-answer.js";
import { watchedMax, watchJobs, type JobNews } from "../io/job-watch.js";
import { LiveLines, type LiveSink } from "../io/live-lines.js";
import { printJson, type OutputForm } from "../io/output-form.js";
import { selectedJobs } from "../io/select-jobs.js";
import type { Terminal } from "../io/terminal.js";
import { worstOf } from "./wait.js";

/** A driver that is away longer will not come back by itself. */
const patienceMs = 600_000;
/** How often lines are made anew while nothing is heard, so that their ETA stays honest. */
const refreshMs = 1_000;

export interface WatchOptions {
  readonly workdir: string;
  readonly jobs: Selector;
  /** Programs get an update a line, whether it is json or jsonl. */
  readonly output: OutputForm;
}

/** Resolves when all are over. The exit code is that of the worst. */
export async function watch(
  options: WatchOptions,
  out: { readonly terminal: Terminal; readonly stdout: LiveSink },
  signal: AbortSignal,
): Promise<ExitCode> {
  const { workdir, output } = options;
  const statuses = await selectedJobs(workdir, options.jobs, signal);
  const begun = statuses.filter(({ state }) => !isOver(state));
  if (begun.length > watchedMax)
    throw new CliError(
      exitCodes.usage,
      `expected at most ${watchedMax} jobs to watch that are not over, found ${begun.length}: name fewer, such as ` +
        `${begun[0]?.job ?? 1}-${begun[watchedMax - 1]?.job ?? watchedMax}; noctua list shows any number`,
    );
  const told = new Map(statuses.map((status) => [status.job, status]));
  const view = output === "text" ? new JobLines(new LiveLines(out.stdout, systemClock), statuses) : undefined;
  const tell = (news: JobNews): void => {
    if (view !== undefined) view.tell(news);
    else printJson(out.terminal, "jsonl", watchUpdate(news, systemClock.unixMs()));
  };
  const cancelRefresh = every(refreshMs, () => view?.refresh());
  try {
    for (const status of statuses) if (isOver(status.state)) tell({ kind: "status", status });
    for await (const news of watchJobs({ workdir, jobs: begun.map(({ job }) => job), patienceMs }, signal)) {
      if (news.kind === "status") told.set(news.status.job, news.status);
      tell(news);
    }
    return worstOf([...told.values()]);
  } finally {
    cancelRefresh();
    view?.end();
  }
}

/** A progress line for each job. */
class JobLines {
  readonly #lines: LiveLines;
  readonly #jobs: ReadonlyMap<number, FollowedJob>;

  constructor(lines: LiveLines, jobs: readonly JobStatus[]) {
    this.#lines = lines;
    const nowMs = systemClock.nowMs();
    this.#jobs = new Map(jobs.map((status) => [status.job, new FollowedJob(status, nowMs)]));
    this.refresh();
  }

  tell(news: JobNews): void {
    if (news.kind === "status") this.#hear(news.status);
    else {
      for (const followed of this.#jobs.values()) {
        if (news.kind === "back") followed.find();
        else if (!isOver(followed.status.state)) followed.lose();
      }
      this.refresh();
    }
  }

  /** Makes all lines anew. */
  refresh(): void {
    const nowMs = systemClock.nowMs();
    for (const followed of this.#jobs.values()) this.#show(followed, nowMs);
  }

  end(): void {
    this.#lines.end();
  }

  #hear(status: JobStatus): void {
    const nowMs = systemClock.nowMs();
    const followed = this.#jobs.get(status.job);
    if (followed === undefined) return;
    followed.hear(status, nowMs);
    this.#show(followed, nowMs);
  }

  #show(followed: FollowedJob, nowMs: number): void {
    const { job, name, state } = followed.status;
    const text = harmless(followed.line(nowMs, this.#lines.width, `${job} ${name}`));
    this.#lines.set(job, { text, phase: followed.phase, isOver: isOver(state) });
  }
}
