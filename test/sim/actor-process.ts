// An actor process on its node: the real core, and payloads that take their time, fail, and write outputs.

import { step, wakeAtMs } from "../../services/actor/core/actor.js";
import type { HeldRange } from "../../services/actor/core/held.js";
import type { ActorMessage } from "../../services/actor/core/message.js";
import {
  contradictionOf,
  newActor,
  tallyOf,
  type Actor,
  type ActorTally,
} from "../../services/actor/core/state.js";
import type { ActorAction, ActorEvent } from "../../services/actor/core/step.js";
import { assert, unreachable } from "../../services/shared/core/assert.js";
import { failureOf } from "../../services/shared/core/failure.js";
import type { JobPlanView } from "../../services/shared/core/job-plan.js";
import { outputPath } from "../../services/shared/core/names.js";
import type { Between, Dice } from "./dice.js";
import { Dialling } from "./dialling.js";
import type { HandInShelf } from "./hand-ins.js";
import type { Network } from "./network.js";
import type { Profile } from "./profile.js";
import type { SharedFiles } from "./shared-files.js";
import { checksumOf, sizeOf, type SimFile } from "./sim-file.js";
import type { Peer, Sight } from "./sighting.js";
import { Lifetime, type Timeline } from "./timeline.js";
import { actorTongue } from "./tongues.js";
import { Wakeup } from "./wakeup.js";

export interface PeerWorld {
  readonly timeline: Timeline;
  readonly network: Network;
  readonly files: SharedFiles;
  readonly handIns: HandInShelf;
  readonly sight: Sight;
  readonly complain: (promise: string, flaw: string) => void;
  readonly profile: Profile;
  /** Whether things may still go wrong. */
  readonly isCalm: () => boolean;
}

/** When an output is damaged, after it was stored. */
const damageMs: readonly Between[] = [
  [0, 1_000],
  [0, 20_000],
];
/** Memory is written out by itself after so long. */
const writebackMs = 30_000;

export class ActorProcess {
  readonly peer: Peer;
  readonly lifetime = new Lifetime();
  readonly #world: PeerWorld;
  readonly #dice: Dice;
  readonly #actor: Actor;
  readonly #dialling: Dialling<ActorMessage, Parameters<typeof actorTongue.word>[0], never, never>;
  readonly #wakeup: Wakeup;
  readonly #onExit: (why: string) => void;
  /** Payloads, by slot. */
  readonly #runs = new Map<number, Lifetime>();

