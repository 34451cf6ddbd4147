// For tests: what an actor leaves, in the bytes in which it leaves it.

import { HandIn } from "../../../gen/noctua/handin/v1/handin.js";
import { sealHandIn } from "../../shared/io/hand-in-file.js";

export type LeftBehind = HandIn;

/** Outputs of these ranges, as the process `first` of actor1 leaves them. */
export function leftOf(ranges: readonly number[], changes: Partial<LeftBehind> = {}, grant = 1): LeftBehind {
  const outputs = {
    job: 1,
    spans: { first: [...ranges], count: ranges.map(() => 1) },
    grant: ranges.map(() => grant),
    sizeBytes: ranges.map(() => 10),
    adler32: ranges.map(() => 7),
    wallMs: ranges.map(() => 100),
  };
  const results = [{ number: 1, outputs: [outputs], failures: [], returned: [], suspected: [] }];
  return { run: "run-1", job: 1, actor: "actor1", incarnation: "first", node: "node-1", results, ...changes };
}

export function sealed(left: LeftBehind): Buffer {
  return sealHandIn(HandIn.encode(left).finish());
}
