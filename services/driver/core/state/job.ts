// A job: its ranges, its grants, its merge groups, and what went wrong.
//
//   J1. `ready` and `room` together are the ranges that the table calls ready; `unmerged`, those done without a group.
//   J3. `ended` means that every range is merged or failed (where nothing is merged: done or failed) and every group
//       published or given up; `reported`, that the report is on disk. What is known of the ranges is kept: late reports are still answered.
//   J4. Ranges are added while the intake is open, and never afterwards; a job that is not whole does not end. A job that
//       is stopped takes nothing in any more.

import type { Failure } from "../../../shared/core/failure.js";
import { rangeLayout, type GrowingLayout, type RangeLayout } from "../../../shared/core/event-range.js";
import type { GrantNumber, GroupNumber, JobNumber, SessionNumber } from "../../../shared/core/id.js";
import { fateOfOutputs, type JobSpec } from "../../../shared/core/job-spec.js";
import { SpanSet, type SpanSetView } from "../../../shared/core/span-set.js";
import type { Spans } from "../../../shared/core/spans.js";
import type { Fault, LastKnown } from "../facts/fact-broken.js";
import type { DurableFact, JobOutcome, SessionRole } from "../facts/fact.js";
import type { Crew } from "./crew.js";
import { newJobTimes, type JobTimes, type JobTimesView } from "./event-times.js";
import { GrantAges, type GrantAgesView } from "./grant-ages.js";
import { InputIndex, type InputIndexView } from "./input-index.js";
import type { MergeGroup, MergeGroupView } from "./merge-group.js";
import { Paces, type PacesView } from "./paces.js";
import { rangeGroupsOf, type RangeGroups, type RangeGroupsView } from "./range-groups.js";
import { RangeTable, type RangeTableView } from "./range-table.js";
import type { Trial, TrialView } from "./trial.js";
import { WaitingGroups, type WaitingGroupsView } from "./waiting-groups.js";
import { WaitingRoom, type WaitingRoomView } from "./waiting-room.js";

/** Where a job stands. */
export type JobStage =
  | { readonly kind: "running" }
  /** A user had it grant nothing more for the time being. */
  | { readonly kind: "suspended"; readonly atUnixMs: number }
  /** What is done is merged, and the rest is given up: a fatal failure was met, or a user cancelled the job. */
  | { readonly kind: "stopping"; readonly outcome: "failed" | "cancelled"; readonly reason: string }
  | {
      readonly kind: "ended";
      readonly outcome: JobOutcome;
      readonly reason: string;
      readonly atUnixMs: number;
    }
  | {
      readonly kind: "reported";
      readonly outcome: JobOutcome;
      readonly reason: string;
      readonly atUnixMs: number;
    }
  | BrokenStage;

/** Out of service: nothing is done for it any more, and nothing of it is removed (apply/contain.ts). */
export interface BrokenStage extends Pick<Fault, "reason" | "doing"> {
  readonly kind: "broken";
  readonly known: LastKnown;
  /** 0 until it is durable. */
  readonly atUnixMs: number;
}

/** Whether ranges may be added (J4), and what of which files there is already. */
export type Intake = { readonly kind: "open"; readonly index: InputIndex } | { readonly kind: "closed" };

/** A grant of ranges (farm.ts, M2). */
export interface RangeGrant {
  session: SessionNumber;
  readonly spans: Spans;
  /** How many of its ranges are still held. */
  left: number;
  /** With no other range beside it. */
  readonly alone: boolean;
  /** How many ranges its session held before. After a snapshot was read: of those that are held still. Passing. */
  ahead: number;
}

/** A failure of a payload, for the report. */
export interface FailureRecord {
  readonly range: number;
  readonly grant: GrantNumber;
  readonly node: string;
  /** Which of its counted failures this was, from 1. */
  readonly attempt: number;
  readonly final: boolean;
  readonly failure: Failure;
}

/** So many failures are kept with all that is known of them; the others are counted. */
export const failureRecordsMax = 1_000;

