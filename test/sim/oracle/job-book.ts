// What the facts on the disk amount to for one job (books.ts).

import type { DurableFact } from "../../../services/driver/core/facts/fact.js";
import { present } from "../../../services/shared/core/assert.js";
import { rangeLayout, type GrowingLayout } from "../../../services/shared/core/event-range.js";
import { fateOfOutputs, type JobSpec } from "../../../services/shared/core/job-spec.js";
import { fixedGroupsOf, placeOfGroup } from "../../../services/shared/core/fixed-groups.js";
import { mergedPath, outputPath } from "../../../services/shared/core/names.js";
import { eachRange, type Spans } from "../../../services/shared/core/spans.js";
import type { GroupBook } from "./group-book.js";
import { aged, countedFailure, refunded, type CountedFailure } from "./counted-failure.js";

export type JobFact = Extract<DurableFact, { job: unknown }>;

export class JobBook {
  readonly number: number;
  readonly spec: JobSpec;
  readonly requestId: string;
  readonly layout: GrowingLayout;
  readonly holder = new Map<number, number>();
  /** Second grants of ranges that are held. */
  readonly copy = new Map<number, number>();
  readonly winner = new Map<number, number>();
  /** `range/grant` of all outputs that were taken in, lost ones too. */
  readonly everWon = new Set<string>();
  /** The last grant that was void when the range's output was lost or given up, or the range was tried anew. */
  readonly voidedUpTo = new Map<number, number>();
  readonly failures = new Map<number, CountedFailure[]>();
  /** Ranges that something died around: they may wait for an actor that holds nothing. */
  readonly suspects = new Set<number>();
  /** Grants of one range with nothing beside it. */
  readonly alone = new Set<number>();
  readonly failed = new Set<number>();
  /** Of these, those that no payload's failure is the reason of. */
  readonly givenUp = new Set<number>();
  readonly groups = new Map<number, GroupBook>();
  lastGrant = 0;
  /** Nothing more of it is tried. */
  stopped = false;
  cancelled = false;
  suspended = false;
  /** Ranges may be added. */
  open: boolean;
  ended = false;
  reported = false;
  broken = false;

  constructor(fact: Extract<DurableFact, { kind: "job-submitted" }>) {
    this.number = fact.job;
    this.spec = fact.spec;
    this.open = fact.spec.open;
    this.requestId = fact.requestId;
    this.layout = rangeLayout(fact.spec);
  }

  /**
   * Whether some range that never failed is neither held nor at its end. One that failed may wait for its time, or for
   * another node: the farm's own sanity looks after these.
   */
  get hasReady(): boolean {
    if (this.ended || this.suspended) return false;
    const isSettled = (range: number): boolean =>
      this.winner.has(range) || this.failed.has(range) || this.holder.has(range);
    let tried = 0;
    for (const range of new Set([...this.failures.keys(), ...this.suspects]))
      if (!isSettled(range)) tried += 1;
    return this.winner.size + this.failed.size + this.holder.size + tried < this.layout.ranges;
  }

  /** What failed on the node costs nothing, where nothing is settled yet. */
  refund(node: string): void {
    for (const [range, failures] of this.failures)
      if (!this.winner.has(range) && !this.failed.has(range))
        this.failures.set(range, refunded(failures, node));
  }

  finalPath(group: number): string {
    const place = placeOfGroup(fixedGroupsOf(this.layout, this.spec), group as never);
    return mergedPath(this.number as never, place, this.spec);
  }

  outputPath(range: number, grant: number): string {
    const events = this.layout.locate(range);
    return outputPath(
      { job: this.number as never, range, grant: grant as never, events },
      this.spec.outputSuffix,
    );
  }

  /** Whether an output that nobody has heard of yet could become its range's. */
  mayStillWin(range: number, grant: number): boolean {
    if (this.ended || this.winner.has(range) || this.failed.has(range)) return false;
    return grant > (this.voidedUpTo.get(range) ?? 0);
  }

  isHeldBy(range: number, grant: number): boolean {
    return this.holder.get(range) === grant || this.copy.get(range) === grant;
  }

  /** When one of two holders lets a range go, the other keeps it. */
  letGo(range: number, grant: number): void {
    const copy = this.copy.get(range);
    if (this.isHeldBy(range, grant)) this.copy.delete(range);
    if (this.holder.get(range) !== grant) return;
    if (copy === undefined) this.holder.delete(range);
    else this.holder.set(range, copy);
  }

  enter(fact: JobFact): void {
    switch (fact.kind) {
      case "ranges-granted":
        this.lastGrant = fact.grant;
        if (fact.alone) this.alone.add(fact.grant);
        for (const range of eachRange(fact.spans)) this.holder.set(range, fact.grant);
        break;
      case "ranges-copied":
        this.lastGrant = fact.grant;
        for (const range of eachRange(fact.spans)) this.copy.set(range, fact.grant);
        break;
      case "ranges-returned":
        for (const range of eachRange(fact.spans)) this.letGo(range, fact.grant);
        break;
      case "ranges-done":
        this.#enterDone(fact);
        break;
      case "range-failed":
      case "range-tried":
        this.#enterFailed(fact);
        break;
      case "ranges-suspected":
        for (const range of eachRange(fact.spans)) this.suspects.add(range);
        break;
      case "range-given-up":
        if (fact.grant !== undefined) this.letGo(fact.range, fact.grant);
        this.failed.add(fact.range);
        this.givenUp.add(fact.range);
        break;
      case "job-submitted":
        break;
      case "ranges-added":
        this.layout.add(fact.inputs);
        break;
      case "job-stopped":
      case "job-cancelled":
      case "job-suspended":
      case "job-resumed":
      case "job-retried":
      case "job-closed":
      case "job-ended":
      case "job-reported":
      case "job-broken":
        this.#enterStage(fact.kind);
        break;
      default:
        this.#enterMergeFact(fact);
    }
  }

