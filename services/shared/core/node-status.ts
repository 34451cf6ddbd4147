// How a node stands, as driver and command line tell it.

import type { Labels } from "./labels.js";

export const nodeStates = ["at work", "idle", "draining", "drained", "quarantined", "away"] as const;
export type NodeState = (typeof nodeStates)[number];

/** What is counted is of all its actors and mergers together. */
export interface NodeStatus {
  readonly name: string;
  readonly state: NodeState;
  /** Why it stands so; of one that is at work or idle, what it waits for with room, if it does. */
  readonly reason: string;
  /** Undefined when it is not known. */
  readonly sinceUnixMs: number | undefined;
  /** A hundred of them at most, like the mergers. */
  readonly actors: readonly string[];
  readonly mergers: readonly string[];
  readonly labels: Labels;
  readonly slots: number;
  readonly slotsBusy: number;
  readonly rangesHeld: number;
  readonly groupsHeld: number;
  readonly rangesDone: number;
  readonly failures: number;
  readonly groupsMerged: number;
  readonly mergesFailed: number;
  /** Of its wall time; undefined when nobody knows. */
  readonly allocationLeftMs: number | undefined;
  /** Why it is so; undefined when it is not. */
  readonly quarantine: string | undefined;
  readonly drain: string | undefined;
}
