// What a merger knows. Only core/ changes it; io/ and the simulator read it through `tallyOf`.
//
//   S1. A lent group is in exactly one place: waiting, in a slot, or in the outbox.
//   S2. What is held does not grow beyond what was asked for: nothing is lent while the driver is away.

import type { Epoch, GrantNumber, JobNumber, SessionNumber } from "../../shared/core/id.js";
import type { JobSpec } from "../../shared/core/job-spec.js";
import type { NodeFacts } from "../../shared/core/peer-message.js";
import type { LentGroup, MergeGrant, MergeReport } from "./message.js";

/** What a merger is told when it begins. */
export interface MergerSettings {
  /** The same for as long as the node is lent. */
  readonly merger: string;
  /** Made anew by each process. */
  readonly incarnation: string;
  readonly node: NodeFacts;
  /** Merges at a time; at least 1. */
  readonly slots: number;
  /** Groups that may wait for a slot here, and so for no other merger; from 0. */
  readonly prefetch: number;
  /** After the grace of a drain, so long for the last results to be acknowledged. */
  readonly handInMs: number;
  /** A hello that is not answered for so long is given up, and its link with it. */
  readonly welcomeWaitMs: number;
}

/** A job, as far as the merger was told of it. `grants` are those that it has seen. */
export interface Job {
  readonly grants: Set<GrantNumber>;
  state:
    | { readonly kind: "unopened" }
    | { readonly kind: "open"; readonly spec: JobSpec }
    | { readonly kind: "closed" };
}

/** What is to become of a merge that runs: reported; or ended and handed back; or ended and forgotten. */
export type Fate = "wanted" | "returning" | "dropped";

export interface Run {
  readonly merge: MergeGrant;
  fate: Fate;
  bytesRead: number;
  /** What the driver was told last. */
  bytesSaid: number;
}

/** What is reported of a lent group. */
export interface Result {
  readonly merge: MergeGrant;
  readonly report: MergeReport;
}

/** A session with the driver. `received` groups were lent in it, of `credit` that were asked for. */
export interface OpenSession {
  readonly kind: "open";
  readonly session: SessionNumber;
  heartbeatIntervalMs: number;
  received: number;
  credit: number;
  /** When the merger last said anything. */
  saidAtMs: number;
  saidDraining: boolean;
}

export type Link =
  | { readonly kind: "down" }
  /** The hello is on its way, the welcome is not there. */
  | { readonly kind: "greeting"; readonly sinceMs: number; received: number }
  | OpenSession;

export type Leaving =
  | { readonly kind: "staying" }
  | {
      readonly kind: "draining";
      readonly reason: string;
      readonly abortAtMs: number;
      readonly exitAtMs: number;
    }
  | { readonly kind: "left" };

/** A merger, made by `newMerger` and changed by `step`. */
export interface Merger {
  readonly settings: MergerSettings;
  /** The highest one met. */
  epoch: Epoch | undefined;
  /** The run that it belongs to, from the first welcome on. */
  run: string | undefined;
  link: Link;
  leaving: Leaving;
  readonly jobs: Map<JobNumber, Job>;
  /** Groups that no slot has begun, in the order in which they came, by key. */
  readonly waiting: Map<string, LentGroup>;
  readonly slots: (Run | undefined)[];
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
    settings,
    epoch: undefined,
    run: undefined,
    link: { kind: "down" },
    leaving: { kind: "staying" },
    jobs: new Map(),
    waiting: new Map(),
    slots: Array.from({ length: settings.slots }, () => undefined),
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
