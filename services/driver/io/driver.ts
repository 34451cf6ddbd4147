// The driver as a whole: opened in order, closed in reverse.
//
//   claim → journal (recovery) → engine → port and HTTP → address file          then it is ready
//
//   D1. Nobody is spoken to before the journal is recovered and this driver's own start is durable.
//   D3. What actors have left in the workdir is taken in before anybody is spoken to (P6).
//   D2. Each phase of the stop is bounded (P10). Actors are not drained: they work on, and find the next driver (P6).

import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { type Registry } from "prom-client";
import { writeAddress, type DriverAddress } from "../../shared/io/address-file.js";
import { Closers } from "../../shared/io/closers.js";
import { startHttpServer } from "../../shared/io/http-server.js";
import type { Logger } from "../../shared/io/logger.js";
import { reachableHost } from "../../shared/io/loopback.js";
import { serviceRegistry } from "../../shared/io/metrics.js";
import { after, every, systemClock, systemRng } from "../../shared/io/system-clock.js";
import { ensureAuthority } from "../../shared/io/trust/authority.js";
import type { ServerTrust } from "../../shared/io/trust/serving.js";
import type { Command } from "../core/facts/command.js";
import { rulesFor, tickMs } from "../core/rules.js";
import { realParts, turnWith, type TurnParts } from "../core/turn.js";
import { brokenKeeper } from "./broken-job.js";
import { openBooks, type Books, type Start } from "./books.js";
import { newGates } from "./calls.js";
import { checkWorkdir } from "./check-workdir.js";
import { claimEpoch, type WhenRoom } from "./claims.js";
import type { DriverConfig } from "./config.js";
import { DeathWatch } from "./death-watch.js";
import { Engine } from "./engine.js";
import { FileWork, type FileWorkParts } from "./file-work.js";
import { HandIns } from "./hand-ins.js";
import { jobFilesIn, type JobFiles } from "./job-files.js";
import { sweepReported } from "./job-sweep.js";
import { countLatencies } from "./count-latencies.js";
import { ClusterService } from "./cluster-service.js";
import { JobService } from "./job-service.js";
import { exposeFarm, observer } from "./observer.js";
import { startGrpcServer } from "./server.js";
import { servicesOf } from "./services.js";
import type { GatewayParts } from "./session-gateway.js";
import type { ReadFarm } from "./report-lists.js";
import type { ReportWriter } from "./report-writer.js";
import { makeReports } from "./reports.js";
import { PeerNews } from "./peer-news.js";
import { makeSnapshot, type MakeSnapshot } from "./journal/snapshot-maker.js";
import { removeHere, type RemoveFiles } from "./removals.js";
import { askSqueue } from "./slurm-jobs.js";
import { performEffects } from "./speaker.js";
import { Streams } from "./streams.js";
import { sweepTemporaries } from "./sweep-temporaries.js";
import { whenSpace } from "./when-space.js";

/** What is done beside the loop. */
export interface Helpers {
  readonly make: MakeSnapshot;
  readonly removeFiles: RemoveFiles;
  /** What turns are made of; tests plant bugs. */
  readonly parts?: TurnParts;
}

/** All on this loop, as tests want it. */
const noHelpers: Helpers = { make: makeSnapshot, removeFiles: removeHere };

/** Runs until told to stop, or until it can't go on: then it rejects with the reason. */
export async function runDriver(
  config: DriverConfig,
  log: Logger,
  signal: AbortSignal,
  { make, removeFiles, parts = realParts } = noHelpers,
): Promise<void> {
  const closers = new Closers(log);
  try {
    const whenRoom = whenRoomIn(config.workdir, log, signal);
    for (const why of await checkWorkdir(config.workdir))
      log.warn("somebody else could replace folders of the run", { why });
    const claim = await claimEpoch(config.workdir, {
      whenRoom,
      takeOver: config.takeOver,
      hostname: hostname(),
      pid: process.pid,
      slurmJob: config.slurm.slurmJob || undefined,
      unixMs: systemClock.unixMs(),
    });
    closers.add("claim", () => claim.release());
    const start = {
      config,
      log: log.with({ epoch: claim.epoch }),
      claim,
      closers,
      make,
      parts,
      gates: newGates(systemClock),
      stop: signal,
    };
    start.log.info("workdir claimed", { workdir: config.workdir, predecessor: claim.predecessor });
    await serve({ ...start, whenRoom }, jobFilesIn(config.workdir, removeFiles), signal);
  } finally {
    await closers.closeAll(); // (D2)
  }
}

