// What processes of actors and mergers have in common: a core that is told what happens and says what is to be done, a link
// to the driver, and one alarm.

import type { PeerAction, PeerEvent } from "../../services/shared/core/peer-step.js";
import { Dialling } from "./dialling.js";
import type { Dice } from "./dice.js";
import type { HandInShelf } from "./hand-ins.js";
import type { Network } from "./network.js";
import type { NodeTraits } from "./node-traits.js";
import type { Profile } from "./profile.js";
import type { SharedFiles } from "./shared-files.js";
import type { Peer, Sight } from "./sighting.js";
import type { Tongue } from "./stream.js";
import { Lifetime, type Timeline } from "./timeline.js";
import { Wakeup } from "./wakeup.js";

/** What a mutant may change of actors and mergers. */
export interface PeerPieces {
  /** Whether outputs are synced before they are reported, where the job says so. */
  readonly syncsOutputs: boolean;
  /** Whether mergers leave it to the driver to give a merged file its name. */
  readonly leavesPublishing: boolean;
  /** Whether actors hear how many cores a range takes. */
  readonly hearsCores: boolean;
}

export const realPeers: PeerPieces = { syncsOutputs: true, leavesPublishing: true, hearsCores: true };

/** After the grace of a drain: then whoever has not handed everything in leaves all the same. */
export const handInMs = 5_000;

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
  readonly peers: PeerPieces;
}

/** Who runs, and where. */
export interface Who {
  readonly peer: Peer;
  readonly slots: number;
  readonly traits: NodeTraits;
  /** When the node's wall time ends; undefined when nobody knows. */
  readonly allocationEndsAtMs: number | undefined;
  /** What a poisonous range does. */
  readonly takeNodeAlong: () => void;
}

type SharedEvent<Heard> = PeerEvent | { readonly kind: "message"; readonly message: Heard };
type SharedAction<Message> = PeerAction | { readonly kind: "send"; readonly message: Message };

/** A core, and how what only it wants done is done. */
export interface PeerCore<Event, Action, Message, Heard> {
  readonly tongue: Tongue<Message, Heard, unknown, unknown>;
  step(event: SharedEvent<Heard> | Event, nowMs: number): readonly (SharedAction<Message> | Action)[];
  wakeAtMs(nowMs: number): number | undefined;
  /** What in its state contradicts itself. */
  contradiction(): string | undefined;
  perform(action: Action): void;
}

export class PeerProcess<Event, Action extends { readonly kind: string }, Message, Heard> {
  readonly lifetime = new Lifetime();
  readonly #world: PeerWorld;
  readonly #peer: Peer;
  readonly #core: PeerCore<Event, Action, Message, Heard>;
  readonly #onExit: (why: string) => void;
  readonly #dialling: Dialling<Message, Heard, unknown, unknown>;
  readonly #wakeup: Wakeup;

  constructor(
    world: PeerWorld,
    { peer, dice }: { readonly peer: Peer; readonly dice: Dice },
    core: PeerCore<Event, Action, Message, Heard>,
    onExit: (why: string) => void,
  ) {
    this.#world = world;
    this.#peer = peer;
    this.#core = core;
    this.#onExit = onExit;
    this.#wakeup = new Wakeup(world.timeline, this.lifetime, () => this.tell({ kind: "tick" }));
    this.#dialling = new Dialling(world, dice, {
      peer,
      lifetime: this.lifetime,
      tongue: core.tongue,
      onUp: () => this.tell({ kind: "link-up" }),
      onMessage: (message) => this.tell({ kind: "message", message }),
      onDown: (reason, fenced) => this.tell({ kind: "link-down", reason, fenced }),
    });
  }

  begin(): void {
    this.#dialling.begin();
  }

  /** SIGTERM, with so much time to finish what runs. */
  drain(graceMs: number): void {
    this.#world.timeline.after(0, this.lifetime, () =>
      this.tell({ kind: "drain-requested", reason: "told to stop", graceMs }),
    );
  }

  tell(event: SharedEvent<Heard> | Event): void {
    const { timeline, complain } = this.#world;
    for (const action of this.#core.step(event, timeline.nowMs)) this.#perform(action);
    const flaw = this.#core.contradiction();
    if (flaw !== undefined) complain(this.#peer.role, `${this.#peer.name}: ${flaw}`);
    this.#wakeup.set(this.#core.wakeAtMs(timeline.nowMs));
  }

  #perform(action: SharedAction<Message> | Action): void {
    if (!isShared<Message>(action)) this.#core.perform(action);
    else if (action.kind === "send") this.#dialling.send(action.message);
    else if (action.kind === "close-link") this.#dialling.renew();
    else {
      this.#dialling.leave();
      this.lifetime.end();
      this.#onExit(`${action.exit}: ${action.reason}`);
    }
  }
}

function isShared<Message>(action: { readonly kind: string }): action is SharedAction<Message> {
  return action.kind === "send" || action.kind === "close-link" || action.kind === "exit";
}
