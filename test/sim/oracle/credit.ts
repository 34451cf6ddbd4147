// P5: what a failure costs.
//
//   - Each failure that is counted was one of the payload's own, and is counted once.
//   - A range fails for good with its last credit, or when its event is bad, neither before nor after it; what failed on
//     a node in quarantine costs nothing.
//   - A job is stopped only when two nodes, where there are two, met a fatal failure, and nothing ever succeeded.
//   - Each failed try of a merge group was one, and no lost merger's.

import type { DurableFact } from "../../../services/driver/core/facts/fact.js";
import type { FailureClass } from "../../../services/shared/core/failure.js";
import { meets } from "../../../services/shared/core/labels.js";
import type { Sighting } from "../sighting.js";
import type { Books } from "./books.js";
import { countedFailure, type CountedFailure } from "./counted-failure.js";
import type { JobBook } from "./job-book.js";
import type { Complain, Oracle } from "./oracle.js";

export function creditOracle(complain: Complain): Oracle {
  /** Failures that payloads had, by job, range and grant. */
  const payloads = new Map<string, FailureClass>();
  /** Merges that failed, by job and grant. */
  const merges = new Set<string>();
  /** Processes that the driver is connected with and that do not drain, by stream. */
  const connected = new Map<number, string>();
  return {
    fact: (fact, books) => {
      if (fact.kind === "range-failed" || fact.kind === "range-tried") {
        judgeFailed(fact, books.job(fact.job), { payloads, complain });
        if (fact.final) judgeWitnesses(fact, books.job(fact.job), books, { connected, complain });
      } else if (fact.kind === "job-stopped")
        judgeStopped(books.job(fact.job), books, { connected, complain });
      else if (fact.kind === "merge-failed")
        judgeMergeFailed(fact, books.job(fact.job), { merges, complain });
    },
    see: (sighting) => {
      if (sighting.kind === "driver-started") connected.clear();
      else if (sighting.kind === "stream-closed") connected.delete(sighting.stream);
      else if (sighting.kind === "driver-heard" || sighting.kind === "driver-said") note(sighting, connected);
      if (sighting.kind === "payload-failed") {
        const { job, range, grant } = sighting.copy;
        payloads.set(`${job}/${range}/${grant}`, sighting.failure.class);
      } else if (sighting.kind === "merge-tried" && sighting.failed) {
        merges.add(`${sighting.merge.job}/${sighting.merge.grant}`);
      }
    },
    end: (books) => {
      for (const job of books.jobs.values()) {
        for (const range of job.failed) {
          if (job.stopped || job.givenUp.has(range) || mayBeFinal(job, job.failures.get(range) ?? []))
            continue;
          const counted = job.failures.get(range)?.length ?? 0;
          complain("P5", `range ${range} of job ${job.number} is given up after ${counted} failures`);
        }
      }
    },
  };
}

function judgeFailed(
  fact: Extract<DurableFact, { kind: "range-failed" | "range-tried" }>,
  job: JobBook,
  {
    payloads,
    complain,
  }: { readonly payloads: ReadonlyMap<string, FailureClass>; readonly complain: Complain },
): void {
  const { range, grant, failure, final } = fact;
  const what = `a failure of range ${range}, grant ${grant}, of job ${job.number} is counted`;
  const found = payloads.get(`${job.number}/${range}/${grant}`);
  if (found === undefined) complain("P5", `${what}, and no payload had one`);
  else if (found !== failure.class) complain("P5", `${what} as ${failure.class}, and it was ${found}`);
  const counted = job.failures.get(range) ?? [];
  if (counted.some((earlier) => earlier.grant === grant)) complain("P5", `${what} twice`);
  const failures = [...counted, countedFailure(fact)];
  const nodes = new Set(failures.filter((one) => one.isCounted && !one.isOld).map(({ node }) => node));
  // Where there are two nodes, tries that are spent on one are not the last ones.
  const isLast = mayBeFinal(job, failures) && !job.copy.has(range); // The other one may save it.
  if (final ? isLast : nodes.size < 2 || !isLast) return;
  const credit = `${failures.filter((one) => one.isCounted).length} of ${job.spec.retry.attemptsMax}`;
  complain("P5", `${what} as ${final ? "final" : "not final"}, and its credit is ${credit}`);
}

/** Its tries are spent, or its event failed as often as it takes to call it bad. */
function mayBeFinal(job: JobBook, failures: readonly CountedFailure[]): boolean {
  const { attemptsMax } = job.spec.retry;
  const counted = failures.filter(({ isCounted }) => isCounted);
  const ofEvent = counted.filter((failure) => failure.class === "event");
  return counted.length >= attemptsMax || ofEvent.length >= Math.min(2, attemptsMax);
}

type OnStream = Extract<Sighting, { stream: number; epoch: number }>;

/** Who was welcomed is there, until it is known to leave. */
function note(sighting: OnStream, connected: Map<number, string>): void {
  const { kind } = "said" in sighting ? sighting.said.message : sighting.word.word;
  if (kind === "welcome") connected.set(sighting.stream, sighting.peer.incarnation);
  else if (kind === "draining" || kind === "drain") connected.delete(sighting.stream);
}

/** Nodes that could take ranges of the job, as the driver must know. */
function ableNodes(job: JobBook, books: Books, connected: ReadonlyMap<number, string>): ReadonlySet<string> {
  const isHere = new Set(connected.values());
  const able = new Set<string>();
  for (const { role, node, labels, incarnation } of books.sessions.values()) {
    const isOpen = !books.quarantined.has(node) && !books.drained.has(node);
    const isAble = isOpen && meets(labels, job.spec.requires);
    if (role === "actor" && isAble && isHere.has(incarnation)) able.add(node);
  }
  return able;
}

/** One node's word is not the last one, where there is another (Y4 of decide-failure.ts). */
function judgeWitnesses(
  { range, node }: { readonly range: number; readonly node: string },
  job: JobBook,
  books: Books,
  { connected, complain }: { readonly connected: ReadonlyMap<number, string>; readonly complain: Complain },
): void {
  const failures = job.failures.get(range) ?? [];
  const met = new Set([node, ...failures.map((failure) => failure.node)]);
  const others = [...ableNodes(job, books, connected)].filter((name) => !met.has(name));
  if (met.size < 2 && others.length > 0)
    complain(
      "P5",
      `range ${range} of job ${job.number} is final on ${node}'s word alone, and ${others.join()} could try it`,
    );
}

function judgeStopped(
  job: JobBook,
  books: Books,
  { connected, complain }: { readonly connected: ReadonlyMap<number, string>; readonly complain: Complain },
): void {
  const met = new Set<string>();
  for (const counted of job.failures.values()) {
    for (const failure of counted) if (failure.class === "fatal") met.add(failure.node);
  }
  const there = ableNodes(job, books, connected);
  if (met.size < Math.min(2, there.size)) {
    complain(
      "P5",
      `job ${job.number} is stopped, and only ${[...met].join()} of ${[...there].join()} met a fatal failure`,
    );
  }
  if (job.winner.size > 0)
    complain("P5", `job ${job.number} is stopped, and ${job.winner.size} of its ranges have an output`);
}

function judgeMergeFailed(
  fact: Extract<DurableFact, { kind: "merge-failed" }>,
  job: JobBook,
  { merges, complain }: { readonly merges: ReadonlySet<string>; readonly complain: Complain },
): void {
  const what = `a failure of group ${fact.group}, grant ${fact.grant}, of job ${job.number} is counted`;
  if (!merges.has(`${job.number}/${fact.grant}`)) complain("P5", `${what}, and no merge failed`);
}