/** As long as there is no room for its first files, a driver can be found by nobody: its log says why. */
function whenRoomIn(workdir: string, log: Logger, signal: AbortSignal): WhenRoom {
  let stall: string | undefined;
  const onStall = (why: string | undefined): void => {
    if (why !== undefined && stall === undefined) log.error("the driver waits to begin", { reason: why });
    stall = why;
  };
  return (write) => whenSpace(write, { of: `a driver on ${workdir}`, onStall }, signal);
}

async function serve(start: Start, files: JobFiles, signal: AbortSignal): Promise<void> {
  const { config, log, claim, closers } = start;
  const registry = serviceRegistry("driver");
  const books = await openBooks(start, registry);
  const { farm } = books;
  exposeFarm(registry, farm);
  const { latencies, stopwatch } = countLatencies(registry, log);
  const streams = streamsFor(config);
  const observe = observer(log, registry, systemClock);
  const engine: Engine = new Engine({
    farm,
    journal: books.journal,
    claim: books.claim,
    ...{ clock: systemClock, rules: rulesFor(config), takeTurn: turnWith(start.parts) },
    log,
    readers: start.gates.reads,
    perform: (effects) => performEffects({ streams, jobs, cluster, fileWork, handIns, post }, effects, farm),
    observe: (facts, view) => {
      observe(facts, view);
      reports.observe(facts, view);
      if (facts.some(({ kind }) => kind === "session-ended")) handIns.lookSoon();
      books.snapshots.look();
    },
  });
  const jobs = new JobService(engine, () => notReady(), {
    stopwatch,
    stalled: books.stall,
    eventsRunning: (job) => news.eventsRunning(job),
    merging: (farm, job) => news.merges.of(farm, job),
    findEnds: (job, ranges) => reports.finder.find(job, ranges),
  });
  const startedUnixMs = systemClock.unixMs();
  const cluster = new ClusterService(engine, { startedUnixMs, stopwatch, stalled: books.stall });
  const news = new PeerNews({
    latencies,
    onProgress: (job) => jobs.tellProgress(job),
    onSlotTimes: (stream, times) => reports.tallies.hear(farm.streams.get(stream), times),
  });
  const post = (command: Command): void => engine.post(command);
  const read: ReadFarm = (question) => engine.read(question);
  const world = { workdir: config.workdir, files, read, post, log };
  const reports = makeReports({ ...world, clock: systemClock, latencies, claim });
  reports.tallies.begin(farm.live);
  const fileWork = fileWorkOf({ ...world, reports: reports.writer });
  closers.add("file work", () => fileWork.stop());
  closers.add("reports", () => reports.stop());

  const run = farm.run || newRunName();
  const handIns = new HandIns({ ...world, run });
  const takeIn = (): Promise<void> => handIns.lookAfresh();
  const deaths = new DeathWatch({ ...world, takeIn, slurm: config.slurm, askSlurm: askSqueue() });
  await engine.start({ kind: "start-driver", epoch: claim.epoch, run }); // (D1)
  const running = engine.run();
  running.catch(() => undefined); // It is told below, but may fail while the ports are being opened.
  closers.add("engine", () => endEngine(engine, books, running));
  const clock = every(tickMs, () => post({ kind: "tick" }));
  closers.add("clock", clock);
  reports.keepUpToDate();
  closers.add("late outputs", sweepReported(world));
  closers.add("temporaries", sweepTemporaries(config.workdir, startedUnixMs, log));
  closers.add("death watch", () => deaths.stop());
  closers.add("hand-ins", () => handIns.stop());
  await untilOver(Promise.race([handIns.look(), running]), signal); // (D3)
  const notReady = (): string | undefined => books.stall() ?? fileWork.failing;
  const onLost = lookingAfter(handIns, deaths);
  await openPorts(start, { engine, streams, jobs, cluster, registry, run: farm.run, notReady, onLost, news });
  await untilOver(running, signal);
}

