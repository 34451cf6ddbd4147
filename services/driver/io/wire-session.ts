// What the actors' and the mergers' streams have in common on the wire.

import { WireError } from "../../shared/io/wire-checks.js";
import { specToWire } from "../../shared/io/wire-types.js";
import type { CloseJob, OpenJob, Welcome } from "../../../gen/noctua/v1/types.js";
import type { Saying } from "./saying.js";

type CommonMessage =
  | { $case: "welcome"; value: Welcome }
  | { $case: "openJob"; value: OpenJob }
  | { $case: "closeJob"; value: CloseJob };

export function commonSaying(
  saying: Extract<Saying, { kind: "welcome" | "open-job" | "close-job" }>,
): CommonMessage {
  switch (saying.kind) {
    case "welcome": {
      const { session, run, terms } = saying;
      return { $case: "welcome", value: { session, run, ...terms } };
    }
    case "open-job":
      return { $case: "openJob", value: { job: saying.job, spec: specToWire(saying.spec) } };
    case "close-job":
      return { $case: "closeJob", value: { job: saying.job } };
  }
}

const nameLengthMax = 256;

/** A name that somebody gave: not empty, and not so long that it fills logs. */
export function filledName(name: string, where: string): string {
  if (name.length >= 1 && name.length <= nameLengthMax) return name;
  throw new WireError(where, `1 to ${nameLengthMax} characters`, `${name.length}`);
}
