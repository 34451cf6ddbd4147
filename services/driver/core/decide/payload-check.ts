// Is a payload one that can be run?

import { flawOfEnvironment } from "../../../shared/core/environment-flaw.js";
import type { PayloadSpec, StreamPayload } from "../../../shared/core/job-spec.js";
import type { PayloadNeeds, SetupCommand } from "../../../shared/core/payload-needs.js";
import { commandFlaw, flaws, numberFlaw, timeoutMsMax } from "./flaws.js";

/** More than a node has. */
const coresMax = 65_535;
const slotsPerProcessMax = coresMax;

/** What is wrong with it. */
export function payloadFlaws(field: string, payload: PayloadSpec): readonly string[] {
  return flaws(
    numberFlaw(`${field}.timeout_ms`, payload.timeoutMs, [1, timeoutMsMax]),
    commandFlaw(`${field}.${payload.kind}.command`, payload.command),
    payload.kind === "stream" ? streamFlaws(`${field}.stream`, payload) : undefined,
    needsFlaws(`${field}.needs`, payload.needs),
  );
}

function streamFlaws(field: string, payload: StreamPayload): readonly string[] {
  return flaws(
    numberFlaw(`${field}.slots_per_process`, payload.slotsPerProcess, [0, slotsPerProcessMax]),
    numberFlaw(`${field}.start_timeout_ms`, payload.startTimeoutMs, [1, timeoutMsMax]),
  );
}

/** How the wire calls them. */
const partNames = { environment: "environment", passEnvironment: "pass_environment" } as const;

function needsFlaws(field: string, needs: PayloadNeeds): readonly string[] {
  const flaw = flawOfEnvironment(needs);
  return flaws(
    flaw && `${field}.${partNames[flaw.part]}: expected ${flaw.expected}, found ${flaw.found}`,
    numberFlaw(`${field}.cores`, needs.cores, [1, coresMax]),
    setupFlaws(`${field}.setup`, needs.setup),
    scratchFlaw(`${field}.scratch_bytes_max`, needs.scratchBytesMax),
  );
}

function scratchFlaw(field: string, bytesMax: number | undefined): string | undefined {
  return bytesMax === undefined ? undefined : numberFlaw(field, bytesMax, [1, Number.MAX_SAFE_INTEGER]);
}

function setupFlaws(field: string, setup: SetupCommand | undefined): readonly string[] {
  if (setup === undefined) return [];
  const timeout = numberFlaw(`${field}.timeout_ms`, setup.timeoutMs, [1, timeoutMsMax]);
  return flaws(timeout, commandFlaw(`${field}.command`, setup.command));
}
