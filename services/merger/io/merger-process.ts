// A merger, put together: its agent, its health. Opened in order, closed in reverse, however it ends.

import { randomUUID } from "node:crypto";
import { Closers } from "../../shared/io/closers.js";
import type { Logger } from "../../shared/io/logger.js";
import { nodeFacts } from "../../shared/io/node-facts.js";
import { openPlace } from "../../shared/io/node-place.js";
import { serveHealth } from "../../shared/io/peer-health.js";
import type { ServiceEnd } from "../../shared/io/service-process.js";
import { systemClock, systemRng } from "../../shared/io/system-clock.js";
import { checkMayJoin } from "../../shared/io/trust/lent-folder.js";
import { openPrograms } from "../../shared/io/user-programs.js";
import type { MergerSettings } from "../core/state.js";
import { Agent } from "./agent.js";
import type { MergerConfig } from "./config.js";
import { giveWay } from "./give-way.js";

/** After the grace of a drain, so long for the last results to be acknowledged. */
const handInMs = 5_000;
const welcomeWaitMs = 30_000;
/** From TERM to KILL of a merge command that is not wanted any more. */
const commandGraceMs = 2_000;

/** To the end of the merger. `stop` asks it to drain. */
export async function runMerger(config: MergerConfig, log: Logger, stop: AbortSignal): Promise<ServiceEnd> {
  const { workdir, name, host, slots, nice } = config;
  checkMayJoin(workdir);
  giveWay(nice);
  const incarnation = randomUUID();
  const closers = new Closers(log);
  try {
    const place = await openPlace({ root: config.scratch, name, incarnation, log }, stop);
    closers.add("place on the node", () => place.close());
    const programs = await openPrograms({ folder: place.folder, incarnation, log });
    closers.add("merge commands", () => programs.close());
    const agent = new Agent({
      workdir,
      settings: settingsOf(config, incarnation),
      clock: systemClock,
      rng: systemRng(),
      log,
      drainGraceMs: config.graceMs,
      environment: config.commandEnvironment,
      graceMs: commandGraceMs,
      runProgram: programs.run,
      lookAgainMs: config.lookAgainMs,
      roomWaitMs: config.roomWaitMs,
    });
    serveHealth({ service: "merger", name, incarnation, workdir, host, agent, log }, closers);
    log.info("merger started", { workdir, slots, pid: process.pid });
    return await agent.run(stop);
  } finally {
    await closers.closeAll();
  }
}

function settingsOf({ name, slots, labels, slurm }: MergerConfig, incarnation: string): MergerSettings {
  return {
    merger: name,
    incarnation,
    node: nodeFacts(labels, slurm),
    slots,
    prefetch: slots,
    shortMergeMs: 1_000,
    handInMs,
    welcomeWaitMs,
  };
}
