// Why the merge groups of a job are not merged yet.

import { present, unreachable } from "../../../shared/core/assert.js";
import type { Failure } from "../../../shared/core/failure.js";
import type { GroupNumber } from "../../../shared/core/id.js";
import type { Bench } from "../bench.js";
import { called, counted, listed, quoted, sentence, verb } from "./explain-words.js";
import type { Cause } from "./explanation.js";
import { roomAdviceFor, sessionsOf, whyNobody } from "./hindrance.js";
import { mayMerge } from "../grant/grant-merges.js";
import { firstOf } from "../state/first-of.js";
import type { JobView } from "../state/job.js";
import type { MergeGroupView } from "../state/merge-group.js";
import { mergedPathOf } from "../state/merged-path.js";

/** Merge groups that wait are looked through for failures so far and no further. */
const groupsLookedAt = 1_000;

/** Groups that were given up, told one by one. */
const groupsShown = 3;

/** What the open groups of a job wait for. */
export function whyUnmerged(bench: Bench, job: JobView): Cause {
  const waiting = job.groupsWaiting.size;
  const mergers = sessionsOf(bench, "merger").filter(({ holds }) => holds.has(job.number));
  const granted = mergers.reduce((sum, { holds }) => sum + (holds.get(job.number)?.size ?? 0), 0);
  const published = job.groupsOpen.size - waiting - granted;
  const clauses: string[] = [];
  if (granted > 0) {
    const names = mergers.map(({ name }) => name);
    const wait = mergers.find(({ waitsFor }) => waitsFor !== "")?.waitsFor;
    const why =
      wait === undefined
        ? ""
        : `, and ${verb(mergers.length, "waits", "one waits")} for room (${quoted(wait)})`;
    clauses.push(
      `${called("merger", names)} ${verb(mergers.length)} merging ${counted(granted, "group")}${why}`,
    );
  }
  if (published > 0) clauses.push(`${counted(published, "merged file")} ${verb(published)} being published`);
  if (waiting === 0) return { clause: listed(clauses, clauses.length), advice: roomAdviceFor(mergers) };
  const { clause, advice } = whyWaiting(bench, job, firstOf(job.groupsWaiting));
  clauses.push(
    `${counted(waiting, "merge group")} ${verb(waiting, "has", "have")} no merger yet (${clause})`,
  );
  return { clause: listed(clauses, clauses.length), advice };
}

/** Why no merger has a group that waits. Where a merger is free, all groups wait as the first does: for one that has not failed it. */
function whyWaiting(bench: Bench, job: JobView, group: GroupNumber): Cause {
  const { failedOn } = present(job.groups.get(group), "group that waits");
  const { clause, advice } = whyNobody(bench, "merger", { job, failedOn });
  if (failedOn.every((name) => mayMerge(bench.farm, failedOn, name))) return { clause, advice };
  return { clause: `it failed on ${called("merger", failedOn)} and is for another; ${clause}`, advice };
}

/** How many groups that wait failed before, as a sentence; empty when none did. */
export function failedTries(job: JobView): string {
  let failed = 0;
  let most = 0;
  let lookedAt = 0;
  for (const number of job.groupsWaiting) {
    if (lookedAt === groupsLookedAt) break;
    lookedAt += 1;
    const tries = job.groups.get(number)?.attemptsUsed ?? 0;
    if (tries > 0) failed += 1;
    most = Math.max(most, tries);
  }
  if (failed === 0) return "";
  const tries = `up to ${most} of ${counted(job.spec.merge.attemptsMax, "time")}`;
  return `The merge of ${counted(failed, "waiting group")} failed before, ${tries}.`;
}

/** The groups that were given up, a sentence each. */
export function givenUp(job: JobView): readonly string[] {
  const shown = Math.min(job.groupsFailed, groupsShown);
  const lines: string[] = [];
  for (const group of job.groups.values()) {
    if (lines.length === shown) break;
    if (group.stage.kind === "failed") lines.push(sentence(whyGivenUp(group, group.stage.failure)));
  }
  const rest = job.groupsFailed - lines.length;
  return rest === 0
    ? lines
    : [...lines, `${counted(rest, "more merge group")} ${verb(rest, "was", "were")} given up.`];
}

function whyGivenUp({ number, attemptsUsed, failedOn }: MergeGroupView, { message }: Failure): string {
  const tries = `after ${counted(attemptsUsed, "try", "tries")} on ${called("merger", failedOn)}`;
  return `merge group ${number} was given up ${tries}, and its outputs are kept: ${quoted(message)}`;
}

export function mendAdvice({ number }: JobView): string {
  return `Mend the merge, then try again: noctua retry ${number} --workdir <workdir>.`;
}

/** Where a group stands. */
export function standingOfGroup(bench: Bench, job: JobView, group: MergeGroupView): Cause {
  const { stage, number } = group;
  const name = `merge group ${number}`;
  switch (stage.kind) {
    case "waiting": {
      const { clause, advice } = whyWaiting(bench, job, number);
      return { clause: `${name} has no merger yet (${clause})`, advice };
    }
    case "granted": {
      const merger = bench.farm.sessions.get(stage.session);
      const { waitsFor = "" } = merger ?? {};
      const why = waitsFor === "" ? "" : `, or waits for room (${quoted(waitsFor)})`;
      return { clause: `merger ${merger?.name ?? ""} is merging ${name}${why}`, advice: "" };
    }
    case "accepted":
      return { clause: `the file of ${name} is being published`, advice: "" };
    case "published":
    case "closed":
      return { clause: `${name} is published as ${mergedPathOf(job, number)}`, advice: "" };
    case "failed":
      return { clause: whyGivenUp(group, stage.failure), advice: mendAdvice(job) };
    default:
      return unreachable(stage);
  }
}
