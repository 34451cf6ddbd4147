// The groups of a job that groups by range: which of them have all their ranges done or failed, and so are to be planned.
//
//   D1. Of each group it is counted how many of its ranges are done, merged or failed: some bytes a group, and no scan.
//   D2. A group is due when all of its ranges are, some of them are done and in no group, and it will get no more of them.
//   D3. What was told to settle was entered in the job's unmerged outputs before, where it is done.

import { assert } from "../../../shared/core/assert.js";
import { fixedGroupsOf, type FixedGroups, type GroupedSpec } from "../../../shared/core/fixed-groups.js";
import type { RangeLayout } from "../../../shared/core/event-range.js";
import type { JobSpec } from "../../../shared/core/job-spec.js";
import type { SpanSetView } from "../../../shared/core/span-set.js";
import { eachSpan, type Span } from "../../../shared/core/spans.js";

export interface RangeGroupsView {
  readonly fixed: FixedGroups;
  /** Numbers of the groups that are to be planned, in the order in which they became due. */
  readonly due: ReadonlySet<number>;
  /** How many ranges of the group are done, merged or failed. */
  settledIn(group: number): number;
}

export class RangeGroups implements RangeGroupsView {
  readonly fixed: FixedGroups;
  readonly due = new Set<number>();
  readonly #unmerged: SpanSetView;
  /** By group, less 1 (D1). It is longer than the groups while they may become more. */
  #settled: Uint8Array | Uint16Array | Uint32Array;
  #isOpen: boolean;

  /** `isOpen`: inputs may be added. */
  constructor(fixed: FixedGroups, unmerged: SpanSetView, isOpen: boolean) {
    this.fixed = fixed;
    this.#unmerged = unmerged;
    this.#isOpen = isOpen;
    this.#settled = counts(fixed, fixed.count);
  }

  settledIn(group: number): number {
    return this.#settled[group - 1] ?? 0;
  }

  /** These ranges are done, or failed for good (D3). */
  settle(span: Span): void {
    this.#count(span, 1);
  }

  /** These ranges are to be done, or done again. */
  unsettle(span: Span): void {
    this.#count(span, -1);
  }

  /** Inputs are added no more: the last group will not grow. */
  close(): void {
    this.#isOpen = false;
    if (this.fixed.count > 0) this.#look(this.fixed.count);
  }

  /** What is done in the group is in a merge group now. */
  planned(group: number): void {
    this.due.delete(group);
  }

  /** To be called when outputs were entered as unmerged after their ranges had settled. */
  lookAgain(): void {
    for (const { first, count } of eachSpan(this.#unmerged.spans())) {
      const last = this.fixed.groupOf(first + count - 1);
      for (let group = this.fixed.groupOf(first); group <= last; group += 1) this.#look(group);
    }
  }

  /** Whether all ranges of the group are done or failed. */
  isWhole(group: number): boolean {
    const { count } = this.fixed.membersOf(group);
    return this.settledIn(group) === count && !(this.#isOpen && this.fixed.mayGrow(group));
  }

  #count({ first, count }: Span, sign: 1 | -1): void {
    this.#makeRoom();
    const end = first + count;
    for (let at = first; at < end;) {
      const group = this.fixed.groupOf(at);
      const members = this.fixed.membersOf(group);
      const next = Math.min(end, members.first + members.count);
      const settled = this.settledIn(group) + sign * (next - at);
      assert(settled >= 0 && settled <= members.count, () => `group ${group} has ${members.count} ranges`);
      this.#settled[group - 1] = settled;
      this.#look(group);
      at = next;
    }
  }

  /** (D2) */
  #look(group: number): void {
    const isDue = this.isWhole(group) && this.#unmerged.within(this.fixed.membersOf(group)).first.length > 0;
    if (isDue) this.due.add(group);
    else this.due.delete(group);
  }

  #makeRoom(): void {
    const groups = this.fixed.count;
    if (groups <= this.#settled.length) return;
    const longer = counts(this.fixed, Math.max(groups, 2 * this.#settled.length));
    longer.set(this.#settled);
    this.#settled = longer;
  }
}

/** Each can hold the ranges of one group. */
function counts({ rangesMax }: FixedGroups, length: number): Uint8Array | Uint16Array | Uint32Array {
  if (rangesMax < 2 ** 8) return new Uint8Array(length);
  return rangesMax < 2 ** 16 ? new Uint16Array(length) : new Uint32Array(length);
}

/** Undefined in a job that does not group by range. */
export function rangeGroupsOf(
  layout: RangeLayout,
  spec: GroupedSpec & Pick<JobSpec, "open">,
  unmerged: SpanSetView,
): RangeGroups | undefined {
  const fixed = fixedGroupsOf(layout, spec);
  return fixed === undefined ? undefined : new RangeGroups(fixed, unmerged, spec.open);
}
