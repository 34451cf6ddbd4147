// What becomes of a merge that fails.
//
//   - A group that failed on a merger is lent to others, where there is one that has not failed it, does not leave, and is on
//     no node that is drained.
//   - It is given up when its tries are spent, but not by one merger alone, where there are two: then when they are spent twice.

import type { DurableFact } from "../../../services/driver/core/facts/fact.js";
import type { Sighting } from "../sighting.js";
import type { Books } from "./books.js";
import type { Complain, Oracle } from "./oracle.js";

type FactOf<Kind extends DurableFact["kind"]> = Extract<DurableFact, { readonly kind: Kind }>;

/** What is known of the tries at a group. */
interface Tries {
  failures: number;
  /** Names of mergers. */
  readonly failedOn: Set<string>;
}

export function mergeTriesOracle(complain: Complain): Oracle {
  /** By job and group. */
  const tried = new Map<string, Tries>();
  /** Incarnations of mergers that have said that they leave. */
  const leaving = new Set<string>();
  return {
    fact: (fact, books) => {
      if (fact.kind === "merge-planned") tried.delete(`${fact.job}/${fact.group}`);
      else if (fact.kind === "job-retried")
        for (const key of tried.keys()) if (key.startsWith(`${fact.job}/`)) tried.delete(key);
      if (fact.kind === "merge-granted") {
        const tries = tried.get(`${fact.job}/${fact.group}`);
        if (tries !== undefined) judgeGrant(fact, tries, { books, leaving, complain });
      } else if (fact.kind === "merge-failed") {
        const tries = tried.get(`${fact.job}/${fact.group}`) ?? { failures: 0, failedOn: new Set() };
        tried.set(`${fact.job}/${fact.group}`, tries);
        tries.failures += 1;
        tries.failedOn.add(nameOf(books, books.sessionOf(fact.job, fact.grant)));
        judgeFailure(fact, tries, { books, leaving, complain });
      }
    },
    see: (sighting) => {
      const incarnation = leaverOf(sighting);
      if (incarnation !== undefined) leaving.add(incarnation);
    },
  };
}

/** A driver that hears it may have decided before. */
function leaverOf(sighting: Sighting): string | undefined {
  const isSaid = sighting.kind === "driver-heard" || sighting.kind === "peer-said";
  return isSaid && sighting.said.message.kind === "draining" ? sighting.peer.incarnation : undefined;
}

interface Court {
  readonly books: Books;
  readonly leaving: ReadonlySet<string>;
  readonly complain: Complain;
}

function judgeGrant(fact: FactOf<"merge-granted">, { failedOn }: Tries, court: Court): void {
  const name = nameOf(court.books, fact.session);
  const others = othersThan(failedOn, court).filter((one) => !one.mayLeave);
  if (!failedOn.has(name) || others.length === 0) return;
  const what = `group ${fact.group} of job ${fact.job} is lent to ${name}, which failed it`;
  court.complain("merge tries", `${what}, and ${others.map((one) => one.name).join()} did not`);
}

function judgeFailure(fact: FactOf<"merge-failed">, { failures, failedOn }: Tries, court: Court): void {
  const { attemptsMax } = court.books.job(fact.job).spec.merge;
  const others = othersThan(failedOn, court);
  const isSpent = failures >= attemptsMax;
  const hadEnough = failedOn.size > 1 || failures >= 2 * attemptsMax;
  const mayBeFinal = isSpent && (hadEnough || others.every((one) => one.mayLeave));
  const mayGoOn = !isSpent || (!hadEnough && others.length > 0);
  if (fact.final ? mayBeFinal : mayGoOn) return;
  const what = `failure ${failures} of ${attemptsMax} of group ${fact.group} of job ${fact.job}`;
  const where = `on ${[...failedOn].join()}, where ${others.map(({ name }) => name).join() || "nobody"} is left`;
  court.complain("merge tries", `${what}, ${where}, is ${fact.final ? "" : "not "}the last`);
}

interface Other {
  readonly name: string;
  /** It may be given nothing more. */
  readonly mayLeave: boolean;
}

function othersThan(failedOn: ReadonlySet<string>, { books, leaving }: Court): readonly Other[] {
  const mergers = [...books.sessions.values()].filter(({ role }) => role === "merger");
  const others = mergers.filter(({ name }) => !failedOn.has(name));
  return others.map(({ name, node, incarnation }) => {
    return { name, mayLeave: leaving.has(incarnation) || books.drained.has(node) };
  });
}

function nameOf(books: Books, session: number | undefined): string {
  return (session === undefined ? undefined : books.sessions.get(session)?.name) ?? "a merger that is gone";
}
