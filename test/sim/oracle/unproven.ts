// P5: one broken node that is there before all others costs no range.
//
//   - Where a range failed for good, or a job was stopped, on the word of one node alone, an actor of that node had done
//     something, or had been there as long as another node is waited for.
//
// A fact is decided before it is durable: who was there long enough then is so now.

import type { DurableFact } from "../../../services/driver/core/facts/fact.js";
import { unixMsAtStart } from "../timeline.js";
import type { Books } from "./books.js";
import type { Complain, Oracle } from "./oracle.js";

/** An actor's session, with those that it goes on from. */
interface Standing {
  readonly node: string;
  readonly joinedAtUnixMs: number;
  hasDone: boolean;
}

export function unprovenOracle(complain: Complain, nowMs: () => number, witnessWaitMs: number): Oracle {
  const standings = new Map<number, Standing>();
  const isUnproven = (node: string): boolean => {
    const here = [...standings.values()].filter((one) => one.node === node);
    const isProven = ({ hasDone, joinedAtUnixMs }: Standing): boolean =>
      hasDone || unixMsAtStart + nowMs() - joinedAtUnixMs >= witnessWaitMs;
    return here.length > 0 && !here.some(isProven);
  };
  return {
    fact: (fact, books) => {
      note(fact, books, standings);
      const [node = "", another] = witnesses(fact, books);
      if (node === "" || another !== undefined || !isUnproven(node)) return;
      complain(
        "P5",
        `${fact.kind} on ${node}'s word alone, where nothing was done yet: ${JSON.stringify(fact)}`,
      );
    },
  };
}

function note(fact: DurableFact, books: Books, standings: Map<number, Standing>): void {
  if (fact.kind === "session-ended") standings.delete(fact.session);
  if (fact.kind === "session-opened" && fact.role === "actor") {
    const older = fact.continues === undefined ? undefined : standings.get(fact.continues);
    standings.set(fact.session, older ?? { node: fact.node, joinedAtUnixMs: fact.atUnixMs, hasDone: false });
    if (fact.continues !== undefined) standings.delete(fact.continues);
  }
  if (fact.kind !== "ranges-done") return;
  for (const grant of fact.grant) {
    const standing = standings.get(books.sessionOf(fact.job, grant) ?? 0);
    if (standing !== undefined) standing.hasDone = true;
  }
}

/** The nodes on whose word something is final by the fact; none when nothing is. */
function witnesses(fact: DurableFact, books: Books): readonly string[] {
  if (fact.kind === "range-tried" && fact.final) {
    const earlier = books.job(fact.job).failures.get(fact.range) ?? [];
    return [...new Set([fact.node, ...earlier.map(({ node }) => node)])];
  }
  if (fact.kind !== "job-stopped") return [];
  const failures = [...books.job(fact.job).failures.values()].flat();
  return [...new Set(failures.filter((one) => one.class === "fatal").map(({ node }) => node))];
}
