// Drained nodes: nothing is lent to them, and what waits there goes back.

import type { DurableFact } from "../../../services/driver/core/facts/fact.js";
import type { Peer, Word } from "../sighting.js";
import type { Books } from "./books.js";
import type { Complain, Oracle } from "./oracle.js";

export function drainsOracle(complain: Complain): Oracle {
  /** Processes that handed back all that waited, and got nothing since. */
  const emptied = new Set<string>();
  return {
    fact: (fact, books) => {
      const node = nodeOf(fact, books);
      if (node !== undefined && books.drained.has(node))
        complain("drain", `${fact.kind} to node ${node}, which is drained`);
    },
    see: (sighting) => {
      if (sighting.kind === "peer-heard") hear(sighting.peer, sighting.word, emptied);
      if (sighting.kind === "payload-began" && emptied.has(sighting.peer.incarnation))
        complain("drain", `${sighting.peer.incarnation} begins a range after it was to hand back what waits`);
    },
  };
}

function nodeOf(fact: DurableFact, books: Books): string | undefined {
  const isLent =
    fact.kind === "ranges-granted" || fact.kind === "ranges-copied" || fact.kind === "merge-granted";
  return isLent ? books.sessions.get(fact.session)?.node : undefined;
}

function hear({ incarnation }: Peer, { word }: Word, emptied: Set<string>): void {
  if (word.kind === "hand-back") emptied.add(incarnation);
  if (word.kind === "grant") emptied.delete(incarnation);
}
