// What a merger knows. Only core/ changes it; io/ and the simulator read it through `tallyOf`.
//
//   S1. A lent group is in exactly one place: waiting, in a slot, or in the outbox.
//   S2. What is held does not grow beyond what was asked for: nothing is lent while the driver is away.

import type { GrantNumber, JobNumber } from "../../shared/core/id.js";
import type { JobPlan } from "../../shared/core/job-plan.js";
import { newPeer, type PeerSettings, type PeerState } from "../../shared/core/peer-state.js";
import type { LentGroup, MergeGrant, MergeReport } from "./message.js";

/** What a merger is told when it begins. */
export interface MergerSettings extends PeerSettings {
  /** The same for as long as the node is lent. */
  readonly merger: string;
  /** Groups that may wait for a slot here, and so for no other merger, while merges are short; from 0. */
  readonly prefetch: number;
  /** A merge is short when it takes less. */
  readonly shortMergeMs: number;
}

/** A job, as far as the merger was told of it. `grants` are those that it has seen. */
export interface Job {
  readonly grants: Set<GrantNumber>;
  state:
    | { readonly kind: "unopened" }
    | { readonly kind: "open"; readonly plan: JobPlan }
    | { readonly kind: "closed" };
}

/** What is to become of a merge that runs: reported; or ended and handed back; or ended and forgotten. */
export type Fate = "wanted" | "returning" | "dropped";

export interface Run {
  readonly merge: MergeGrant;
  fate: Fate;
  readonly beganAtMs: number;
  /** Of all inputs. */
  readonly bytesTotal: number;
  bytesRead: number;
  /** What the driver was told last in this session, if anything was. */
  bytesSaid: number | undefined;
}

/** What came of a group that comes in parts. */
export interface Gathered {
  readonly key: string;
  readonly parts: LentGroup[];
  outputs: number;
}

/** What is reported of a lent group. */
export interface Result {
  readonly merge: MergeGrant;
  readonly report: MergeReport;
}

/** A merger, made by `newMerger` and changed by `step`. */
export interface Merger extends PeerState {
  readonly settings: MergerSettings;
  readonly jobs: Map<JobNumber, Job>;
  /** Groups that no slot has begun, in the order in which they came, by key. */
  readonly waiting: Map<string, LentGroup>;
  readonly slots: (Run | undefined)[];
  gathered: Gathered | undefined;
  /** How long the last merge took; undefined while none was done. */
  lastMergeMs: number | undefined;
  readonly outbox: {
    /** Not sent in this session, oldest first. */
    waiting: Result[];
    /** Sent and not acknowledged, by number. */
    readonly inFlight: Map<number, Result>;
    /** Never used again by this process, so that a late acknowledgement means one message or none. */
    nextNumber: number;
  };
}

export function newMerger(settings: MergerSettings): Merger {
  return {
    ...newPeer(),
    settings,
    jobs: new Map(),
    waiting: new Map(),
    slots: Array.from({ length: settings.slots }, () => undefined),
    gathered: undefined,
    lastMergeMs: undefined,
    outbox: { waiting: [], inFlight: new Map(), nextNumber: 1 },
  };
}

/** A name for a grant that a map can be keyed by: job/grant. */
export function keyOf({ job, grant }: MergeGrant): string {
  return `${String(job)}/${String(grant)}`;
}

/** Everything that the merger still holds in the driver's eyes; what was revoked is not. */
export function* heldBy(merger: Merger): Generator<MergeGrant> {
  for (const lent of merger.waiting.values()) yield lent.merge;
  for (const run of runsOf(merger)) if (run.fate !== "dropped") yield run.merge;
  for (const result of resultsOf(merger)) yield result.merge;
}

export function* runsOf(merger: Merger): Generator<Run> {
  for (const run of merger.slots) if (run !== undefined) yield run;
}

/** All results that are not acknowledged, oldest first. */
export function* resultsOf({ outbox }: Merger): Generator<Result> {
  yield* outbox.inFlight.values();
  yield* outbox.waiting;
}

/** A merger in numbers. */
export interface MergerTally {
  readonly isWelcome: boolean;
  readonly isDraining: boolean;
  readonly waiting: number;
  readonly running: number;
  readonly unacknowledged: number;
}

export function tallyOf(merger: Merger): MergerTally {
  return {
    isWelcome: merger.link.kind === "open",
    isDraining: merger.leaving.kind === "draining",
    waiting: merger.waiting.size,
    running: [...runsOf(merger)].length,
    unacknowledged: merger.outbox.inFlight.size + merger.outbox.waiting.length,
  };
}

/** What in the state contradicts itself, for tests and the simulator; undefined when nothing does (S1). */
export function contradictionOf(merger: Merger): string | undefined {
  const seen = new Set<string>();
  for (const held of heldBy(merger)) {
    const key = keyOf(held);
    if (seen.has(key)) return `grant ${key} (job/grant) is held in two places`;
    seen.add(key);
  }
  return undefined;
}
