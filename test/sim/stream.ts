// One stream between a peer and the driver, and when what is said on it arrives (network.ts, K1 and K2).

import type { Peer, Said, Sight, Word } from "./sighting.js";
import { StreamCall, type ClosingStatus } from "./stream-call.js";
import type { Lifetime, Timeline } from "./timeline.js";

/** What stands between a peer's words and the messages that the driver's gateway takes. */
export interface Tongue<Message, Heard, Request, Response> {
  /** Through bytes and back, as over a wire. */
  readonly toRequest: (message: Message) => Request;
  /** What a response says, in its order. */
  readonly fromResponse: (response: Response) => readonly Heard[];
  readonly said: (message: Message) => Said;
  readonly word: (heard: Heard) => Word;
}

/** The side that dials. */
export interface Dialler<Message, Heard, Request, Response> {
  readonly peer: Peer;
  readonly lifetime: Lifetime;
  readonly tongue: Tongue<Message, Heard, Request, Response>;
  readonly onUp: (link: PeerLink<Message>) => void;
  readonly onMessage: (heard: Heard) => void;
  readonly onDown: (reason: string, fenced: boolean) => void;
}

/** A stream that is up, as its dialler sees it. */
export interface PeerLink<Message> {
  send(message: Message): void;
  /** Ends it in good order; `onDown` does not follow. */
  close(): void;
}

/** The side that is dialled. */
export interface Listener {
  readonly lifetime: Lifetime;
  readonly epoch: number;
  readonly accept: (role: Peer["role"], call: StreamCall<unknown, unknown>) => void;
}

/** A stream, whatever its peer speaks. */
export interface AnyStream {
  readonly peer: Peer;
  readonly listener: Listener;
  readonly isOver: boolean;
  breakOff(how: Break): void;
}

/** How a stream breaks: when each end notices, and whether the driver still gets what is on its way by then. */
export interface Break {
  readonly why: string;
  readonly peerInMs: number;
  readonly driverInMs: number;
  readonly isLossy: boolean;
}

/** When a message comes, from now. */
export interface Arrival {
  readonly inMs: number;
  /** Not before what was sent before it. */
  readonly isInTurn: boolean;
}

interface StreamParts {
  readonly timeline: Timeline;
  readonly sight: Sight;
  readonly number: number;
  readonly listener: Listener;
}

interface StreamOwner {
  readonly passage: (direction: "to" | "from", isOrdered: boolean) => readonly Arrival[];
  readonly forget: () => void;
}

export class Stream<Message, Heard, Request, Response> implements AnyStream, PeerLink<Message> {
  readonly #dialler: Dialler<Message, Heard, Request, Response>;
  readonly #parts: StreamParts;
  readonly #owner: StreamOwner;
  readonly #call: StreamCall<unknown, unknown>;
  /** The peer's end, and the driver's. */
  #peerSide: "dialling" | "up" | "down" = "dialling";
  #driverSide: "up" | "down" = "up";
  /** What is sent in turn comes not before this. */
  readonly #lastAtMs = { to: 0, from: 0 };
  /** Nothing that is sent later comes before this. */
  readonly #barrierAtMs = { to: 0, from: 0 };
  #wordsSaid = 0;
  #isBroken = false;
  /** Nothing more comes to the driver either. */
  #isLossy = false;

