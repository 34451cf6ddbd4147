// Who holds a range: it is lent anew only when nobody does, and lent a second time only while one does.

import { eachRange } from "../../../services/shared/core/spans.js";
import type { Complain, Oracle } from "./oracle.js";

export function holdersOracle(complain: Complain): Oracle {
  return {
    fact: (fact, books) => {
      if (fact.kind !== "ranges-granted" && fact.kind !== "ranges-copied") return;
      const job = books.job(fact.job);
      const isCopy = fact.kind === "ranges-copied";
      for (const range of eachRange(fact.spans)) {
        const what = `range ${range} of job ${fact.job} is lent by grant ${fact.grant}`;
        const holders = [job.holder.get(range), job.copy.get(range)].filter((grant) => grant !== undefined);
        if (holders.length === (isCopy ? 1 : 0) && !job.winner.has(range)) continue;
        complain(
          "holders",
          `${what}, ${isCopy ? "as a copy, " : ""}and ${holders.join(" and ") || "nobody"} holds it`,
        );
      }
    },
  };
}
