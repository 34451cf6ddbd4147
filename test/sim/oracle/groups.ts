// What is merged together: by arrival, no more than a group may have; by range, what the job's inputs say, and nothing before
// all of it is done or failed.
//
// The groups are told anew, range by range, apart from the driver's own arithmetic.

import type { DurableFact } from "../../../services/driver/core/facts/fact.js";
import { fateOfOutputs } from "../../../services/shared/core/job-spec.js";
import { eachRange } from "../../../services/shared/core/spans.js";
import type { Books } from "./books.js";
import type { JobBook } from "./job-book.js";
import type { Complain, Oracle } from "./oracle.js";

export function groupsOracle(complain: Complain): Oracle {
  return {
    fact: (fact, books) => {
      if (fact.kind === "merge-planned") judgePlan(fact, books, complain);
    },
  };
}

function judgePlan(
  { job: number, group, spans }: Extract<DurableFact, { kind: "merge-planned" }>,
  books: Books,
  complain: Complain,
): void {
  const job = books.job(number);
  const name = `group ${group} of job ${number}`;
  const ranges = [...eachRange(spans)];
  const elsewhere = ranges.find((range) => isGrouped(job, range, group));
  if (fateOfOutputs(job.spec) !== "merged")
    complain("groups", `${name} is planned, and nothing is to be merged`);
  if (elsewhere !== undefined) complain("groups", `${name} has range ${elsewhere}, which another one has`);
  const { grouping, everyOutputs } = job.spec.merge;
  if (ranges.length > everyOutputs) complain("groups", `${name} has ${ranges.length} ranges`);
  if (grouping.kind === "arrival") return;
  const all = plainGroups(job, grouping.acrossFiles);
  const members = all[(group - 1) % all.length] ?? [];
  const awaited = members.find((range) => !job.winner.has(range) && !job.failed.has(range));
  if (awaited !== undefined) complain("groups", `${name} is planned, and its range ${awaited} is not done`);
  const expected = members.filter((range) => job.winner.has(range) && !isGrouped(job, range, group));
  if (expected.join() !== ranges.join())
    complain("groups", `${name} should have ranges ${expected.join()}, and has ${ranges.join()}`);
}

/** Whether another group has the range, and is not waiting for what a retry adds to it. */
function isGrouped(job: JobBook, range: number, besides: number): boolean {
  return [...job.groups].some(([number, { ranges }]) => number !== besides && ranges.includes(range));
}

/** The ranges of each group. */
function plainGroups({ layout, spec }: JobBook, acrossFiles: boolean): number[][] {
  const groups: number[][] = [];
  let input = -1;
  for (let range = 0; range < layout.ranges; range += 1) {
    const at = layout.locate(range).input;
    const isNew = (groups.at(-1)?.length ?? spec.merge.everyOutputs) === spec.merge.everyOutputs;
    if (isNew || (at !== input && !acrossFiles)) groups.push([]);
    groups.at(-1)?.push(range);
    input = at;
  }
  return groups;
}
