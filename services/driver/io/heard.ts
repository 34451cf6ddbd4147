// What a gateway hears on a stream, once it is parsed.

import type { JobNumber } from "../../shared/core/id.js";
import type { CountedLatency } from "../../shared/core/latencies.js";
import type { ProcessFacts } from "../../shared/core/peer-message.js";
import type { SlotTimes } from "../../shared/core/slot-times.js";
import type { Hello, StreamCommand } from "../core/facts/command.js";
import type { MergeGrant } from "../core/facts/fact.js";

type SaidInSession = Exclude<StreamCommand, { kind: "open-session" | "detach-stream" | "leave" }>;

/** A command of a stream, whoever's stream it is. */
type WithoutStream<Said> = Said extends unknown ? Omit<Said, "stream"> : never;

/** A hello as it is said: what is left of the wall time of the node, in place of when it ends. */
export type SaidHello = Omit<Hello, "allocationEndsAtMs"> & { readonly allocationLeftMs: number | undefined };

export type Heard =
  /** A hello, or a piece of one: `more` pieces follow. `epoch` is the highest that the sender has met. */
  | {
      readonly kind: "hello";
      readonly hello: SaidHello;
      readonly process: ProcessFacts | undefined;
      readonly epoch: number;
      readonly more: boolean;
    }
  /** So does one that tells of a merge. */
  | ({ readonly kind: "merging" } & MergeProgress)
  | { readonly kind: "said"; readonly command: WithoutStream<SaidInSession> }
  /** It lives: its lease is renewed. */
  | {
      readonly kind: "alive";
      /** What is left of the wall time of its node; undefined when it does not say. */
      readonly leftMs: number | undefined;
      /** How long things took that it saw since the last time. */
      readonly latencies: readonly CountedLatency[];
      /** How far ranges are that it runs, in place of what it said before; undefined when that holds still. */
      readonly running: readonly RunningEvents[] | undefined;
      /** Why what is done can't be stored; empty when nothing is in its way; undefined when it does not say. */
      readonly waitsFor: string | undefined;
      /** What became of its slots since the last time; undefined when it does not say. */
      readonly slotTimes: SlotTimes | undefined;
    };

/** How far a merge is that runs. */
export interface MergeProgress {
  readonly merge: MergeGrant;
  readonly bytesRead: number;
  readonly bytesTotal: number;
  readonly runningMs: number;
}

/** Events that are done within ranges of a job that run. */
export interface RunningEvents {
  readonly job: JobNumber;
  readonly events: number;
}

export const alive: Extract<Heard, { kind: "alive" }> = {
  kind: "alive",
  leftMs: undefined,
  latencies: [],
  running: undefined,
  waitsFor: undefined,
  slotTimes: undefined,
};
