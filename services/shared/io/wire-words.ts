// Between what the driver says to actors and mergers alike, and its messages.
//
//   W1. There and back is equal.
//   W2. What comes in is checked before it is believed: a `WireError` names the field.

import type { CloseJob, Drain, ExtendJob, HandBack, OpenJob, Welcome } from "../../../gen/noctua/v1/types.js";
import { unreachable } from "../core/assert.js";
import { jobNumber, sessionNumber } from "../core/id.js";
import type { PeerWord } from "../core/peer-message.js";
import { atLeastOne } from "./wire-checks.js";
import { inputsFromWire, inputsToWire, specFromWire, specToWire } from "./wire-types.js";

type WireWord =
  | { $case: "welcome"; value: Welcome }
  | { $case: "openJob"; value: OpenJob }
  | { $case: "extendJob"; value: ExtendJob }
  | { $case: "closeJob"; value: CloseJob }
  | { $case: "drain"; value: Drain }
  | { $case: "handBack"; value: HandBack };

export function wordToWire(word: PeerWord): WireWord {
  switch (word.kind) {
    case "welcome": {
      const { kind: _, ...value } = word;
      return { $case: "welcome", value };
    }
    case "open-job":
      return { $case: "openJob", value: { job: word.job, spec: specToWire(word.spec) } };
    case "extend-job": {
      const { job, firstInput, inputs } = word;
      return { $case: "extendJob", value: { job, firstInput, inputs: inputsToWire(inputs) } };
    }
    case "close-job":
      return { $case: "closeJob", value: { job: word.job } };
    case "drain":
      return { $case: "drain", value: { reason: word.reason, graceMs: word.graceMs } };
    case "hand-back":
      return { $case: "handBack", value: { reason: word.reason } };
    default:
      return unreachable(word);
  }
}

export function wordFromWire(message: WireWord): PeerWord {
  switch (message.$case) {
    case "welcome": {
      const { session, run, flushIntervalMs, heartbeatIntervalMs, leaseMs } = message.value;
      return {
        kind: "welcome",
        session: sessionNumber(atLeastOne(session, "welcome.session")),
        run,
        flushIntervalMs,
        heartbeatIntervalMs: atLeastOne(heartbeatIntervalMs, "welcome.heartbeat_interval_ms"),
        leaseMs: atLeastOne(leaseMs, "welcome.lease_ms"),
      };
    }
    case "openJob":
      return {
        kind: "open-job",
        job: jobNumber(atLeastOne(message.value.job, "open_job.job")),
        spec: specFromWire(message.value.spec, "open_job.spec"),
      };
    case "extendJob":
      return {
        kind: "extend-job",
        job: jobNumber(atLeastOne(message.value.job, "extend_job.job")),
        firstInput: message.value.firstInput,
        inputs: inputsFromWire(message.value.inputs, "extend_job.inputs"),
      };
    case "closeJob":
      return { kind: "close-job", job: jobNumber(atLeastOne(message.value.job, "close_job.job")) };
    case "drain":
      return { kind: "drain", reason: message.value.reason, graceMs: message.value.graceMs };
    case "handBack":
      return { kind: "hand-back", reason: message.value.reason };
    default:
      return unreachable(message);
  }
}
