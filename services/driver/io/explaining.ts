// Why something is as it is, for clients (core/explain/explain.ts).
//
//   E1. Only what is committed is explained. While a commit can't be made durable, that is why all waits, and is said
//       instead.

import { status } from "@grpc/grpc-js";
import { formatDuration } from "../../shared/core/duration.js";
import { after } from "../../shared/io/system-clock.js";
import { explain } from "../core/explain/explain.js";
import type { Explanation, Question } from "../core/explain/explanation.js";
import type { Engine } from "./engine.js";
import { RpcError } from "./rpc-error.js";

/** A commit that takes longer is worth telling. */
const commitMsMax = 2_000;

/** What is asked for explanations. */
export interface Explainer {
  readonly engine: Pick<Engine, "read">;
  /** Why the driver can't do its work at present; undefined when it can. */
  readonly trouble: () => string | undefined;
}

/** Rejects with NOT_FOUND when there is no such thing, saying what there is. */
export async function explained({ engine, trouble }: Explainer, question: Question): Promise<Explanation> {
  const reading = engine.read((_farm, bench) => explain(bench, question));
  const found = await orLate(reading);
  if (found === "late") return waitsForDisk(trouble());
  if ("unknown" in found) throw new RpcError(status.NOT_FOUND, "NOTHING_SUCH", found.unknown);
  const why = trouble();
  return why === undefined
    ? found
    : { ...found, details: [...found.details, `The driver has trouble: ${why}.`] };
}

/** (E1) */
function orLate<Answer>(reading: Promise<Answer>): Promise<Answer | "late"> {
  return new Promise((resolve, reject) => {
    const cancel = after(commitMsMax, () => resolve("late"));
    reading.then(resolve, reject).finally(cancel);
  });
}

function waitsForDisk(trouble: string | undefined): Explanation {
  const slow = `a commit to the journal has been under way for more than ${formatDuration(commitMsMax)}`;
  return {
    sentence: `The whole run waits for the driver's disk: ${trouble ?? slow}.`,
    details: ["Actors work on with what they hold; nothing is granted or acknowledged meanwhile."],
    advice: "Look at the file system of <workdir>/driver/journal: is it full, or does it hang?",
  };
}
