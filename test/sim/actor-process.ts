// An actor process on its node: the real core, and payloads that take their time, fail, and write outputs.

import { step, wakeAtMs } from "../../services/actor/core/actor.js";
import type { HeldRange } from "../../services/actor/core/held.js";
import type { ActorMessage, DriverMessage } from "../../services/actor/core/message.js";
import {
  contradictionOf,
  newActor,
  tallyOf,
  type Actor,
  type ActorTally,
} from "../../services/actor/core/state.js";
import type { ActorAction, ActorEvent } from "../../services/actor/core/step.js";
import { assert, unreachable } from "../../services/shared/core/assert.js";
import { failureOf, type FailureClass } from "../../services/shared/core/failure.js";
import type { JobPlanView } from "../../services/shared/core/job-plan.js";
import { outputPath } from "../../services/shared/core/names.js";
import type { PeerAction } from "../../services/shared/core/peer-step.js";
import { noNeeds } from "../../services/shared/core/payload-needs.js";
import { Dice, type Between } from "./dice.js";
import { NodeCores } from "./node-cores.js";
import { handInMs, PeerProcess, type PeerWorld, type Who } from "./peer-process.js";
import { checksumOf, sizeOf, type SimFile } from "./sim-file.js";
import type { Peer } from "./sighting.js";
import { Lifetime } from "./timeline.js";
import { actorTongue } from "./tongues.js";

/** What only actors want done. */
type OwnAction = Exclude<ActorAction, PeerAction | { kind: "send" }>;

/** When an output is damaged, after it was stored. */
const damageMs: readonly Between[] = [
  [0, 1_000],
  [0, 20_000],
];
/** Memory is written out by itself after so long. */
const writebackMs = 30_000;
/** A broken node is done with a payload at once. */
const blackHoleMs = [1, 10] as const;

export class ActorProcess {
  readonly peer: Peer;
  readonly #world: PeerWorld;
  readonly #dice: Dice;
  readonly #who: Who;
  readonly #actor: Actor;
  readonly #process: PeerProcess<ActorEvent, OwnAction, ActorMessage, DriverMessage>;
  /** Payloads, by slot. */
  readonly #runs = new Map<number, Lifetime>();
  readonly #cores: NodeCores;

  constructor(world: PeerWorld, dice: Dice, who: Who, onExit: (why: string) => void) {
    const { peer, slots, traits, allocationEndsAtMs } = who;
    this.#world = world;
    this.#dice = dice;
    this.#who = who;
    this.peer = peer;
    const actor = newActor({
      actor: peer.name,
      incarnation: peer.incarnation,
      node: { name: peer.node, cores: slots, labels: traits.labels, process: undefined },
      slots,
      allocationEndsAtMs,
      prefetchMs: dice.pick([500, 5_000]),
      prefetchMax: Math.max(slots, dice.pick([4, 64])),
      stagingMax: dice.pick([1, 16]),
      handInMs,
      welcomeWaitMs: 30_000,
    });
    this.#actor = actor;
    this.#cores = new NodeCores(slots);
    const core = {
      tongue: actorTongue as never,
      step: (event: ActorEvent, nowMs: number) => step(actor, this.#heard(event), nowMs),
      wakeAtMs: (nowMs: number) => wakeAtMs(actor, nowMs),
      contradiction: () => contradictionOf(actor),
      perform: (action: OwnAction) => this.#perform(action),
    };
    this.#process = new PeerProcess(world, { peer, dice }, core, onExit);
  }

  get lifetime(): Lifetime {
    return this.#process.lifetime;
  }

  get tally(): ActorTally {
    return tallyOf(this.#actor);
  }

  begin(): void {
    this.#process.begin();
  }

  /** SIGTERM, with so much time to finish what runs. */
  drain(graceMs: number): void {
    this.#process.drain(graceMs);
  }

  #heard(event: ActorEvent): ActorEvent {
    if (event.kind !== "message") return event;
    this.#cores.hear(event.message);
    const { word } = event.message;
    if (this.#world.peers.hearsCores || word.kind !== "open-job") return event;
    const payload = { ...word.spec.payload, needs: noNeeds };
    return {
      ...event,
      message: { ...event.message, word: { ...word, spec: { ...word.spec, payload } } },
    };
  }

  #perform(action: OwnAction): void {
    switch (action.kind) {
      case "start-range":
        this.#start(action.slot, action.held, action.plan);
        break;
      case "recall-range":
        assert(false, "nothing is handed over ahead of a payload of kind exec");
        break;
      case "abort-range":
        this.#abort(action.slot, action.held);
        break;
      case "hand-in":
        this.#world.sight({ kind: "fault", fault: "left-behind", what: this.peer.name });
        for (const job of action.jobs) this.#world.handIns.leave(this.peer, action.run, job);
        break;
      case "remove-output":
        this.#remove(pathOf(action.held, action.plan));
        break;
      case "count-lost":
        break; // Nobody looks at slots' time here.
      case "stop-storing":
        break; // There is always room.
      case "end-job":
        break; // Its payloads are gone with their ranges.
      default:
        unreachable(action);
    }
  }

  #start(slot: number, held: HeldRange, plan: JobPlanView): void {
    const { timeline, sight } = this.#world;
    const run = new Lifetime(this.lifetime);
    this.#runs.set(slot, run);
    const flaw = this.#cores.take(slot, held.job);
    if (flaw !== undefined) this.#world.complain("cores", `${this.peer.name}: ${flaw}`);
    sight({ kind: "payload-began", peer: this.peer, copy: held });
    const wallMs = this.#wallMsOf(held, plan);
    if (this.#isPoisonous(held)) {
      sight({ kind: "fault", fault: "poison", what: `range ${held.range} of job ${held.job}` });
      timeline.after(wallMs * this.#dice.rng.next(), run, this.#who.takeNodeAlong);
      return;
    }
    const failureClass = this.#failureOf();
    const endsInMs = failureClass === undefined ? wallMs : wallMs * this.#dice.rng.next();
    timeline.after(endsInMs, run, () => {
      this.#runs.delete(slot);
      this.#cores.leave(slot);
      if (failureClass === undefined) this.#finish({ held, plan, wallMs: Math.round(wallMs) });
      else {
        const failure = failureOf(failureClass, `the payload failed (${failureClass})`);
        sight({ kind: "payload-failed", peer: this.peer, copy: held, failure });
        sight({ kind: "fault", fault: "payload-failure", what: `range ${held.range}: ${failureClass}` });
        this.#process.tell({ kind: "range-ended", held, outcome: { kind: "failure", failure } });
      }
    });
  }

  #wallMsOf({ range }: HeldRange, plan: JobPlanView): number {
    const { isBlackHole, slowness } = this.#who.traits;
    if (isBlackHole) return this.#dice.between(blackHoleMs);
    const { eventMs, slowChance, slowFactor } = this.#world.profile.payload;
    const events = plan.layout.eventsIn({ first: [range], count: [1] });
    const wallMs = slowness * events * this.#dice.between(eventMs);
    if (this.#world.isCalm() || !this.#dice.chance(slowChance)) return wallMs;
    this.#world.sight({ kind: "fault", fault: "slow-event", what: `range ${range} on ${this.peer.name}` });
    return wallMs * slowFactor;
  }

  /** Wherever it runs. */
  #isPoisonous({ job, range }: HeldRange): boolean {
    return new Dice(range, `poison of job ${job}`).chance(this.#world.profile.payload.poisonChance);
  }

  #failureOf(): FailureClass | undefined {
    const { failChance, failClasses } = this.#world.profile.payload;
    if (this.#who.traits.isBlackHole) return "node";
    return this.#dice.chance(failChance) ? this.#dice.pick(failClasses) : undefined;
  }

  #finish(made: { held: HeldRange; plan: JobPlanView; wallMs: number }): void {
    const { held, plan, wallMs } = made;
    if (plan.spec.outputs === "files") this.#store(made);
    else this.#process.tell({ kind: "range-ended", held, outcome: { kind: "done", wallMs } });
  }

