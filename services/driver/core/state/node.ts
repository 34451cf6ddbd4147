// A node, as far as the driver judges it: who works there, and what is held against it.
//
//   N1. Blamed on a node is a range that failed there, since the job's last success there, and on no other node too: a
//       range that fails elsewhere acquits both, since then the range is bad and not the node. With its job, blame ends.
//   N2. A node is doubtful while the last that came of a range there was a failure. It is no witness then: a range that
//       failed elsewhere is not given to it while there are others, or two broken nodes would acquit each other.
//   N4. A node that is drained is given nothing; one that is in quarantine, no ranges. Neither ends the other.

import type { JobNumber, SessionNumber } from "../../../shared/core/id.js";
import type { SessionRole } from "../facts/fact.js";

/** Why a node gets no more ranges. */
export interface Quarantine {
  readonly reason: string;
  readonly sinceUnixMs: number;
}

/** A user had it given nothing more. */
export interface Drain {
  /** In the user's words; may be empty. */
  readonly reason: string;
  readonly sinceUnixMs: number;
}

export interface Node {
  readonly name: string;
  /** Of actors and mergers on it. Derived. */
  readonly sessions: Set<SessionNumber>;
  /** Sessions of its actors that are not draining. Passing. */
  readonly actors: Set<SessionNumber>;
  isDoubtful: boolean;
  readonly blamed: Map<JobNumber, Set<number>>;
  quarantine: Quarantine | undefined;
  drain: Drain | undefined;
}

export type NodeView = Readonly<Omit<Node, "sessions" | "actors" | "blamed">> & {
  readonly sessions: ReadonlySet<SessionNumber>;
  readonly actors: ReadonlySet<SessionNumber>;
  readonly blamed: ReadonlyMap<JobNumber, ReadonlySet<number>>;
};

/** So many ranges of one job are told apart: many times what it takes to be quarantined. */
export const blamedMax = 256;

export function newNode(name: string): Node {
  return {
    ...{ name, sessions: new Set(), actors: new Set(), isDoubtful: false, blamed: new Map() },
    ...{ quarantine: undefined, drain: undefined },
  };
}

/** How many ranges are blamed on it. */
export function blameOf(node: NodeView): number {
  let blame = 0;
  for (const ranges of node.blamed.values()) blame += ranges.size;
  return blame;
}

/** Whether sessions of the role are given nothing there (N4). */
export function isBarred(node: NodeView | undefined, role: SessionRole): boolean {
  if (node === undefined) return false;
  return node.drain !== undefined || (role === "actor" && node.quarantine !== undefined);
}

/** Whether anything is held against it. */
export function isSuspect(node: NodeView): boolean {
  return node.isDoubtful || node.blamed.size > 0 || node.quarantine !== undefined;
}
