// The merger as a whole: opened in order, closed in reverse.

import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { availableParallelism, hostname } from "node:os";
import { join } from "node:path";
import { writeFileAtomically } from "../../shared/io/atomic-file.js";
import { Closers } from "../../shared/io/closers.js";
import { readToken } from "../../shared/io/credentials.js";
import { startHttpServer } from "../../shared/io/http-server.js";
import type { Logger } from "../../shared/io/logger.js";
import type { ServiceEnd } from "../../shared/io/service-process.js";
import { systemClock, systemRng } from "../../shared/io/system-clock.js";
import type { MergerSettings } from "../core/state.js";
import { Agent } from "./agent.js";
import type { MergerConfig } from "./config.js";

/** Where health and metrics are served: each service chooses a free port of its own machine. */
const httpHost = "127.0.0.1";
/** After the grace of a drain, so long for the last results to be acknowledged. */
const handInMs = 5_000;
const welcomeWaitMs = 30_000;
/** From TERM to KILL of a merge command that is not wanted any more. */
const commandGraceMs = 2_000;

/** Runs until told to stop, fenced, or broken: then it rejects with the reason. */
export async function runMerger(config: MergerConfig, log: Logger, stop: AbortSignal): Promise<ServiceEnd> {
  const { workdir } = config;
  const closers = new Closers(log);
  try {
    const agent = new Agent({
      workdir,
      settings: settingsOf(config),
      environment: config.commandEnvironment,
      graceMs: commandGraceMs,
      lookAgainMs: config.lookAgainMs,
      drainGraceMs: config.graceMs,
      clock: systemClock,
      rng: systemRng(),
      log,
    });
    const http = await startHttpServer({
      host: httpHost,
      registry: agent.metrics.registry,
      token: () => readToken(workdir),
      notReady: () => agent.notReady(),
    });
    closers.add("http", () => http.close());
    await publishPort(config, http.port, closers);
    log.info("merger started", { workdir, slots: config.slots, httpPort: http.port, pid: process.pid });
    return await agent.run(stop);
  } finally {
    await closers.closeAll();
  }
}

function settingsOf({ name, slots, labels }: MergerConfig): MergerSettings {
  return {
    merger: name,
    incarnation: randomUUID(),
    node: { name: hostname(), cores: availableParallelism(), labels },
    slots,
    // Merges differ in length, and a group that waits here waits for no other merger; the next one is a message away.
    prefetch: 0,
    handInMs,
    welcomeWaitMs,
  };
}

/** Lets whoever scrapes find the port, as long as this process lives. */
async function publishPort(
  { workdir, name }: MergerConfig,
  httpPort: number,
  closers: Closers,
): Promise<void> {
  const folder = join(workdir, "run");
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.json`);
  const found = { service: "merger", name, host: httpHost, hostname: hostname(), httpPort, pid: process.pid };
  await writeFileAtomically(path, `${JSON.stringify(found, undefined, 2)}\n`);
  closers.add("run file", () => rm(path, { force: true }));
}
