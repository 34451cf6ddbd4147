// Where nothing is left of the node's scratch, that is why a payload failed, whatever it made of it: another node has room.

import { statfs } from "node:fs/promises";
import { failureMessageMax } from "../../shared/core/failure.js";
import type { RangeOutcome } from "../core/step.js";

/** Less is nothing: programs write in blocks, and what they had begun may be gone already. */
const bytesMin = 1 << 20;

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

/** Undefined when there is enough, or nobody can tell. */
async function lackOf(folder: string): Promise<string | undefined> {
  const space = await statfs(folder).catch(() => undefined);
  if (space === undefined) return undefined;
  if (space.bavail * space.bsize < bytesMin) return "space is";
  return space.files > 0 && space.ffree === 0 ? "room for another file is" : undefined;
}
