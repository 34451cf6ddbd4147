// For tests: an agent and a driver on a real port, with real processes.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../../shared/core/assert.js";
import type { JobSpec } from "../../shared/core/job-spec.js";
import { noNeeds } from "../../shared/core/payload-needs.js";
import { seededRng } from "../../shared/core/rng.js";
import { silentLogger } from "../../shared/io/logger.js";
import { runInProcessGroup } from "../../shared/io/process-group.js";
import type { ServiceEnd } from "../../shared/io/service-process.js";
import { systemClock } from "../../shared/io/system-clock.js";
import { settingsOf, specOf } from "../core/testing.js";
import { Agent } from "./agent.js";
import { FakeDriver, type Books } from "./fake-driver.js";
import { openScratch, type Scratch } from "./scratch.js";
import { SlotLogs } from "./slot-log.js";
import { newFolder } from "./testing.js";
import { putHere } from "./testing-put.js";

const never = new AbortController().signal;

interface RunningAgent {
  readonly agent: Agent;
  readonly scratch: Scratch;
  readonly stop: AbortController;
  readonly end: Promise<ServiceEnd>;
  readonly logs: SlotLogs;
}

const drivers: FakeDriver[] = [];
const agents: RunningAgent[] = [];

/** After each test. */
export async function stopAll(): Promise<void> {
  for (const { stop } of agents) stop.abort(new Error("the test is over"));
  await Promise.allSettled(agents.map(({ end }) => end));
  await Promise.all(agents.splice(0).map(({ logs }) => logs.flush()));
  for (const driver of drivers.splice(0)) driver.stop();
}

export interface Place {
  readonly workdir: string;
  /** Payloads may look at it. */
  readonly jobDir: string;
}

export async function newPlace(): Promise<Place> {
  const workdir = await newFolder();
  const jobDir = join(workdir, "job");
  await mkdir(jobDir);
  return { workdir, jobDir };
}

/** A job of one event a range, run by a shell script. */
export function scriptOf({ jobDir }: Place, script: string, changes: Partial<JobSpec> = {}): JobSpec {
  const command = ["/bin/sh", "-c", script, "sh", "{first}", "{output}", "{jobDir}"];
  return specOf({
    jobDir,
    payload: { kind: "exec", command, timeoutMs: 60_000, needs: noNeeds },
    ...changes,
  });
}

export const simulate = 'echo "event $1" > "$2"';
/** Says that it runs, and waits to be let go. */
export const simulateWhenLetGo = `echo > "$3/began$1"; while [ ! -e "$3/go" ]; do sleep 0.01; done; ${simulate}`;

/** Whether it is wrong, when it is asked next. */
export const core = { isWrong: false };

function prefetchMs(): number {
  assert(!core.isWrong, "the core is right");
  return 100;
}

export async function startDriver({ workdir }: Place, books: Books): Promise<FakeDriver> {
  const driver = await FakeDriver.start(workdir, books);
  drivers.push(driver);
  return driver;
}

export async function startAgent(
  { workdir }: Place,
  incarnation = "first",
  graceMs = 20_000,
): Promise<RunningAgent> {
  const root = join(workdir, "scratch");
  const scratch = await openScratch({ root, name: "node-1", incarnation, log: silentLogger }, never);
  const logs = new SlotLogs({ workdir, actor: "node-1", node: "n1", clock: systemClock, log: silentLogger });
  const agent = new Agent({
    workdir,
    putOutput: await putHere(),
    settings: Object.defineProperty(settingsOf({ incarnation, slots: 2, handInMs: 500 }), "prefetchMs", {
      get: prefetchMs,
    }),
    clock: systemClock,
    rng: seededRng(1),
    log: silentLogger,
    drainGraceMs: graceMs,
    backoff: { firstMs: 5, lastMs: 20 },
    allocationAgeMs: undefined,
    scratch,
    payloads: {
      slots: 2,
      cpus: [0],
      scratchBytesMin: 0,
      environment: { PATH: "/usr/bin:/bin" },
      graceMs: 1_000,
      logs,
      runProgram: runInProcessGroup,
    },
  });
  const stop = new AbortController();
  const running = { agent, scratch, logs, stop, end: agent.run(stop.signal) };
  agents.push(running);
  return running;
}
