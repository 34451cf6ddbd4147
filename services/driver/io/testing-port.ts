// For tests: a driver on a real port of loopback, with its engine on a journal of the test's.

import { epochNumber } from "../../shared/core/id.js";
import { Latencies } from "../../shared/core/latencies.js";
import { silentLogger } from "../../shared/io/logger.js";
import { systemClock } from "../../shared/io/system-clock.js";
import { aTrust, type TestTrust } from "../../shared/io/trust/testing-trust.js";
import type { FileEffect } from "../core/facts/effect.js";
import { defaultRules, type Rules } from "../core/rules.js";
import { newGates } from "./calls.js";
import { ClusterService } from "./cluster-service.js";
import { JobService } from "./job-service.js";
import { PeerNews } from "./peer-news.js";
import { startGrpcServer, type GrpcServer, type GrpcServerOptions } from "./server.js";
import { servicesOf } from "./services.js";
import type { Command } from "../core/facts/command.js";
import { performEffects } from "./speaker.js";
import { Streams } from "./streams.js";
import { anEngine, started, type TestEngine } from "./testing.js";

export interface ServedDriver extends TestEngine {
  readonly port: number;
  readonly trust: TestTrust;
  readonly server: GrpcServer;
  readonly streams: Streams;
  readonly jobs: JobService;
  readonly cluster: ClusterService;
  readonly news: PeerNews;
  /** Work with files that the driver would do. */
  readonly fileWork: readonly FileEffect[];
  /** Has the journal be unable to take anything, until told otherwise. */
  stall(why: string | undefined): void;
  close(): Promise<void>;
}

const handIns = { settle: () => undefined };

/** The engine's farm begins empty, and its epoch is 1. */
export async function aServedDriver(
  rules: Partial<Rules> = {},
  serving: Partial<GrpcServerOptions> = {},
): Promise<ServedDriver> {
  const streams = new Streams({ flushIntervalMs: 20, heartbeatIntervalMs: 20_000, leaseMs: 120_000 });
  const fileWork: FileEffect[] = [];
  const start = (effect: FileEffect): void => void fileWork.push(effect);
  const gates = serving.gates ?? newGates(systemClock);
  const idle: TestEngine = anEngine({
    readers: gates.reads,
    rules: { ...defaultRules, witnessWaitMs: 0, ...rules },
    perform: (effects, farm) => performEffects(parts, effects, farm),
  });
  let why: string | undefined;
  const stalled = (): string | undefined => why;
  const jobs: JobService = new JobService(idle.engine, undefined, {
    stalled,
    eventsRunning: (job) => news.eventsRunning(job),
    merging: (farm, job) => news.merges.of(farm, job),
  });
  const news = new PeerNews({
    latencies: new Latencies(),
    onProgress: (job) => jobs.tellProgress(job),
    onSlotTimes: () => undefined,
  });
  const cluster: ClusterService = new ClusterService(idle.engine, { startedUnixMs: 0, stalled });
  const post = (command: Command): void => idle.engine.post(command);
  const parts = { streams, jobs, cluster, fileWork: { start }, handIns, post };
  const test = await started(idle);
  const trust = await aTrust();
  const server = await startGrpcServer({
    host: "127.0.0.1",
    port: 0,
    trust: trust.driver,
    log: silentLogger,
    gates,
    services: servicesOf(
      { jobs, cluster },
      {
        engine: test.engine,
        streams,
        epoch: epochNumber(1),
        onLost: () => undefined,
        news,
        clock: systemClock,
        log: silentLogger,
      },
    ),
    ...serving,
  });
  server.setServing(true);
  const close = async (): Promise<void> => {
    jobs.close();
    server.close();
    test.engine.close();
    await test.running.catch(() => undefined);
  };
  const stall = (reason: string | undefined): void => {
    why = reason;
    if (why !== undefined) void gates.reads.open();
  };
  const served = { stall, port: server.port, trust, server, streams, jobs, cluster, news, fileWork, close };
  return Object.assign(test, served);
}
