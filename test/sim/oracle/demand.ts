// P7: nobody is given what was not asked for. Asked is what the driver has heard on the same stream.

import { rangesIn } from "../../../services/shared/core/spans.js";
import type { Word } from "../sighting.js";
import type { Complain, Oracle } from "./oracle.js";

export function demandOracle(complain: Complain): Oracle {
  const asked = new Map<number, number>();
  const given = new Map<number, number>();
  return {
    see: (sighting) => {
      if (sighting.kind === "driver-heard" && sighting.said.message.kind === "demand") {
        asked.set(sighting.stream, Math.max(asked.get(sighting.stream) ?? 0, sighting.said.message.credit));
      } else if (sighting.kind === "driver-said") {
        const total = (given.get(sighting.stream) ?? 0) + amountOf(sighting.word);
        given.set(sighting.stream, total);
        const credit = asked.get(sighting.stream) ?? 0;
        if (total > credit)
          complain("P7", `${sighting.peer.name} asked for ${credit} and was given ${total}`);
      }
    },
  };
}

function amountOf({ word }: Word): number {
  if (word.kind === "grant") return rangesIn(word.spans);
  return word.kind === "lend" || (word.kind === "lend-part" && !word.part.more) ? 1 : 0;
}