  constructor(
    world: PeerWorld,
    dice: Dice,
    who: { readonly peer: Peer; readonly slots: number },
    onExit: (why: string) => void,
  ) {
    this.#world = world;
    this.#dice = dice;
    this.peer = who.peer;
    this.#onExit = onExit;
    this.#actor = newActor({
      actor: who.peer.name,
      incarnation: who.peer.incarnation,
      node: { name: who.peer.node, cores: who.slots, labels: {} },
      slots: who.slots,
      allocationEndsAtMs: undefined,
      prefetchMs: dice.pick([500, 5_000]),
      prefetchMax: Math.max(who.slots, dice.pick([4, 64])),
      stagingMax: dice.pick([1, 16]),
      handInMs: 5_000,
      welcomeWaitMs: 30_000,
    });
    this.#wakeup = new Wakeup(world.timeline, this.lifetime, () => this.#tell({ kind: "tick" }));
    this.#dialling = new Dialling(world, dice, {
      peer: who.peer,
      lifetime: this.lifetime,
      tongue: actorTongue as never,
      onUp: () => this.#tell({ kind: "link-up" }),
      onMessage: (message) => this.#tell({ kind: "message", message }),
      onDown: (reason, fenced) => this.#tell({ kind: "link-down", reason, fenced }),
    });
  }

  get tally(): ActorTally {
    return tallyOf(this.#actor);
  }

  begin(): void {
    this.#dialling.begin();
  }

  /** SIGTERM, with so much time to finish what runs. */
  drain(graceMs: number): void {
    this.#tell({ kind: "drain-requested", reason: "told to stop", graceMs });
  }

  #tell(event: ActorEvent): void {
    const { timeline, complain } = this.#world;
    for (const action of step(this.#actor, event, timeline.nowMs)) this.#perform(action);
    const flaw = contradictionOf(this.#actor);
    if (flaw !== undefined) complain("actor", `${this.peer.name}: ${flaw}`);
    this.#wakeup.set(wakeAtMs(this.#actor, timeline.nowMs));
  }

  #perform(action: ActorAction): void {
    switch (action.kind) {
      case "send":
        this.#dialling.send(action.message);
        break;
      case "start-range":
        this.#start(action.slot, action.held, action.plan);
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
      case "close-link":
        this.#dialling.renew();
        break;
      case "exit":
        this.#dialling.leave();
        this.lifetime.end();
        this.#onExit(`${action.exit}: ${action.reason}`);
        break;
      default:
        unreachable(action);
    }
  }

  #start(slot: number, held: HeldRange, plan: JobPlanView): void {
    const { timeline, profile, sight } = this.#world;
    const { eventMs, slowChance, slowFactor, failChance, failClasses } = profile.payload;
    const events = plan.layout.eventsIn({ first: [held.range], count: [1] });
    let wallMs = events * this.#dice.between(eventMs);
    if (!this.#world.isCalm() && this.#dice.chance(slowChance)) {
      wallMs *= slowFactor;
      sight({ kind: "fault", fault: "slow-event", what: `range ${held.range} on ${this.peer.name}` });
    }
    const run = new Lifetime(this.lifetime);
    this.#runs.set(slot, run);
    sight({ kind: "payload-began", peer: this.peer, copy: held });
    const failureClass = this.#dice.chance(failChance) ? this.#dice.pick(failClasses) : undefined;
    const endsInMs = failureClass === undefined ? wallMs : wallMs * this.#dice.rng.next();
    timeline.after(endsInMs, run, () => {
      this.#runs.delete(slot);
      if (failureClass === undefined) this.#store({ slot, held, plan, wallMs: Math.round(wallMs) });
      else {
        const failure = failureOf(failureClass, `the payload failed (${failureClass})`);
        sight({ kind: "payload-failed", peer: this.peer, copy: held, failure });
        sight({ kind: "fault", fault: "payload-failure", what: `range ${held.range}: ${failureClass}` });
        this.#tell({ kind: "range-ended", held, outcome: { kind: "failure", failure } });
      }
    });
  }

  /** Moves the output to the shared file system, syncs it where the job says so, and has it reported. */
  #store({
    slot,
    held,
    plan,
    wallMs,
  }: {
    slot: number;
    held: HeldRange;
    plan: JobPlanView;
    wallMs: number;
  }): void {
    const { timeline, files, profile } = this.#world;
    const { storeMs } = profile.payload;
    this.#tell({ kind: "payload-ended", slot });
    const path = pathOf(held, plan);
    const file: SimFile = { copies: [held], isDamaged: false };
    timeline.after(this.#dice.between(storeMs), this.lifetime, () => {
      files.write(path, file, this.peer.node);
      const isStrict = plan.spec.durability === "strict";
      timeline.after(isStrict ? this.#dice.between(storeMs) : 0, this.lifetime, () => {
        if (isStrict) files.sync(path);
        else timeline.after(writebackMs, new Lifetime(), () => files.sync(path));
        this.#mayDamage(path);
        const outcome = {
          kind: "output",
          sizeBytes: sizeOf(file),
          adler32: checksumOf(file),
          wallMs,
        } as const;
        this.#tell({ kind: "range-ended", held, outcome });
      });
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
      this.#tell({ kind: "range-ended", held, outcome: { kind: "aborted" } });
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