  constructor(dialler: Dialler<Message, Heard, Request, Response>, parts: StreamParts, owner: StreamOwner) {
    this.#dialler = dialler;
    this.#parts = parts;
    this.#owner = owner;
    this.#call = new StreamCall<unknown, unknown>(dialler.peer.name, {
      said: (response) => this.#sayToPeer(response as Response),
      ended: (status) => this.#endByDriver(status),
    });
  }

  get peer(): Peer {
    return this.#dialler.peer;
  }

  get listener(): Listener {
    return this.#parts.listener;
  }

  get isOver(): boolean {
    return this.#peerSide === "down" || this.#isBroken;
  }

  begin(): void {
    const { listener } = this.#parts;
    this.#carry("from", true, () => {
      listener.accept(this.peer.role, this.#call);
      this.#carry("to", true, () => {
        if (this.#peerSide !== "dialling") return;
        this.#peerSide = "up";
        this.#dialler.onUp(this);
      });
    });
  }

  send(message: Message): void {
    if (this.#peerSide !== "up") return;
    const said = this.#dialler.tongue.said(message);
    const request = this.#dialler.tongue.toRequest(message);
    this.#see({ kind: "peer-said", said });
    this.#carry("from", said.message.kind === "hello", () => {
      this.#see({ kind: "driver-heard", said });
      this.#call.arrive(request);
    });
  }

  close(): void {
    if (this.#peerSide === "down") return;
    this.#peerSide = "down";
    this.#carry("from", true, () => {
      this.#call.arriveEnd();
      this.#seeClosed(0);
    });
  }

  /** (K2) */
  breakOff(how: Break): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#isLossy = how.isLossy;
    const { timeline, listener } = this.#parts;
    timeline.after(how.peerInMs, this.#dialler.lifetime, () => this.#tellPeer(how.why, false));
    timeline.after(how.driverInMs, listener.lifetime, () => {
      this.#driverSide = "down";
      this.#call.cancel();
      this.#seeClosed(cancelledCode);
      this.#owner.forget();
    });
    if (listener.lifetime.isOver) this.#owner.forget();
  }

  #sayToPeer(response: Response): void {
    const { tongue } = this.#dialler;
    const all = tongue.fromResponse(response).map((heard) => ({ heard, word: tongue.word(heard) }));
    this.#wordsSaid += 1;
    for (const { word } of all) this.#see({ kind: "driver-said", word });
    const tellsOfJob = all.some(
      ({ word: { word } }) =>
        word.kind === "open-job" || word.kind === "extend-job" || word.kind === "close-job",
    );
    this.#carry("to", this.#wordsSaid === 1 || tellsOfJob, () => {
      for (const { heard, word } of all) {
        if (this.#peerSide !== "up") return;
        this.#see({ kind: "peer-heard", word });
        this.#dialler.onMessage(heard);
      }
    });
  }

  #endByDriver(status: ClosingStatus | undefined): void {
    this.#driverSide = "down";
    this.#seeClosed(status?.code ?? 0);
    const isFenced = status?.code === fencedCode;
    this.#carry("to", true, () => {
      this.#owner.forget();
      this.#tellPeer(status?.details ?? "the driver ended the stream", isFenced);
    });
  }

  #tellPeer(reason: string, fenced: boolean): void {
    if (this.#peerSide === "down") return;
    const wasUp = this.#peerSide === "up";
    this.#peerSide = "down";
    const { number, sight } = this.#parts;
    sight({ kind: "stream-ended", stream: number, peer: this.peer, why: reason });
    if (wasUp) this.#dialler.onDown(reason, fenced);
    else this.#dialler.onDown(reason, false);
  }

  /** Brings something to the other end, unless the stream breaks before. */
  #carry(direction: "to" | "from", isOrdered: boolean, arrive: () => void): void {
    const { timeline, listener } = this.#parts;
    const receiver = direction === "to" ? this.#dialler.lifetime : listener.lifetime;
    for (const { inMs, isInTurn } of this.#owner.passage(direction, isOrdered)) {
      const notBeforeMs = (isInTurn ? this.#lastAtMs : this.#barrierAtMs)[direction];
      const afterMs = Math.max(inMs, notBeforeMs - timeline.nowMs, 0);
      if (isInTurn) this.#lastAtMs[direction] = timeline.nowMs + afterMs;
      if (isOrdered) this.#barrierAtMs[direction] = timeline.nowMs + afterMs;
      timeline.after(afterMs, receiver, () => {
        if (!this.#isLost(direction)) arrive();
        else
          this.#parts.sight({ kind: "fault", fault: "message-lost", what: `${direction} ${this.peer.name}` });
      });
    }
  }

  /** What is on its way to the driver when a stream breaks may still come, for as long as the driver has not noticed. */
  #isLost(direction: "to" | "from"): boolean {
    return direction === "from" ? this.#driverSide === "down" || this.#isLossy : this.#isBroken;
  }

  #seeClosed(code: number): void {
    const { sight, number } = this.#parts;
    sight({ kind: "stream-closed", stream: number, peer: this.peer, code });
  }

  #see(
    seen:
      | { readonly kind: "peer-said" | "driver-heard"; readonly said: Said }
      | { readonly kind: "driver-said" | "peer-heard"; readonly word: Word },
  ): void {
    const { sight, number, listener } = this.#parts;
    sight({ ...seen, stream: number, peer: this.peer, epoch: listener.epoch });
  }
}

/** gRPC's CANCELLED. */
const cancelledCode = 1;
/** gRPC's FAILED_PRECONDITION: another process has the name. */
const fencedCode = 9;
