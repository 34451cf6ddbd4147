// Where nothing is left of the node's scratch, that is why a payload failed, whatever it made of it: another node has room.

import { failureMessageMax } from "../../shared/core/failure.js";
import { lackOf } from "../../shared/io/room.js";
import type { RangeOutcome } from "../core/step.js";

/** How a range ended whose payload ran in the folder: a full file system makes it the node's failure. */
export async function judgedBySpace(outcome: RangeOutcome, folder: string): Promise<RangeOutcome> {
  if (outcome.kind !== "failure") return outcome;
  const { failure } = outcome;
  if (failure.class !== "transient" && failure.class !== "event") return outcome;
  const lack = await lackOf(folder);
  if (lack === undefined) return outcome;
  const message = `no ${lack} left on the node's scratch, ${folder}: ${failure.message}`;
  return {
    kind: "failure",
    failure: { ...failure, class: "node", message: message.slice(0, failureMessageMax) },
  };
}
