// An actor, put together: its place on the node, its agent, its health and metrics.
//
//   P1. It is opened in order and closed in reverse, however it ends.
//   P2. <workdir>/run/<name>.json says where its health and metrics are, for as long as it lives.

import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { writeFileAtomically } from "../../shared/io/atomic-file.js";
import { readToken } from "../../shared/io/credentials.js";
import { startHttpServer } from "../../shared/io/http-server.js";
import type { Logger } from "../../shared/io/logger.js";
import type { ServiceEnd } from "../../shared/io/service-process.js";
import { sleep, systemClock, systemRng } from "../../shared/io/system-clock.js";
import type { ActorSettings } from "../core/state.js";
import { Agent } from "./agent.js";
import type { ActorConfig } from "./config.js";
import { nodeFacts } from "./node-facts.js";
import { execPayload } from "./payload-exec.js";
import { openScratch } from "./scratch.js";
import { SlotLogs } from "./slot-log.js";
import { StageOut } from "./stage-out.js";

/** What waits is to last so long, and is never more than so many ranges a slot. */
const prefetchMs = 5_000;
const prefetchPerSlotMax = 1_000;
const prefetchMax = 20_000;
/** Outputs that may be being stored for each slot, before slots wait for storage. */
const stagingPerSlotMax = 4;
/** A payload that is to end gets TERM, and KILL after this: less than the time to hand in. */
const killGraceMs = 3_000;
const handInMs = 5_000;
/** What is left to tidy up at the end gets so long. */
const closeMsMax = 5_000;
const welcomeWaitMs = 120_000;
/** Health and metrics are for this machine, as long as they are not encrypted. */
const httpHost = "127.0.0.1";

/** To the end of the actor. `stop` asks it to drain. */
export async function runActor(config: ActorConfig, log: Logger, stop: AbortSignal): Promise<ServiceEnd> {
  const incarnation = randomUUID();
  const { scratch: root, name: actor } = config;
  const scratch = await openScratch({ root, actor, incarnation, log }, stop);
  const logs = new SlotLogs({ workdir: config.workdir, actor, log });
  try {
    const agent = new Agent({
      workdir: config.workdir,
      settings: settingsOf(config, incarnation),
      clock: systemClock,
      rng: systemRng(),
      log,
      graceMs: config.graceMs,
      scratch,
      stageOut: new StageOut(config.workdir),
      payload: execPayload({
        environment: config.payloadEnvironment,
        graceMs: killGraceMs,
        logs,
        onGroup: (slot, pid) => scratch.recordGroup(slot, pid),
      }),
    });
    return await withHealth(config, agent, { incarnation, log }, () => agent.run(stop));
  } finally {
    await within(closeMsMax, Promise.all([logs.flush(), scratch.close()]));
  }
}

function settingsOf({ name, slots, labels, timeLeftMs }: ActorConfig, incarnation: string): ActorSettings {
  return {
    actor: name,
    incarnation,
    node: nodeFacts(labels),
    slots,
    allocationEndsAtMs: timeLeftMs === undefined ? undefined : systemClock.nowMs() + timeLeftMs,
    prefetchMs,
    prefetchMax: Math.max(slots, Math.min(slots * prefetchPerSlotMax, prefetchMax)),
    stagingMax: slots * stagingPerSlotMax,
    handInMs,
    welcomeWaitMs,
  };
}

/** Waits, but not for ever: a file system that hangs must not keep the node (P10). */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const giveUp = new AbortController();
  await Promise.race([work, sleep(ms, giveUp.signal).catch(() => undefined)]);
  giveUp.abort();
}

/** Serves health and metrics while `live` lasts. */
async function withHealth(
  { workdir, name }: ActorConfig,
  agent: Agent,
  { incarnation, log }: { readonly incarnation: string; readonly log: Logger },
  live: () => Promise<ServiceEnd>,
): Promise<ServiceEnd> {
  const server = await startHttpServer({
    host: httpHost,
    registry: agent.metrics.registry,
    token: () => readToken(workdir), // The actor may be there before the driver.
    notReady: () => agent.notReady(),
  });
  const folder = join(workdir, "run");
  const path = join(folder, `${name}.json`);
  const facts = {
    service: "actor",
    name,
    incarnation,
    pid: process.pid,
    hostname: hostname(),
    httpPort: server.port,
  };
  const text = `${JSON.stringify(facts, undefined, 2)}\n`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFileAtomically(path, text); // (P2)
    log.info("health and metrics", { host: httpHost, port: server.port, path });
    return await live();
  } finally {
    // Whoever took over this name has written its own.
    if ((await readFile(path, "utf8").catch(() => "")) === text) await rm(path, { force: true });
    await server.close();
  }
}