  #enterStage(kind: Exclude<Extract<JobFact["kind"], `job-${string}`>, "job-submitted">): void {
    switch (kind) {
      case "job-stopped":
        this.#stop();
        break;
      case "job-cancelled":
        this.#cancel();
        break;
      case "job-suspended":
        this.suspended = true;
        break;
      case "job-resumed":
        this.suspended = false;
        break;
      case "job-closed":
        this.open = false;
        break;
      case "job-retried":
        this.#retry();
        break;
      case "job-ended":
        this.ended = true;
        break;
      case "job-broken":
        this.#stop();
        this.broken = this.ended = this.reported = true;
        break;
      case "job-reported":
        this.reported = true;
        break;
    }
  }

  #enterDone(fact: Extract<JobFact, { kind: "ranges-done" }>): void {
    fact.spans.first.forEach((first, i) => {
      const grant = present(fact.grant[i], "grant of the span");
      const end = first + present(fact.spans.count[i], "count of the span");
      for (let range = first; range < end; range += 1) {
        this.winner.set(range, grant);
        this.everWon.add(`${range}/${grant}`);
        this.holder.delete(range);
        this.copy.delete(range);
      }
    });
  }

  #enterFailed(fact: Extract<JobFact, { kind: "range-failed" | "range-tried" }>): void {
    const { range, grant, final } = fact;
    this.failures.set(range, [...(this.failures.get(range) ?? []), countedFailure(fact)]);
    this.letGo(range, grant);
    if (final || this.stopped) this.failed.add(range);
  }

  #stop(): void {
    this.open = false;
    this.stopped = true;
    this.suspended = false;
    for (let range = 0; range < this.layout.ranges; range += 1)
      if (!this.winner.has(range)) this.failed.add(range);
    this.holder.clear();
    this.copy.clear();
  }

  /** Outputs that no accepted or kept group has are given up too; where nothing is merged, what is done stays. */
  #cancel(): void {
    this.cancelled = true;
    const kept = new Set<number>(fateOfOutputs(this.spec) === "merged" ? [] : this.winner.keys());
    for (const [number, group] of this.groups) {
      if (group.stage === "planned" || group.stage === "granted") this.groups.delete(number);
      else for (const range of group.ranges) kept.add(range);
    }
    this.#lose([...this.winner.keys()].filter((range) => !kept.has(range)));
    this.#stop();
  }

  #lose(ranges: Iterable<number>): void {
    for (const range of ranges) {
      this.winner.delete(range);
      this.voidedUpTo.set(range, this.lastGrant);
      this.failures.set(range, aged(this.failures.get(range) ?? []));
      if (this.stopped) this.failed.add(range);
    }
  }

  /** What failed has all its credit again, and none of its earlier grants counts. */
  #retry(): void {
    for (const range of this.failed) {
      this.voidedUpTo.set(range, this.lastGrant);
      this.failures.delete(range);
    }
    this.givenUp.clear();
    this.failed.clear();
    for (const group of this.groups.values())
      if (group.stage === "failed") Object.assign(group, { stage: "planned", failures: 0 });
    this.stopped = false;
    this.cancelled = false;
    this.ended = false;
    this.reported = false;
  }

  #enterMergeFact(fact: Extract<JobFact, { kind: "outputs-lost" | `merge-${string}` }>): void {
    if (fact.kind === "merge-planned") {
      this.#plan(fact.group, fact.spans);
      return;
    }
    const group = present(this.groups.get(fact.group), `group ${fact.group} in the books`);
    switch (fact.kind) {
      case "merge-granted":
        this.lastGrant = fact.grant;
        group.grant = fact.grant;
        group.stage = "granted";
        break;
      case "merge-returned":
        group.stage = "planned";
        break;
      case "merge-failed":
        group.failures += 1;
        group.stage = fact.final ? "failed" : "planned";
        break;
      case "merge-accepted":
        group.stage = "accepted";
        group.accepted = { grant: fact.grant, file: fact.file };
        break;
      case "merge-published":
        group.stage = "published";
        break;
      case "merge-inputs-removed":
        group.stage = "removed";
        break;
      case "outputs-lost":
        this.#lose(eachRange(fact.spans));
        this.groups.delete(fact.group);
        break;
    }
  }

  #plan(number: number, spans: Spans): void {
    const ranges = [...eachRange(spans)];
    this.groups.set(number, { ranges, stage: "planned", grant: undefined, accepted: undefined, failures: 0 });
  }
}
