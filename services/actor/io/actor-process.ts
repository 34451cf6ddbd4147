// An actor, put together: its place on the node, its agent, its health. Opened in order, closed in reverse, however it
// ends.

import { randomUUID } from "node:crypto";
import { Closers } from "../../shared/io/closers.js";
import type { Logger } from "../../shared/io/logger.js";
import { nodeFacts } from "../../shared/io/node-facts.js";
import { serveHealth } from "../../shared/io/peer-health.js";
import type { ServiceEnd } from "../../shared/io/service-process.js";
import { systemClock, systemRng } from "../../shared/io/system-clock.js";
import { checkMayJoin } from "../../shared/io/trust/lent-folder.js";
import { openPrograms } from "../../shared/io/user-programs.js";
import type { ActorSettings } from "../core/state.js";
import { Agent } from "./agent.js";
import type { ActorConfig } from "./config.js";
import { PutThreads } from "./put-threads.js";
import { openScratch } from "./scratch.js";
import { followTimeLeft } from "./slurm-time-left.js";
import { SlotLogs } from "./slot-log.js";

/** What waits is to last so long, and is never more than so many ranges a slot. */
const prefetchMs = 5_000;
const prefetchPerSlotMax = 10_000;
const prefetchMax = 20_000;
/** Outputs that may be being stored, before slots wait for storage. */
const stagingPerSlotMax = 4;
const stagingMax = 256;
/** A payload that is to end gets TERM, and KILL after this: less than the time to hand in. */
const killGraceMs = 3_000;
const handInMs = 5_000;
const welcomeWaitMs = 120_000;

/** To the end of the actor. `stop` asks it to drain; `program` is the file of this program. */
export async function runActor(
  config: ActorConfig,
  log: Logger,
  stop: AbortSignal,
  program: string,
): Promise<ServiceEnd> {
  const { workdir, name, host, slots, scratch: root } = config;
  checkMayJoin(workdir);
  const incarnation = randomUUID();
  const closers = new Closers(log);
  try {
    const scratch = await openScratch({ root, name, incarnation, log }, stop);
    closers.add("scratch", () => scratch.close());
    const programs = await openPrograms({ folder: scratch.folder, incarnation, log });
    closers.add("payloads", () => programs.close());
    const settings = settingsOf(config, incarnation);
    const logs = new SlotLogs({ workdir, actor: name, node: settings.node.name, clock: systemClock, log });
    closers.add("payloads' logs", () => logs.flush());
    const threads = new PutThreads(program);
    closers.add("threads", () => threads.close());
    const agent = new Agent({
      workdir,
      settings,
      clock: systemClock,
      rng: systemRng(),
      log,
      drainGraceMs: config.graceMs,
      allocationAgeMs: config.allocationAgeMs,
      scratch,
      putOutput: threads.put,
      payloads: {
        environment: config.environment,
        slots,
        cpus: config.cpus,
        scratchBytesMin: config.scratchBytesMin,
        graceMs: killGraceMs,
        logs,
        runProgram: programs.run,
      },
    });
    followAllocation(config, agent, log, closers);
    serveHealth({ service: "actor", name, incarnation, workdir, host, agent, log }, closers);
    log.info("actor started", { workdir, slots, pid: process.pid });
    return await agent.run(stop);
  } finally {
    await closers.closeAll();
  }
}

function followAllocation(
  { allocation }: ActorConfig,
  { tellTimeLeft: tell }: Agent,
  log: Logger,
  closers: Closers,
): void {
  if (allocation === undefined) return;
  const stop = new AbortController();
  closers.add("time left", () => stop.abort());
  void followTimeLeft({ allocation, rng: systemRng(), log, tell }, stop.signal);
}

function settingsOf(
  { name, node, slots, labels, slurm, timeLeftMs }: ActorConfig,
  incarnation: string,
): ActorSettings {
  return {
    actor: name,
    incarnation,
    node: nodeFacts(labels, slurm, node),
    slots,
    allocationEndsAtMs: timeLeftMs === undefined ? undefined : systemClock.nowMs() + timeLeftMs,
    prefetchMs,
    prefetchMax: Math.max(slots, Math.min(slots * prefetchPerSlotMax, prefetchMax)),
    stagingMax: Math.max(slots * stagingPerSlotMax, stagingMax),
    handInMs,
    welcomeWaitMs,
  };
}