/** Ranges that failed for good, by the sentence that says why. So many reasons are told apart; the rest share one for each class. */
export const failureReasonsMax = 100;

export interface FailureLog {
  readonly records: FailureRecord[];
  counted: number;
  /** By class and sentence, as `reasonKey` writes it. */
  readonly final: Map<string, SpanSet>;
  /** The same ranges by the node of their last try, save those that failed with their job. Empty name: it was nowhere. */
  readonly finalOn: Map<string, SpanSet>;
  /** Nodes that met a fatal failure. */
  readonly fatalNodes: Set<string>;
}

export interface Job {
  readonly number: JobNumber;
  readonly requestId: string;
  readonly spec: JobSpec;
  /** Its inputs: those of the spec, and what was added. */
  readonly layout: GrowingLayout;
  intake: Intake;
  readonly submittedAtUnixMs: number;
  /** How many facts were about it. */
  sequence: number;
  /** The farm's revision when the last one was. */
  revision: number;
  stage: JobStage;
  lastGrant: number;
  lastGroup: number;
  readonly table: RangeTable;
  /** They may be given to anybody. */
  readonly ready: SpanSet;
  readonly room: WaitingRoom;
  /** Of ranges that are not done. */
  readonly trials: Map<number, Trial>;
  /** A range of it had an output once, whatever became of that. */
  hasSucceeded: boolean;
  readonly unmerged: SpanSet;
  /** No output that is unmerged was there before, as far as ticks of the clock have told; undefined while there is none. Passing. */
  waitsSinceMs: number | undefined;
  readonly grants: Map<GrantNumber, RangeGrant>;
  /** Second holders of ranges (holders.ts). */
  readonly copies: Map<number, GrantNumber>;
  /** How many ranges were lent a second time, and how many of these second grants had the first output. */
  copiesMade: number;
  copiesWon: number;
  /** Of a job that groups by range. */
  readonly rangeGroups: RangeGroups | undefined;
  readonly groups: Map<GroupNumber, MergeGroup>;
  readonly groupsWaiting: WaitingGroups;
  /** Groups that are neither closed nor failed. */
  readonly groupsOpen: Set<GroupNumber>;
  /** How many groups are published, closed ones among them, and how many were given up: asked for at every change. */
  filesMerged: number;
  groupsFailed: number;
  readonly failures: FailureLog;
  /**
   * Of ranges whose output was lost, the job's last grant at that time: it and all older ones count no more, since a
   * repeated report of theirs may speak of a file that was removed.
   */
  readonly voided: Map<number, GrantNumber>;
  /** Of the same ranges, how often. */
  readonly losses: Map<number, number>;
  /** For each retry of the job, the ranges that were revived, and the last grant before it: all up to it are void. */
  readonly revived: { readonly ranges: SpanSet; readonly lastGrant: GrantNumber }[];
  eventsDone: number;
  /** How long its ranges took. */
  readonly times: JobTimes;
  /** As they were summed last. Passing. */
  crew: Crew | undefined;
  /** Passing. */
  readonly ages: GrantAges;
  /** How fast sessions did its ranges. Passing. */
  readonly paces: Paces;
}

/** The job as decisions see it. */
export interface JobView extends Readonly<
  Omit<
    Job,
    | "layout"
    | "intake"
    | "table"
    | "ready"
    | "room"
    | "trials"
    | "unmerged"
    | "grants"
    | "copies"
    | "rangeGroups"
    | "groups"
    | "groupsWaiting"
    | "groupsOpen"
    | "failures"
    | "voided"
    | "losses"
    | "revived"
    | "times"
    | "paces"
    | "ages"
  >
