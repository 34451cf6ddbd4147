// Between what an actor leaves behind and protobuf.

import { HandIn } from "../../../gen/noctua/handin/v1/handin.js";
import type { JobResults } from "../core/outbox.js";
import { resultsToWire } from "./wire.js";

/** Who leaves it. */
export interface HandInOrigin {
  readonly run: string;
  readonly actor: string;
  readonly incarnation: string;
  readonly node: string;
}

export function handInToWire(origin: HandInOrigin, { job, messages }: JobResults): Uint8Array {
  return HandIn.encode({ ...origin, job, results: messages.map(resultsToWire) }).finish();
}
