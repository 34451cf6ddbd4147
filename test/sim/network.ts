// Streams between peers and the driver, and what becomes of messages on their way.
//
//   K1. What is said first on a stream, hello and welcome, comes first, and nothing overtakes the news that a job is open
//       or closed. Of the rest, any message may be overtaken by later ones and any may come twice: more than gRPC
//       does, but the cores claim to bear it.
//   K2. A stream that breaks loses what is on its way. Both ends notice, each in its own time, so that messages of an old
//       stream may reach the driver after the hello of the next one.
//   K3. While a node is cut off, or a process stands still, what its streams carry waits; when that lasts, they break.
//   K4. Who dials finds the driver that listened last. Streams to one that was replaced stay until they end.

import type { Between, Dice } from "./dice.js";
import type { NetworkProfile } from "./profile.js";
import type { Peer, Sight } from "./sighting.js";
import { Stream, type AnyStream, type Arrival, type Break, type Dialler, type Listener } from "./stream.js";
import { Lifetime, type Timeline } from "./timeline.js";

/** How long a connection that says nothing more is believed in. */
const keepaliveMs = 20_000;

export class Network {
  readonly #timeline: Timeline;
  readonly #dice: Dice;
  readonly #profile: NetworkProfile;
  readonly #sight: Sight;
  readonly #streams = new Set<AnyStream>();
  /** Nodes that are cut off, and until when. */
  readonly #cutUntilMs = new Map<string, number>();
  #lastStream = 0;
  #listener: Listener | undefined;
  #isCalm = false;

  constructor(world: { timeline: Timeline; sight: Sight }, dice: Dice, profile: NetworkProfile) {
    this.#timeline = world.timeline;
    this.#sight = world.sight;
    this.#dice = dice;
    this.#profile = profile;
  }

  /** From now on messages only take their time. */
  calmDown(): void {
    this.#isCalm = true;
    this.#cutUntilMs.clear();
  }

  /** (K4) */
  listen(listener: Listener): void {
    this.#listener = listener;
  }

  /** A driver is gone. */
  silence(driver: Lifetime): void {
    for (const stream of this.#streams) {
      if (stream.listener.lifetime === driver)
        stream.breakOff({ ...this.#break("the driver is gone"), driverInMs: 0 });
    }
  }

  /** A process, of a driver or a peer, stands still: its streams break when keepalive says so (K3). */
  hang(lifetime: Lifetime, isOfIt: (stream: AnyStream) => boolean): void {
    this.#timeline.after(keepaliveMs, new Lifetime(), () => {
      if (!lifetime.isPaused) return;
      for (const stream of this.#streams)
        if (isOfIt(stream)) stream.breakOff(this.#break("keepalive timed out"));
    });
  }

  /** One try. False when there is nobody, or no way. */
  dial<Message, Heard, Request, Response>(dialler: Dialler<Message, Heard, Request, Response>): boolean {
    const listener = this.#listener;
    if (listener === undefined || listener.lifetime.isOver || listener.lifetime.isPaused) return false;
    if (this.#heldMs(dialler.peer.node) > 0) return false;
    this.#lastStream += 1;
    const parts = { timeline: this.#timeline, sight: this.#sight, number: this.#lastStream, listener };
    const stream = new Stream(dialler, parts, {
      passage: (direction, isOrdered) => this.#passage(dialler.peer, direction, isOrdered),
      forget: () => this.#streams.delete(stream),
    });
    this.#streams.add(stream);
    stream.begin();
    return true;
  }

  /** The peer's process is gone without a word. */
  drop(peer: Peer): void {
    for (const stream of this.#streams) {
      if (stream.peer.incarnation !== peer.incarnation) continue;
      stream.breakOff({ ...this.#break("the peer is gone"), peerInMs: 0 });
    }
  }

  /** A fault: some stream breaks. */
  breakSome(): void {
    const streams = [...this.#streams].filter((stream) => !stream.isOver);
    if (streams.length === 0) return;
    const stream = this.#dice.pick(streams);
    this.#sight({ kind: "fault", fault: "stream-broken", what: stream.peer.name });
    stream.breakOff(this.#break("the connection broke"));
  }

  /** A fault: a node can't be reached for a while. */
  cutOff(node: string, ms: number): void {
    this.#sight({ kind: "fault", fault: "partition", what: `${node} for ${(ms / 1_000).toFixed(1)} s` });
    this.#cutUntilMs.set(node, this.#timeline.nowMs + ms);
    if (ms < keepaliveMs) return;
    this.#timeline.after(keepaliveMs, new Lifetime(), () => {
      if (this.#heldMs(node) === 0) return;
      for (const stream of this.#streams) {
        if (stream.peer.node === node) stream.breakOff(this.#break("keepalive timed out"));
      }
    });
  }

  /** How long what a node sends or gets is held up. */
  #heldMs(node: string): number {
    return Math.max(0, (this.#cutUntilMs.get(node) ?? 0) - this.#timeline.nowMs);
  }

  #break(why: string): Break {
    return {
      why,
      peerInMs: this.#noticeMs(),
      driverInMs: this.#noticeMs(),
      isLossy: this.#dice.chance(0.5),
    };
  }

  #noticeMs(): number {
    return this.#dice.chance(0.7) ? this.#dice.between([0, 200]) : this.#dice.between([0, keepaliveMs]);
  }

  /** When a message comes, from now: once, twice, and in its turn or not (K1). */
  #passage(peer: Peer, direction: string, isOrdered: boolean): readonly Arrival[] {
    const { latencyMs, strayMs, overtakeChance, repeatChance } = this.#profile;
    const heldMs = this.#heldMs(peer.node);
    const inMs = heldMs + this.#dice.between(latencyMs);
    if (isOrdered || this.#isCalm) return [{ inMs, isInTurn: true }];
    const stray = (fault: "message-overtaken" | "message-repeated", bounds: Between): Arrival => {
      this.#sight({ kind: "fault", fault, what: `${direction} ${peer.name}` });
      return { inMs: inMs + this.#dice.between(bounds), isInTurn: false };
    };
    const isOvertaken = this.#dice.chance(overtakeChance);
    const arrivals = [isOvertaken ? stray("message-overtaken", strayMs) : { inMs, isInTurn: true }];
    if (this.#dice.chance(repeatChance)) arrivals.push(stray("message-repeated", strayMs));
    return arrivals;
  }
}
