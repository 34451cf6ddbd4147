// Is a payload one that can be run?

import { flawOfEnvironment } from "../../../shared/core/environment-flaw.js";
import type { PayloadSpec, StreamPayload } from "../../../shared/core/job-spec.js";
import type { PayloadNeeds, SetupCommand } from "../../../shared/core/payload-needs.js";
import { commandFlaw, numberFlaw, timeoutMsMax } from "./flaws.js";

/** More than a node has. */
const coresMax = 65_535;
const slotsPerProcessMax = coresMax;

/** What is wrong with it, or undefined when nothing is. */
export function payloadFlaw(field: string, payload: PayloadSpec): string | undefined {
  return (
    numberFlaw(`${field}.timeout_ms`, payload.timeoutMs, [1, timeoutMsMax]) ??
    commandFlaw(`${field}.${payload.kind}.command`, payload.command) ??
    (payload.kind === "stream" ? streamFlaw(`${field}.stream`, payload) : undefined) ??
    needsFlaw(`${field}.needs`, payload.needs)
  );
}

function streamFlaw(field: string, payload: StreamPayload): string | undefined {
  return (
    numberFlaw(`${field}.slots_per_process`, payload.slotsPerProcess, [0, slotsPerProcessMax]) ??
    numberFlaw(`${field}.start_timeout_ms`, payload.startTimeoutMs, [1, timeoutMsMax])
  );
}

/** How the wire calls them. */
const partNames = { environment: "environment", passEnvironment: "pass_environment" } as const;

function needsFlaw(field: string, needs: PayloadNeeds): string | undefined {
  const flaw = flawOfEnvironment(needs);
  return flaw === undefined
    ? (numberFlaw(`${field}.cores`, needs.cores, [1, coresMax]) ??
        setupFlaw(`${field}.setup`, needs.setup) ??
        scratchFlaw(`${field}.scratch_bytes_max`, needs.scratchBytesMax))
    : `${field}.${partNames[flaw.part]}: expected ${flaw.expected}, found ${flaw.found}`;
}

function scratchFlaw(field: string, bytesMax: number | undefined): string | undefined {
  return bytesMax === undefined ? undefined : numberFlaw(field, bytesMax, [1, Number.MAX_SAFE_INTEGER]);
}

function setupFlaw(field: string, setup: SetupCommand | undefined): string | undefined {
  if (setup === undefined) return undefined;
  const timeout = numberFlaw(`${field}.timeout_ms`, setup.timeoutMs, [1, timeoutMsMax]);
  return timeout ?? commandFlaw(`${field}.command`, setup.command);
}
