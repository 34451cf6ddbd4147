// What an actor knows. Only core/ changes it; io/ and the simulator read it through `tallyOf`.
//
//   S1. A range that the actor holds is in exactly one place: waiting, in a slot, staging, or in the outbox.
//   S2. What is held does not grow beyond what was asked for: nothing is granted while the driver is away, so neither
//       does the outbox.

import type { GrantNumber, JobNumber } from "../../shared/core/id.js";
import type { JobPlan } from "../../shared/core/job-plan.js";
import { newPeer, type PeerSettings, type PeerState } from "../../shared/core/peer-state.js";
import { keyOf, type HeldRange } from "./held.js";
import { WaitingRanges } from "./waiting.js";
import { eachResult, newOutbox, sizeOf, type Outbox } from "./outbox.js";

/** What an actor is told when it begins. */
export interface ActorSettings extends PeerSettings {
  /** The same for as long as the node is lent. */
  readonly actor: string;
  /** When the node's wall time ends, on the clock of `step`, as far as is known at first; undefined when nobody knows. */
  readonly allocationEndsAtMs: number | undefined;
  /** The waiting ranges are to last so long. */
  readonly prefetchMs: number;
  /** At most so many ranges wait; at least `slots`. */
  readonly prefetchMax: number;
  /** While so many outputs are being stored, no slot begins a range; at least 1. */
  readonly stagingMax: number;
}

/** A job, as far as the actor was told of it. `grants` are those that it has seen. */
export interface Job {
  readonly grants: Set<GrantNumber>;
  state:
    | { readonly kind: "unopened" }
    | { readonly kind: "open"; readonly plan: JobPlan }
    /** Its plan is kept for as long as something of it is held. */
    | { readonly kind: "closed"; readonly plan: JobPlan | undefined };
}

/**
 * What is to become of a range that runs: reported; or taken back to wait, if it has not begun; or ended and handed back; or
 * ended and forgotten.
 */
export type Fate = "wanted" | "recalled" | "returning" | "dropped";

export interface Run {
  readonly held: HeldRange;
  /** In a payload process of its own. */
  readonly alone: boolean;
  /** So many slots are its own, from the one that it is in. */
  readonly cores: number;
  /** So often was it taken back before. */
  readonly recalls: number;
  fate: Fate;
}

/** An actor, made by `newActor` and changed by `step`. */
export interface Actor extends PeerState {
  readonly settings: ActorSettings;
  /** When the node's wall time ends, and what the driver was told of that in this session. */
  allocationEndsAtMs: number | undefined;
  toldEndsAtMs: number | undefined;
  readonly jobs: Map<JobNumber, Job>;
  /** Jobs that are closed and of which something is still held. */
  readonly closing: Set<JobNumber>;
  /** Ranges that no slot has begun. */
  readonly waiting: WaitingRanges;
  /** By slot: what it runs, and then what was handed over ahead. */
  readonly slots: readonly Run[][];
  /** By slot, since when it has the first of these. */
  readonly sinceMs: number[];
  /** By slot, the one whose range has it too; undefined when none does (blocks.ts). */
  readonly coveredBy: (number | undefined)[];
  /** A job was opened whose ranges take several slots. */
  hasWideJobs: boolean;
  /** The job that each slot ran last, by slot. */
  readonly lastJobs: (JobNumber | undefined)[];
  /** Ranges whose payload ended well and whose output is being stored, by key. */
  readonly staging: Map<string, Run>;
  /** Outputs wait for room where they are to be stored. */
  isStorageWaiting: boolean;
  readonly outbox: Outbox;
  /** Mean wall time of a range; undefined before the first measurement. */
  meanMs: number | undefined;
  /** Mean size of an output; undefined before the first one. */
  meanBytes: number | undefined;
  /** Mean number of slots that a range takes. */
  meanCores: number;
}

export function newActor(settings: ActorSettings): Actor {
  return {
    ...newPeer(),
    settings,
    allocationEndsAtMs: settings.allocationEndsAtMs,
    toldEndsAtMs: undefined,
    jobs: new Map(),
    closing: new Set(),
    waiting: new WaitingRanges(),
    slots: Array.from({ length: settings.slots }, () => []),
    sinceMs: Array.from({ length: settings.slots }, () => 0),
    coveredBy: Array.from({ length: settings.slots }, () => undefined),
    hasWideJobs: false,
    lastJobs: [],
    staging: new Map(),
    isStorageWaiting: false,
    outbox: newOutbox(),
    meanMs: undefined,
    meanBytes: undefined,
    meanCores: 1,
  };
}

/** Everything that the actor still holds in the driver's eyes; what was revoked is not. */
export function* heldBy(actor: Actor): Generator<HeldRange> {
  yield* actor.waiting.all();
  for (const run of runsOf(actor)) if (run.fate !== "dropped") yield run.held;
  for (const result of eachResult(actor.outbox)) yield result.held;
}

/** Ranges that have a slot, or whose output is being stored. */
export function* runsOf(actor: Actor): Generator<Run> {
  for (const runs of actor.slots) yield* runs;
  yield* actor.staging.values();
}

/** An actor in numbers. */
export interface ActorTally {
  readonly isWelcome: boolean;
  readonly isDraining: boolean;
  readonly waiting: number;
  /** Slots that are some range's. */
  readonly running: number;
  readonly staging: number;
  readonly unacknowledged: number;
}

export function tallyOf(actor: Actor): ActorTally {
  return {
    isWelcome: actor.link.kind === "open",
    isDraining: actor.leaving.kind === "draining",
    waiting: actor.waiting.size,
    running: actor.slots.reduce((sum, [first]) => sum + (first?.cores ?? 0), 0),
    staging: actor.staging.size,
    unacknowledged: sizeOf(actor.outbox),
  };
}

/** What in the state contradicts itself, for tests and the simulator; undefined when nothing does (S1). */
export function contradictionOf(actor: Actor): string | undefined {
  const seen = new Set<string>();
  for (const held of heldBy(actor)) {
    const key = keyOf(held);
    if (seen.has(key)) return `range ${key} (job/grant/range) is held in two places`;
    seen.add(key);
  }
  for (const job of actor.closing) {
    if (actor.jobs.get(job)?.state.kind !== "closed") return `job ${String(job)} is closing and not closed`;
  }
  for (const run of runsOf(actor)) {
    const state = actor.jobs.get(run.held.job)?.state;
    if (state === undefined || state.kind === "unopened" || state.plan === undefined) {
      return `range ${keyOf(run.held)} (job/grant/range) runs, and its job is not known`;
    }
  }
  return flawOfSlots(actor);
}

/** What is wrong with who has which slot (B2 of blocks.ts). */
function flawOfSlots({ slots, coveredBy }: Actor): string | undefined {
  const expected: (number | undefined)[] = slots.map(() => undefined);
  for (const [slot, [run]] of slots.entries()) {
    if (run !== undefined && expected[slot] !== undefined) return `slot ${String(slot)} has two ranges`;
    for (let covered = slot + 1; covered < slot + (run?.cores ?? 0); covered += 1) expected[covered] = slot;
  }
  const wrong = coveredBy.findIndex((first, slot) => first !== expected[slot]);
  return wrong < 0 && expected.length === slots.length
    ? undefined
    : `slot ${String(wrong)} is not its range's`;
}
