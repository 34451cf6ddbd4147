// What an actor and a merger know of their session with the driver, and of their end.

import type { Epoch, SessionNumber } from "./id.js";
import type { NodeFacts } from "./peer-message.js";

/** What both are told when they begin. */
export interface PeerSettings {
  /** Made anew by each process. */
  readonly incarnation: string;
  readonly node: NodeFacts;
  /** At least 1. */
  readonly slots: number;
  /** After the grace of a drain, so long for the last results to be acknowledged. */
  readonly handInMs: number;
  /** A hello that is not answered for so long is given up, and its link with it. */
  readonly welcomeWaitMs: number;
}

/** A session with the driver. So much was `received` in it, of the `credit` that was asked for. */
export interface OpenSession {
  readonly kind: "open";
  readonly session: SessionNumber;
  flushIntervalMs: number;
  heartbeatIntervalMs: number;
  received: number;
  credit: number;
  /** When anything was said last. */
  saidAtMs: number;
  saidDraining: boolean;
}

export type PeerLink =
  | { readonly kind: "down" }
  /** The hello is on its way, the welcome is not there. */
  | { readonly kind: "greeting"; readonly sinceMs: number; received: number }
  | OpenSession;

export interface Draining {
  readonly kind: "draining";
  readonly reason: string;
  readonly abortAtMs: number;
  readonly exitAtMs: number;
  /** Since when nothing runs and there is no session; undefined while one of the two is otherwise. */
  unheardSinceMs: number | undefined;
}

export type Leaving = { readonly kind: "staying" } | Draining | { readonly kind: "left" };

export interface PeerState {
  readonly settings: PeerSettings;
  /** The highest one met. */
  epoch: Epoch | undefined;
  /** The run that it belongs to, from the first welcome on. */
  run: string | undefined;
  link: PeerLink;
  leaving: Leaving;
}

/** Before anything has happened. */
export function newPeer(): Omit<PeerState, "settings"> {
  return { epoch: undefined, run: undefined, link: { kind: "down" }, leaving: { kind: "staying" } };
}
