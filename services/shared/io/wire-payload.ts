// How a range is run, between the words of types.proto and those of shared/core: W1 to W3 of wire-types.ts.

import type * as wire from "../../../gen/noctua/v1/types.js";
import { unreachable } from "../core/assert.js";
import type { PayloadSpec } from "../core/job-spec.js";
import { noNeeds, type PayloadNeeds, type SetupCommand } from "../core/payload-needs.js";
import { atLeastOne, cased, checkEach, commandFromWire, filled } from "./wire-checks.js";

export function payloadToWire(payload: PayloadSpec): wire.PayloadSpec {
  return { kind: kindToWire(payload), timeoutMs: payload.timeoutMs, needs: needsToWire(payload.needs) };
}

function needsToWire(needs: PayloadNeeds): wire.PayloadNeeds {
  const { environment, passEnvironment, cores, pin, setup, stageIn, scratchBytesMax } = needs;
  return {
    environment: { ...environment },
    passEnvironment: [...passEnvironment],
    cores,
    pinToCores: pin === "cores",
    setup: setup === undefined ? undefined : { ...setup, command: [...setup.command] },
    stageIn,
    scratchBytesMax,
  };
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
  const { command } = kind.value;
  const { timeoutMs } = payload;
  checkEach(
    () => commandFromWire(command, `${where}.${kind.$case}.command`),
    () => atLeastOne(timeoutMs, `${where}.timeout_ms`),
    () => needsFromWire(payload.needs, `${where}.needs`),
  );
  const needs = needsFromWire(payload.needs, `${where}.needs`);
  switch (kind.$case) {
    case "exec":
      return { kind: "exec", command, timeoutMs, needs };
    case "stream": {
      const { slotsPerProcess } = kind.value;
      const startTimeoutMs = atLeastOne(kind.value.startTimeoutMs, `${where}.stream.start_timeout_ms`);
      return { kind: "stream", command, slotsPerProcess, startTimeoutMs, timeoutMs, needs };
    }
    default:
      return unreachable(kind);
  }
}

/** What is not said is not needed. */
function needsFromWire(needs: wire.PayloadNeeds | undefined, where: string): PayloadNeeds {
  if (needs === undefined) return noNeeds;
  const { environment, passEnvironment, cores, pinToCores, setup, stageIn, scratchBytesMax } = needs;
  const pin = pinToCores ? "cores" : "none";
  return {
    environment,
    passEnvironment,
    cores: Math.max(1, cores),
    pin,
    setup: setup === undefined ? undefined : setupFromWire(setup, `${where}.setup`),
    stageIn,
    scratchBytesMax,
  };
}

function setupFromWire({ command, timeoutMs }: wire.SetupCommand, where: string): SetupCommand {
  return {
    command: commandFromWire(command, `${where}.command`),
    timeoutMs: atLeastOne(timeoutMs, `${where}.timeout_ms`),
  };
}
