// A driver process: the real core, engine, journal and gateway, over a simulated disk, clock and network.
//
// What only the operating system could give is played here: the claim (one driver at a time), the clock, files (see
// driver-files.ts), and the streams' other ends.

import { Registry } from "prom-client";
import { containOld } from "../../services/driver/core/apply/contain.js";
import type { DurableFact, ReplyKey } from "../../services/driver/core/facts/fact.js";
import { explain } from "../../services/driver/core/explain/explain.js";
import type { Explanation, Question, Unknown } from "../../services/driver/core/explain/explanation.js";
import { emptyFarm, type Farm, type FarmView } from "../../services/driver/core/state/farm.js";
import { durableValueOf } from "../../services/driver/core/testing/testing-durable.js";
import { Engine } from "../../services/driver/io/engine.js";
import { FileWork } from "../../services/driver/io/file-work.js";
import type { JournalFolder } from "../../services/driver/io/journal/journal-folder.js";
import { Journal } from "../../services/driver/io/journal/journal.js";
import { makeSnapshot } from "../../services/driver/io/journal/snapshot-maker.js";
import { Snapshots } from "../../services/driver/io/journal/snapshots.js";
import { serveSession, type Dialect } from "../../services/driver/io/session-gateway.js";
import { performEffects } from "../../services/driver/io/speaker.js";
import { Streams } from "../../services/driver/io/streams.js";
import { hearActor, sayToActor } from "../../services/driver/io/wire.js";
import { hearMerger, sayToMerger } from "../../services/driver/io/wire-merger.js";
import type { Clock } from "../../services/shared/core/clock.js";
import { epochNumber, type Epoch } from "../../services/shared/core/id.js";
import { silentLogger } from "../../services/shared/io/logger.js";
import type { Cancel } from "../../services/shared/io/system-clock.js";
import { driverFiles, type Looks } from "./driver-files.js";
import type { DriverPieces } from "./driver-pieces.js";
import type { DriverOwner, DriverWorld } from "./driver-world.js";
import type { Dice } from "./dice.js";
import { DriverHandIns } from "./hand-ins.js";
import { flawsOf } from "./sanity.js";
import type { ClientAnswer, ClientAsking, Peer } from "./sighting.js";
import type { StreamCall } from "./stream-call.js";
import { Lifetime, unixMsAtStart } from "./timeline.js";

const tickMs = 1_000;
const claimReadMs = [0, 2] as const;