type Writing = Pick<FileWorkParts, "files" | "log" | "post" | "read"> & { readonly reports: ReportWriter };

function fileWorkOf(world: Writing): FileWork {
  const keepBroken = brokenKeeper({ ...world, clock: systemClock });
  return new FileWork({ ...world, keepBroken, rng: systemRng(), after });
}

/** Who is lost may have left something, and may be dead. */
function lookingAfter(handIns: HandIns, deaths: DeathWatch): GatewayParts["onLost"] {
  return (peer) => {
    handIns.lookSoon();
    if (peer !== undefined) deaths.watch(peer);
  };
}

function endEngine(engine: Engine, books: Books, running: Promise<void>): Promise<void> {
  engine.close();
  books.abandon(); // A commit that waits for space is not waited for: nobody was told of it.
  return running.catch(() => undefined); // Its failure is told to whoever runs the driver.
}

function streamsFor({ leaseMs }: DriverConfig): Streams {
  return new Streams({ flushIntervalMs: 20, heartbeatIntervalMs: Math.floor(leaseMs / 6), leaseMs });
}

interface Ports {
  readonly engine: Engine;
  readonly streams: Streams;
  readonly jobs: JobService;
  readonly cluster: ClusterService;
  readonly registry: Registry;
  readonly run: string;
  readonly notReady: () => string | undefined;
  readonly onLost: GatewayParts["onLost"];
  readonly news: PeerNews;
}

/** What clients are told when the driver stops is on its way by then; whoever has not heard it sees the call cancelled. */
const lastWordMs = 50;

/** From here on the driver can be found and asked. */
async function openPorts(
  { config, claim, log, closers, whenRoom, gates }: Start,
  ports: Ports,
): Promise<void> {
  const trust = await whenRoom(() => trustOf(config, ports.run, log));
  const http = await startHttpServer({
    host: config.host,
    registry: ports.registry,
    trust,
    notReady: ports.notReady,
  });
  closers.add("http", () => http.close());
  const gateway: GatewayParts = { ...ports, epoch: claim.epoch, clock: systemClock, log };
  const grpc = await startGrpcServer({
    host: config.host,
    port: config.port,
    trust,
    services: servicesOf(ports, gateway),
    gates,
    log,
  });
  closers.add("grpc", async () => {
    ports.jobs.close();
    ports.cluster.close();
    await new Promise((resolve) => after(lastWordMs, () => resolve(undefined)));
    grpc.close();
  });
  grpc.setServing(true);
  const address: DriverAddress = {
    host: reachableHost(config.host),
    port: grpc.port,
    httpPort: http.port,
    run: ports.run,
    epoch: claim.epoch,
    pid: process.pid,
    isPlain: trust === "plain",
    hostname: hostname(),
  };
  await whenRoom(() => writeAddress(config.workdir, address));
  log.info("driver ready", { ...address });
}

/** What the driver's ports show of themselves: a certificate of its own, made at each start. */
async function trustOf(config: DriverConfig, run: string, log: Logger): Promise<ServerTrust> {
  if (config.isPlain) {
    log.warn("streams are NOT ENCRYPTED, and everybody on this machine may ask everything: for tests only");
    return "plain";
  }
  return (await ensureAuthority(config.workdir, run)).issue({ role: "driver", name: undefined });
}

/** Until told to stop; rejects when the engine can't go on. */
async function untilOver(running: Promise<void>, signal: AbortSignal): Promise<void> {
  let stop: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (stop = resolve));
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    await Promise.race([told, running]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** For logs and file names: who looks at two runs can tell them apart. */
function newRunName(): string {
  return randomBytes(6).toString("hex");
}
