// The merge groups of a job that groups by range: which ranges each has, and what it is called, the same in every run.
//
//   F1. Groups are numbered from 1 in the order of their ranges. Each has the next so many ranges; the last of an input, or
//       of the job where groups reach across files, has what is left.
//   F2. Inputs that are added change no group of the inputs before them; across files, the last one gets more until it is full.
//   F3. Ranges that a retry makes whole after the rest of their group was merged make a late group of it. Its number tells
//       which group it is of, and how many were before it, once no more inputs are added.

import { assert, present } from "./assert.js";
import { rangesOfInput, type RangeLayout } from "./event-range.js";
import { groupNumber, type GroupNumber } from "./id.js";
import type { JobSpec, MergeSpec } from "./job-spec.js";
import type { Span } from "./spans.js";

/** Where a merge group stands among those of its job. */
export interface GroupPlace {
  /** Which group, from 1. */
  readonly group: number;
  /** 0: the group itself; then its late ones, in their order (F3). */
  readonly late: number;
}

/** What of a job says how it is grouped. */
export type GroupedSpec = Pick<JobSpec, "eventsPerRange"> & {
  readonly merge: Pick<MergeSpec, "grouping" | "everyOutputs">;
};

export class FixedGroups {
  readonly #layout: RangeLayout;
  readonly #eventsPerRange: number;
  readonly #every: number;
  readonly #acrossFiles: boolean;
  /** How many groups the inputs before each have; as far as was asked. */
  readonly #bases: number[] = [];
  #groups = 0;

  constructor(layout: RangeLayout, { eventsPerRange, merge }: GroupedSpec) {
    assert(merge.grouping.kind === "range", "the job groups by range");
    this.#layout = layout;
    this.#eventsPerRange = eventsPerRange;
    this.#every = merge.everyOutputs;
    this.#acrossFiles = merge.grouping.acrossFiles;
  }

  /** How many there are, with the last one, which may yet grow (F2). */
  get count(): number {
    if (this.#acrossFiles) return Math.ceil(this.#layout.ranges / this.#every);
    this.#catchUp();
    return this.#groups;
  }

  /** The most ranges that a group may have. */
  get rangesMax(): number {
    return this.#every;
  }

  /** Whether the group will have more ranges when there are more (F2). */
  mayGrow(group: number): boolean {
    return this.#acrossFiles && this.membersOf(group).count < this.#every;
  }

  /** The number of the group that has the range. */
  groupOf(range: number): number {
    if (this.#acrossFiles) return Math.floor(range / this.#every) + 1;
    this.#catchUp();
    const { input } = this.#layout.locate(range);
    const within = Math.floor((range - this.#layout.firstRangeOf(input)) / this.#every);
    return present(this.#bases[input], "groups before the input") + within + 1;
  }

  /** The ranges of a group. */
  membersOf(group: number): Span {
    assert(group >= 1 && group <= this.count, () => `group ${group} is one of ${this.count}`);
    const { first, end } = this.#placeOf(group);
    return { first, count: Math.min(this.#every, end - first) };
  }

  /** Its first range, and the end of what its ranges are taken from. */
  #placeOf(group: number): { readonly first: number; readonly end: number } {
    const { ranges } = this.#layout;
    if (this.#acrossFiles) return { first: (group - 1) * this.#every, end: ranges };
    let low = 0;
    let high = this.#bases.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (present(this.#bases[middle], "groups before the input") < group) low = middle;
      else high = middle - 1;
    }
    const within = group - 1 - present(this.#bases[low], "groups before the input");
    const base = this.#layout.firstRangeOf(low);
    return { first: base + within * this.#every, end: this.#layout.firstRangeOf(low + 1) };
  }

  /** (F3) */
  numberOf({ group, late }: GroupPlace): GroupNumber {
    return groupNumber(group + late * this.count);
  }

  /** (F3) */
  placeOf(number: GroupNumber): GroupPlace {
    const { count } = this;
    return { group: ((number - 1) % count) + 1, late: Math.floor((number - 1) / count) };
  }

  /** Inputs may have been added. */
  #catchUp(): void {
    const { inputs } = this.#layout;
    for (let input = this.#bases.length; input < inputs.length; input += 1) {
      this.#bases.push(this.#groups);
      const ranges = rangesOfInput(present(inputs[input], "input"), this.#eventsPerRange);
      this.#groups += Math.ceil(ranges / this.#every);
    }
  }
}

/** Undefined in a job that does not group by range. */
export function fixedGroupsOf(layout: RangeLayout, spec: GroupedSpec): FixedGroups | undefined {
  return spec.merge.grouping.kind === "range" ? new FixedGroups(layout, spec) : undefined;
}

/** Where a group stands; groups by arrival are just numbered. */
export function placeOfGroup(fixed: FixedGroups | undefined, number: GroupNumber): GroupPlace {
  return fixed?.placeOf(number) ?? { group: number, late: 0 };
}