  /** Moves the output to the shared file system, syncs it where the job says so, and has it reported. */
  #store({ held, plan, wallMs }: { held: HeldRange; plan: JobPlanView; wallMs: number }): void {
    const { timeline, files, profile, peers } = this.#world;
    const { storeMs } = profile.payload;
    this.#process.tell({ kind: "payload-ended", held });
    const path = pathOf(held, plan);
    const file: SimFile = { copies: [held], isDamaged: false };
    const isStrict = plan.spec.durability === "strict" && peers.syncsOutputs;
    const soon = (run: () => void): void =>
      timeline.after(this.#dice.between(storeMs) / 2, this.lifetime, run);
    const report = (): void => {
      this.#mayDamage(path);
      const outcome = { kind: "output", sizeBytes: sizeOf(file), adler32: checksumOf(file), wallMs } as const;
      this.#process.tell({ kind: "range-ended", held, outcome });
    };
    soon(() => {
      files.write(path, file, this.peer.node);
      timeline.after(writebackMs, new Lifetime(), () => {
        files.syncContent(path);
        files.syncName(path);
      });
      if (!isStrict) report();
      else {
        soon(() => {
          files.syncContent(path);
          soon(() => {
            files.syncName(path);
            report();
          });
        });
      }
    });
  }

  #mayDamage(path: string): void {
    const { timeline, files, profile, sight } = this.#world;
    if (this.#world.isCalm() || !this.#dice.chance(profile.payload.damageChance)) return;
    const how = this.#dice.pick(["damaged", "vanished"] as const);
    timeline.after(this.#dice.between(this.#dice.pick(damageMs)), new Lifetime(), () => {
      if (files.read(path) === undefined || this.#world.isCalm()) return;
      sight({ kind: "fault", fault: "output-damaged", what: `${how}: ${path}` });
      files.damage(path, how);
    });
  }

  #abort(slot: number, held: HeldRange): void {
    const run = this.#runs.get(slot);
    assert(run !== undefined, "a payload runs in the slot");
    run.end();
    this.#runs.delete(slot);
    this.#world.timeline.after(this.#dice.between([0, 500]), this.lifetime, () => {
      this.#cores.leave(slot);
      this.#process.tell({ kind: "range-ended", held, outcome: { kind: "aborted" } });
    });
  }

  #remove(path: string): void {
    this.#world.timeline.after(this.#dice.between([0, 100]), this.lifetime, () => {
      this.#world.files.remove(path, this.peer.name);
    });
  }
}

function pathOf(held: HeldRange, { spec, layout }: JobPlanView): string {
  return outputPath({ ...held, events: layout.locate(held.range) }, spec.outputSuffix);
}
