// noctua top: the jobs and nodes of a run, live.
//
//   T1. However it ends, the terminal is as it was.
//   T2. It rests three times as long as the driver took to answer, and `intervalMs` at least: looking slows nothing down.

import { harmless } from "../../shared/core/harmless.js";
import { sleep, systemClock } from "../../shared/io/system-clock.js";
import { FollowedJob } from "../core/followed-job.js";
import type { JobStatus } from "../core/job-status.js";
import { paceText } from "../core/progress.js";
import { topLines, type TopView } from "../core/top.js";
import { exitCodes, type ExitCode } from "../io/cli-error.js";
import { getCluster, listNodes } from "../io/cluster-client.js";
import { listJobs, mayPass } from "../io/driver-client.js";
import { FullScreen } from "../io/full-screen.js";
import { readKeys, type KeySource } from "../io/keyboard.js";
import type { LiveSink } from "../io/live-lines.js";
import { printJson, type OutputForm } from "../io/output-form.js";
import { mayRewrite, type Terminal } from "../io/terminal.js";
import { topAnswer } from "../io/top-answer.js";

export interface TopOptions {
  readonly workdir: string;
  readonly intervalMs: number;
  readonly output: OutputForm;
  /** Titles stand out. */
  readonly inColour: boolean;
}

const restsPerLook = 3;
/** The last two are Ctrl-C and Ctrl-D. */
const quitKeys = ["q", "Q", "\u0003", "\u0004"];

/** Until it is told to end; where nothing can be rewritten, and for programs, once. */
export async function top(
  options: TopOptions,
  out: { readonly terminal: Terminal; readonly stdout: LiveSink; readonly stdin: KeySource },
  signal: AbortSignal,
): Promise<ExitCode> {
  const jobs = new Map<number, FollowedJob>();
  const first = await look(options.workdir, jobs, signal);
  const { terminal, stdout } = out;
  if (options.output !== "text") printJson(terminal, options.output, topAnswer(first));
  else if (mayRewrite(stdout)) await show(options, { first, jobs }, { ...out, signal });
  else
    terminal.print(
      harmless(
        topLines(first, undefined)
          .map(({ text }) => text)
          .join("\n"),
      ),
    );
  return exitCodes.ok;
}

async function show(
  { workdir, intervalMs, inColour }: TopOptions,
  { first, jobs }: { readonly first: TopView; readonly jobs: Map<number, FollowedJob> },
  {
    stdin,
    stdout,
    signal,
  }: { readonly stdin: KeySource; readonly stdout: LiveSink; readonly signal: AbortSignal },
): Promise<void> {
  const quit = new AbortController();
  const either = AbortSignal.any([signal, quit.signal]);
  const screen = new FullScreen(stdout, inColour);
  let view = first;
  const draw = (): void =>
    screen.draw(topLines(view, screen.size).map((line) => ({ ...line, text: harmless(line.text) })));
  const stopKeys = readKeys(stdin, (key) => {
    if (quitKeys.some((quitKey) => key.includes(quitKey))) quit.abort();
  });
  const stopResize = stdout.onResize?.(() => {
    screen.forget();
    draw();
  });
  try {
    for (;;) {
      draw();
      const beganAtMs = systemClock.nowMs();
      await sleep(intervalMs, either);
      view = await lookAgain(workdir, { view, jobs }, either);
      await sleep(restsPerLook * Math.max(0, systemClock.nowMs() - beganAtMs - intervalMs), either); // (T2)
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!quit.signal.aborted) throw error;
  } finally {
    stopResize?.();
    stopKeys();
    screen.close(); // (T1)
  }
}

/** While the driver is away, what was seen last stays, and it is said so. */
async function lookAgain(
  workdir: string,
  { view, jobs }: { readonly view: TopView; readonly jobs: Map<number, FollowedJob> },
  signal: AbortSignal,
): Promise<TopView> {
  try {
    return await look(workdir, jobs, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!mayPass(error)) throw error;
    return { ...view, away: "the driver does not answer: trying again; below is how things stood then" };
  }
}

async function look(
  workdir: string,
  followed: Map<number, FollowedJob>,
  signal: AbortSignal,
): Promise<TopView> {
  const [cluster, jobs, nodes] = await Promise.all([
    getCluster(workdir, signal),
    listJobs(workdir, signal),
    listNodes(workdir, signal),
  ]);
  const nowMs = systemClock.nowMs();
  const paceOf = (status: JobStatus): string => {
    const one = followed.get(status.job) ?? new FollowedJob(status, nowMs);
    followed.set(status.job, one);
    one.hear(status, nowMs);
    return paceText(one.view(nowMs));
  };
  const paces = new Map(jobs.map((status) => [status.job, paceOf(status)]));
  return {
    ...{ cluster, jobs, nodes, away: "", nowUnixMs: systemClock.unixMs() },
    paceOf: ({ job }) => paces.get(job) ?? "",
  };
}