> {
  readonly layout: RangeLayout;
  readonly intake: { readonly kind: "open"; readonly index: InputIndexView } | { readonly kind: "closed" };
  readonly table: RangeTableView;
  readonly ready: SpanSetView;
  readonly room: WaitingRoomView;
  readonly trials: ReadonlyMap<number, TrialView>;
  readonly unmerged: SpanSetView;
  readonly grants: ReadonlyMap<GrantNumber, Readonly<RangeGrant>>;
  readonly copies: ReadonlyMap<number, GrantNumber>;
  readonly rangeGroups: RangeGroupsView | undefined;
  readonly groups: ReadonlyMap<GroupNumber, MergeGroupView>;
  readonly groupsWaiting: WaitingGroupsView;
  readonly groupsOpen: ReadonlySet<GroupNumber>;
  readonly failures: {
    readonly records: readonly FailureRecord[];
    readonly counted: number;
    readonly final: ReadonlyMap<string, SpanSetView>;
    readonly finalOn: ReadonlyMap<string, SpanSetView>;
    readonly fatalNodes: ReadonlySet<string>;
  };
  readonly voided: ReadonlyMap<number, GrantNumber>;
  readonly losses: ReadonlyMap<number, number>;
  readonly revived: readonly { readonly ranges: SpanSetView; readonly lastGrant: GrantNumber }[];
  readonly times: JobTimesView;
  readonly paces: PacesView;
  readonly ages: GrantAgesView;
}

export function newJob(fact: Extract<DurableFact, { kind: "job-submitted" }>): Job {
  const layout = rangeLayout(fact.spec);
  const ready = new SpanSet();
  const unmerged = new SpanSet();
  if (layout.ranges > 0) ready.add({ first: 0, count: layout.ranges });
  return {
    number: fact.job,
    requestId: fact.requestId,
    spec: fact.spec,
    layout,
    intake: fact.spec.open ? openIntake(layout) : { kind: "closed" },
    submittedAtUnixMs: fact.atUnixMs,
    sequence: 0,
    revision: 0,
    stage: { kind: "running" },
    lastGrant: 0,
    lastGroup: 0,
    table: new RangeTable(layout.ranges, fateOfOutputs(fact.spec)),
    ready,
    room: new WaitingRoom(),
    trials: new Map(),
    hasSucceeded: false,
    unmerged,
    waitsSinceMs: undefined,
    grants: new Map(),
    copies: new Map(),
    copiesMade: 0,
    copiesWon: 0,
    rangeGroups: rangeGroupsOf(layout, fact.spec, unmerged),
    groups: new Map(),
    groupsWaiting: new WaitingGroups(),
    groupsOpen: new Set(),
    filesMerged: 0,
    groupsFailed: 0,
    failures: { records: [], counted: 0, final: new Map(), finalOn: new Map(), fatalNodes: new Set() },
    voided: new Map(),
    losses: new Map(),
    revived: [],
    eventsDone: 0,
    times: newJobTimes(),
    paces: new Paces(),
    crew: undefined,
    ages: new GrantAges(),
  };
}

/** The intake of a job with this layout, which may grow. */
export function openIntake({ inputs }: RangeLayout): Intake {
  return { kind: "open", index: new InputIndex(inputs) };
}

/** The youngest grant of the range that counts no more, nor does any older one; 0 when all count. */
export function lastVoidGrant(job: JobView, range: number): number {
  let last: number = job.voided.get(range) ?? 0;
  for (const { ranges, lastGrant } of job.revived) if (ranges.has(range)) last = Math.max(last, lastGrant);
  return last;
}

/** Whether services of a role have anything left to do in the job: one that is stopping is merged at most. */
export function isOpenTo(job: JobView, role: SessionRole): boolean {
  if (job.stage.kind === "stopping") return role === "merger" && job.stage.outcome === "failed";
  return isAtWork(job);
}

/** Whether ranges of the job may still be done or failed, and its groups merged. */
export function isAtWork(job: JobView): boolean {
  const { kind } = job.stage;
  return kind !== "ended" && kind !== "reported" && kind !== "broken";
}

/** Whether no range waits or is held, and none can be added. */
export function isAllTried({ intake, table }: JobView): boolean {
  return intake.kind === "closed" && table.counts.ready + table.counts.held === 0;
}
