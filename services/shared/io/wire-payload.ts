// How a range is run, between the words of types.proto and those of shared/core: W1 to W3 of wire-types.ts.

import type * as wire from "../../../gen/noctua/v1/types.js";
import { unreachable } from "../core/assert.js";
import type { PayloadSpec } from "../core/job-spec.js";
import { atLeastOne, cased, commandFromWire, filled } from "./wire-checks.js";

export function payloadToWire(payload: PayloadSpec): wire.PayloadSpec {
  return { kind: kindToWire(payload), timeoutMs: payload.timeoutMs };
}

function kindToWire(payload: PayloadSpec): wire.PayloadSpec["kind"] {
  const command = [...payload.command];
  switch (payload.kind) {
    case "exec":
      return { $case: "exec", value: { command } };
    case "stream": {
      const { slotsPerProcess, startTimeoutMs } = payload;
      return { $case: "stream", value: { command, slotsPerProcess, startTimeoutMs } };
    }
    default:
      return unreachable(payload);
  }
}

export function payloadFromWire(message: wire.PayloadSpec | undefined, where: string): PayloadSpec {
  const payload = filled(message, where);
  const kind = cased(payload.kind, `${where}.kind`);
  const command = commandFromWire(kind.value.command, `${where}.${kind.$case}.command`);
  const timeoutMs = atLeastOne(payload.timeoutMs, `${where}.timeout_ms`);
  switch (kind.$case) {
    case "exec":
      return { kind: "exec", command, timeoutMs };
    case "stream": {
      const { slotsPerProcess } = kind.value;
      const startTimeoutMs = atLeastOne(kind.value.startTimeoutMs, `${where}.stream.start_timeout_ms`);
      return { kind: "stream", command, slotsPerProcess, startTimeoutMs, timeoutMs };
    }
    default:
      return unreachable(kind);
  }
}
