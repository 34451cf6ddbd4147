// One simulated world: a driver, actors, mergers and a client, from one seed to its end.
//
// While things go wrong the oracles watch; from `quietAtMs` on nothing more does, and then every job has to come to its end.

import { Client } from "./client.js";
import { Crew } from "./crew.js";
import { Dice } from "./dice.js";
import { realPieces, type DriverPieces } from "./driver-pieces.js";
import { DriverSeat } from "./driver-seat.js";
import { HandInShelf } from "./hand-ins.js";
import { JournalDisk } from "./journal-disk.js";
import { Operator } from "./operator.js";
import { Network } from "./network.js";
import { JournalReader } from "./oracle/journal.js";
import { Watch } from "./oracle/watch.js";
import { realPeers, type PeerPieces } from "./peer-process.js";
import { profileOf } from "./profile-of.js";
import type { Profile } from "./profile.js";
import { SharedFiles } from "./shared-files.js";
import type { FaultKind, Peer, Sighting } from "./sighting.js";
import { Lifetime, Timeline } from "./timeline.js";

/** A promise that was broken. */
export interface Finding {
  readonly promise: string;
  readonly flaw: string;
  readonly atMs: number;
}

export interface Outcome {
  readonly seed: number;
  /** The first one; undefined when all promises were kept. */
  readonly finding: Finding | undefined;
  readonly simulatedMs: number;
  readonly faults: ReadonlyMap<FaultKind, number>;
}

export interface WorldOptions {
  readonly pieces?: DriverPieces;
  readonly peers?: PeerPieces;
  /** Told everything that is seen. */
  readonly onlooker?: (sighting: Sighting, nowMs: number) => void;
}

/** With nothing new on the disk for so long after the last fault, the world is stuck. */
const stuckMs = 3_600_000;
/** After the last fault everything is over by then. */
const patienceMs = 12 * 3_600_000;
/** So often are nodes looked after once nothing goes wrong any more. */
const mendMs = 1_200_000;
/** For what comes late, once all jobs are over. */
const restMs = 20_000;
/** For the last ones to come to rest. */
const settleMs = 300_000;

export function simulate(seed: number, options: WorldOptions = {}): Promise<Outcome> {
  return new World(seed, options).run();
}

class World {
  readonly #seed: number;
  readonly #timeline = new Timeline();
  readonly #dice: Dice;
  readonly #profile: Profile;
  readonly #watch: Watch;
  readonly #network: Network;
  readonly #disk: JournalDisk;
  readonly #client: Client;
  readonly #operator: Operator;
  readonly #crew: Crew;
  readonly #seat: DriverSeat;
  #isCalm = false;
  #newsAtMs = 0;
  #finding: Finding | undefined;

  constructor(seed: number, { pieces = realPieces, peers = realPeers, onlooker }: WorldOptions) {
    this.#seed = seed;
    this.#dice = new Dice(seed, "world");
    const profile = profileOf(seed);
    this.#profile = profile;
    const timeline = this.#timeline;
    const isCalm = (): boolean => this.#isCalm;
    const complain = (promise: string, flaw: string): void => {
      this.#finding ??= { promise, flaw, atMs: timeline.nowMs };
    };
    const sight = (sighting: Sighting): void => {
      onlooker?.(sighting, timeline.nowMs);
      if (this.#finding === undefined) this.#watch.see(sighting);
      if (!this.#isCalm) this.#aim(sighting);
    };
    const files = new SharedFiles({ timeline, sight, isCalm }, new Dice(seed, "files"), profile.files);
    this.#watch = new Watch(files, complain, () => timeline.nowMs, profile.rules);
    const network = new Network({ timeline, sight }, new Dice(seed, "network"), profile.network);
    this.#network = network;
    const disk = new JournalDisk({ timeline, sight }, new Dice(seed, "disk"), profile.journal, () => {
      for (const facts of reader.read()) {
        this.#newsAtMs = timeline.nowMs;
        sight({ kind: "facts-durable", facts });
      }
    });
    this.#disk = disk;
    const claims = { highest: 0 };
    const reader = new JournalReader(disk.segments, claims);
    const handIns = new HandInShelf();
    const world = {
      timeline,
      network,
      disk,
      files,
      sight,
      complain,
      profile,
      isCalm,
      claims,
      peers,
      handIns,
    };
    this.#crew = new Crew(world, seed);
    this.#seat = new DriverSeat(world, seed, pieces);
    const outside = { timeline, sight, isCalm, driver: () => this.#seat.driver };
    this.#client = new Client(outside, new Dice(seed, "client"), profile.client);
    this.#operator = new Operator(outside, new Dice(seed, "operator"));
  }

  async run(): Promise<Outcome> {
    const { quietAtMs } = this.#profile;
    this.#seat.start();
    this.#crew.begin();
    this.#client.begin(quietAtMs / 2);
    this.#operator.begin(this.#profile.client.drainMeanMs);
    this.#planFaults();
    await this.#runUntil(quietAtMs, () => this.#client.isDone);
    this.#calmDown();
    await this.#runUntil(this.#timeline.nowMs + patienceMs, () => this.#client.isDone || this.#isStuck());
    await this.#end();
    return {
      seed: this.#seed,
      finding: this.#finding,
      simulatedMs: this.#timeline.nowMs,
      faults: this.#watch.faults,
    };
  }

  async #end(): Promise<void> {
    if (!this.#client.isDone) this.#complain("liveness", this.#watch.unfinished);
    await this.#runFor(restMs);
    await this.#runUntil(this.#timeline.nowMs + settleMs, () => this.#crew.unrest === undefined);
    const { unrest } = this.#crew;
    if (unrest !== undefined) this.#complain("liveness", `all jobs are over, and ${unrest}`);
    if (this.#finding === undefined) this.#watch.end();
    // The next driver reads what this one has left behind.
    this.#seat.crash();
    await this.#runUntil(this.#timeline.nowMs + settleMs, () => this.#seat.driver?.hasStarted === true);
  }

  #runFor(ms: number): Promise<void> {
    return this.#runUntil(this.#timeline.nowMs + ms, () => false);
  }

  async #runUntil(untilMs: number, isEnough: () => boolean): Promise<void> {
    while (this.#finding === undefined && !isEnough()) {
      try {
        if (!this.#timeline.step(untilMs)) return;
      } catch (error) {
        this.#complain("program", error instanceof Error ? (error.stack ?? error.message) : String(error));
      }
      await settled();
    }
  }

  #complain(promise: string, flaw: string): void {
    this.#finding ??= { promise, flaw, atMs: this.#timeline.nowMs };
  }

  #isStuck(): boolean {
    return this.#timeline.nowMs - this.#newsAtMs > stuckMs;
  }

  #calmDown(): void {
    this.#isCalm = true;
    this.#newsAtMs = this.#timeline.nowMs;
    this.#network.calmDown();
    this.#disk.calmDown();
    this.#mendAgain();
  }