export class DriverProcess {
  readonly lifetime = new Lifetime();
  farm: Farm = emptyFarm();
  readonly #world: DriverWorld;
  readonly #dice: Dice;
  readonly #pieces: DriverPieces;
  readonly epoch: Epoch;
  readonly #clock: Clock;
  readonly #abandoned = new AbortController();
  readonly #answers = new Map<ReplyKey, (answer: ClientAnswer) => void>();
  readonly #streams: Streams;
  /** As the file in the workdir says at some time while it is read (services/driver/io/claims.ts, E3). */
  readonly #claim = {
    isCurrent: async (): Promise<boolean> => {
      await this.#wait(this.#dice.between(claimReadMs));
      const isCurrent = this.#pieces.isCurrent(this.epoch, this.#world.claims.highest);
      await this.#wait(this.#dice.between(claimReadMs));
      return isCurrent;
    },
  };
  #engine: Engine | undefined;
  #handIns: DriverHandIns | undefined;
  #replies = 0;
  #isCommitting = false;

  constructor(world: DriverWorld, dice: Dice, pieces: DriverPieces, epoch: number) {
    this.#world = world;
    this.#dice = dice;
    this.#pieces = pieces;
    this.epoch = epochNumber(epoch);
    const { timeline, profile } = world;
    const beganAtMs = timeline.nowMs;
    this.#clock = {
      nowMs: () => timeline.nowMs - beganAtMs + 1_000,
      unixMs: () => Math.round(unixMsAtStart + timeline.nowMs),
    };
    const { leaseMs } = profile.rules;
    const { flushIntervalMs } = profile;
    this.#streams = new Streams({ flushIntervalMs, heartbeatIntervalMs: Math.round(leaseMs / 6), leaseMs });
  }

  /** Whether it has taken its first turn, and so changed something. */
  get hasStarted(): boolean {
    return this.#engine !== undefined;
  }

  /** Whether all that was applied is durable too. */
  get isIdle(): boolean {
    return !this.#isCommitting;
  }

  /** Runs to its end. */
  begin(owner: DriverOwner): void {
    this.#run(owner).catch((error: unknown) => {
      if (!this.lifetime.isOver) owner.onEnd(error);
    });
  }

  /** `kill -9`. */
  kill(): void {
    this.lifetime.end();
    this.#abandoned.abort(new Error("the process was killed"));
  }

  /** What a client asks for. It may never be answered. */
  ask(asking: ClientAsking, answer: (answer: ClientAnswer) => void): void {
    this.#world.timeline.after(0, this.lifetime, () => {
      if (this.#engine === undefined) return;
      this.#replies += 1;
      this.#answers.set(this.#replies, answer);
      this.#engine.post({ ...asking, reply: this.#replies });
    });
  }

  /** Says why something is as it is. */
  explain(question: Question): void {
    const { sight, complain, profile } = this.#world;
    const answerOf = (farm: FarmView): Explanation | Unknown | undefined => {
      const moment = { nowMs: this.#clock.nowMs(), unixMs: this.#clock.unixMs() };
      try {
        return explain({ farm, moment, rules: profile.rules }, question);
      } catch (error) {
        complain("P9", `${JSON.stringify(question)}: ${String(error)}`);
        return undefined;
      }
    };
    this.read(answerOf, (answer) => {
      if (answer !== undefined) sight({ kind: "client-explained", question, answer });
    });
  }

  /** Reads what is committed. */
  read<Answer>(question: (farm: FarmView) => Answer, tell: (answer: Answer) => void): void {
    this.#world.timeline.after(0, this.lifetime, () => {
      if (this.#engine !== undefined) this.#readFrom(this.#engine, question, tell);
    });
  }

  /** Nothing is told by a driver that is over; what one that was replaced tells may be old. */
  #readFrom<Answer>(
    engine: Engine,
    question: (farm: FarmView) => Answer,
    tell: (answer: Answer) => void,
  ): void {
    const answered = this.#pieces.readsWait ? engine.read(question) : Promise.resolve(question(this.farm));
    answered.then(
      (answer) => {
        if (!this.lifetime.isOver && this.epoch === this.#world.claims.highest) tell(answer);
      },
      () => undefined, // Its own end says why.
    );
  }

  async #run(owner: DriverOwner): Promise<void> {
    const { disk, sight, profile } = this.#world;
    const recovered: DurableFact[] = [];
    const folder = disk.folderFor(this.lifetime);
    const journal = await Journal.open(
      folder,
      {
        epoch: this.epoch,
        clock: this.#clock,
        onState: (farm) => {
          this.farm = this.#pieces.restore(farm);
        },
        onFacts: (facts) => {
          for (const fact of facts) containOld(this.farm, fact, this.#pieces.apply);
          recovered.push(...facts);
        },
        segmentBytesMax: profile.journal.segmentBytesMax,
        waitForSpace: () => this.#wait(1_000),
      },
      this.#abandoned.signal,
    );
    sight({ kind: "driver-started", epoch: this.epoch });
    const isFromSnapshot = journal.recovery.snapshot !== undefined;
    const state = durableValueOf(this.farm);
    const stateAfter = (facts: readonly DurableFact[]): unknown => this.#stateAfter(facts);
    // What one has read that was replaced meanwhile is of no consequence: it never says a word.
    if (this.epoch === this.#world.claims.highest) {
      sight({ kind: "facts-recovered", facts: recovered, isFromSnapshot, state, stateAfter });
      owner.onRecovered(this.farm);
    }
    const engine = this.#makeEngine(journal, this.#makeSnapshots(folder, journal));
    await engine.start({
      kind: "start-driver",
      epoch: this.epoch,
      run: this.farm.run || "run-of-simulation",
    });
    this.#engine = engine;
    this.#handIns?.look(this.farm);
    this.#listen(engine);
    this.#tick(engine);
    await engine.run();
  }

  #stateAfter(facts: readonly DurableFact[]): unknown {
    const farm = emptyFarm();
    for (const fact of facts) containOld(farm, fact, this.#pieces.apply);
    return durableValueOf(farm);
  }

  #makeSnapshots(folder: JournalFolder, journal: Journal): Snapshots {
    return new Snapshots({
      ...{ folder, journal, epoch: this.epoch, clock: this.#clock, log: silentLogger },
      claim: this.#claim,
      registry: new Registry(),
      make: (from, plan, signal) => makeSnapshot(from, plan, signal, this.#pieces.apply),
      afterBytes: this.#world.profile.journal.snapshotAfterBytes,
    });
  }

  #makeEngine(real: Journal, snapshots: Snapshots): Engine {
    const { rules } = this.#world.profile;
    const journal = this.#pieces.journal(real);
    const { complain } = this.#world;
    const post: Engine["post"] = (command) => engine.post(command);
    const after = (ms: number, run: () => void): Cancel => this.#after(ms, run);
    const handIns = new DriverHandIns(this.#world, this.#dice, { post, after });
    this.#handIns = handIns;
    const looks: Looks = { read: (question) => engine.read(question), clock: this.#clock };
    const fileWork = new FileWork({
      ...driverFiles(this.#world, this.#dice, this.lifetime, looks),
      post,
      log: {
        ...silentLogger,
        error: (_, fields) => complain("P3", `file work failed: ${String(fields?.["error"])}`),
      },
      rng: this.#dice.rng,
      after,
    });
    const answer = (reply: ReplyKey, what: ClientAnswer): void => {
      this.#answers.get(reply)?.(what);
      this.#answers.delete(reply);
    };
    const jobs = { answerSubmit: answer, answerControl: answer, answerAdd: answer, tell: () => undefined };
    const cluster = { answerNode: answer };
    const engine: Engine = new Engine({
      farm: this.farm,
      journal: {
        append: async (facts) => {
          this.#isCommitting = true;
          await journal.append(facts);
        },
      },
      claim: this.#claim,
      clock: this.#clock,
      rules,
      perform: (effects, farm) => {
        this.#isCommitting = false;
        if (this.lifetime.isOver) return;
        const parts = { streams: this.#streams, jobs, cluster, fileWork, handIns, post };
        performEffects(parts, this.#pieces.effects(effects), farm);
      },
      observe: () => snapshots.look(),
      takeTurn: (farm, commands, moment, bounds) => {
        const turn = this.#pieces.takeTurn(farm, commands, moment, bounds);
        for (const [promise, flaw] of flawsOf(turn, { farm, moment, rules: bounds }, this.#pieces))
          complain(promise, flaw);
        return turn;
      },
    });
    return engine;
  }

  #listen(engine: Engine): void {
    const skip = (): void => undefined; // Who is dead shows in its lease here.
    const on = { onLost: skip, news: { hear: skip, hearMerge: skip, forget: skip }, log: silentLogger };
    const parts = { engine, streams: this.#streams, epoch: this.epoch, clock: this.#clock, ...on };
    const serve = <Request, Response>(
      call: StreamCall<unknown, unknown>,
      dialect: Dialect<Request, Response>,
    ): void => {
      serveSession(call as never, dialect, parts);
    };
    const accept = (role: Peer["role"], call: StreamCall<unknown, unknown>): void => {
      if (role === "actor")
        serve(call, { hear: hearActor, say: (sayings) => sayToActor(sayings, this.epoch) });
      else serve(call, { hear: hearMerger, say: (sayings) => sayToMerger(sayings, this.epoch) });
    };
    this.#world.network.listen({ lifetime: this.lifetime, epoch: this.epoch, accept });
  }

  #tick(engine: Engine): void {
    this.#world.timeline.after(tickMs, this.lifetime, () => {
      engine.post({ kind: "tick" });
      this.#tick(engine);
    });
  }

  #after(ms: number, run: () => void): Cancel {
    const timer = new Lifetime(this.lifetime);
    this.#world.timeline.after(ms, timer, run);
    return () => timer.end();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#world.timeline.after(ms, this.lifetime, resolve));
  }
}