  #mendAgain(): void {
    this.#timeline.after(mendMs, new Lifetime(), () => {
      if (this.#client.isDone) return;
      this.#crew.mend(this.#watch.books.quarantined);
      this.#mendAgain();
    });
  }

  #planFaults(): void {
    const { network, processes } = this.#profile;
    this.#again(network.breakMeanMs, () => this.#network.breakSome());
    this.#again(network.partitionMeanMs, () => {
      this.#network.cutOff(this.#dice.pick(this.#crew.nodes), this.#dice.between(network.partitionMs));
    });
    this.#again(processes.driverCrashMeanMs, () => this.#seat.crash());
    this.#again(processes.driverPauseMeanMs, () => this.#seat.pause());
    this.#again(processes.takeOverMeanMs, () => this.#seat.takeOver());
    this.#again(processes.peerPauseMeanMs, () => this.#crew.pause());
    this.#again(processes.actorCrashMeanMs, () => this.#crew.crashSome("actor"));
    this.#again(processes.mergerCrashMeanMs, () => this.#crew.crashSome("merger"));
    this.#again(processes.twinMeanMs, () => this.#crew.twin());
    this.#again(processes.drainMeanMs, () => this.#crew.drain());
  }

  /** Perhaps kills a process at the moment when it does something that matters. */
  #aim(sighting: Sighting): void {
    const target = targetOf(sighting);
    const { aimedChance, aimedMs } = this.#profile.processes;
    if (target === undefined || !this.#dice.chance(aimedChance)) return;
    this.#timeline.after(this.#dice.between(aimedMs), new Lifetime(), () => {
      if (this.#isCalm) return;
      if (target === "driver") this.#seat.crash();
      else this.#crew.crash(target);
    });
  }

  /** Until the world is calm. */
  #again(meanMs: number | undefined, run: () => void): void {
    if (meanMs === undefined) return;
    this.#timeline.after(this.#dice.next(meanMs), new Lifetime(), () => {
      if (this.#isCalm) return;
      run();
      this.#again(meanMs, run);
    });
  }
}

/** Who does something that matters. */
function targetOf(sighting: Sighting): Peer | "driver" | undefined {
  switch (sighting.kind) {
    case "frame-written":
    case "facts-durable":
    case "file-renamed":
    case "report-written":
      return "driver";
    case "file-removed":
      return sighting.by === "driver" ? "driver" : undefined;
    case "payload-began":
    case "merge-tried":
      return sighting.peer;
    case "peer-said":
      return sighting.said.message.kind === "heartbeat" ? undefined : sighting.peer;
    case "peer-heard":
      return sighting.peer;
    default:
      return undefined;
  }
}

/** All promises that could go on have gone on: nothing in a simulation waits for the real world. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve)); // Twice, since what goes on may itself use it once.
  });
}
