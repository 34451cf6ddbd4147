// What the driver's refusals mean for the person who asked.

import { status as codes, type ServiceError } from "@grpc/grpc-js";
import { formatDuration } from "../../shared/core/duration.js";
import {
  decodeDetails,
  detailsKey,
  type FieldViolation,
  type StatusDetails,
} from "../../shared/io/status-details.js";
import { WireError } from "../../shared/io/wire-checks.js";
import { CliError, exitCodes } from "./cli-error.js";
import { anotherRun, noAnswer } from "./no-driver.js";

export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && typeof error.code === "number" && "details" in error;
}

/** The driver's answers to a mistake of the asker's; they say themselves what is wrong. */
const refusals: readonly number[] = [
  codes.INVALID_ARGUMENT,
  codes.FAILED_PRECONDITION,
  codes.RESOURCE_EXHAUSTED,
  codes.NOT_FOUND,
  codes.PERMISSION_DENIED,
];

/** What Node says of a server whose certificate is not of the credential's run. */
const otherRun =
  /self-signed certificate|unable to verify|certificate's altnames|certificate signature failure/;

/** What the driver's answer means for the person who asked. */
export function explained(error: unknown, workdir: string): Error {
  if (error instanceof WireError) {
    return new CliError(exitCodes.internal, `the driver is of another version: ${error.message}`, error);
  }
  if (!isServiceError(error)) return error instanceof Error ? error : new Error(String(error));
  const { code, details } = error;
  const inDetail = explainedInDetail(error);
  if (inDetail !== undefined) return inDetail;
  if (refusals.includes(code)) return new CliError(exitCodes.usage, details, error);
  if (code === codes.UNAVAILABLE || code === codes.DEADLINE_EXCEEDED) return unavailable(error, workdir);
  if (code === codes.UNAUTHENTICATED) return new CliError(exitCodes.driverUnavailable, details, error);
  return new CliError(exitCodes.internal, `the driver failed to answer: ${details}`, error);
}

/** Nobody answers, or somebody else. */
function unavailable(error: ServiceError, workdir: string): CliError {
  const { details } = error;
  if (otherRun.test(details)) {
    return anotherRun(workdir, error);
  }
  // What grpc-js has to say, without what it says around it.
  const why = /connect \w+ \S+/.exec(details)?.[0].replace(/\.$/, "") ?? details;
  return noAnswer(why, workdir, error);
}

/** What the driver itself says of fields that are wrong, and of a bad moment. */
function explainedInDetail(error: ServiceError): CliError | undefined {
  const { code, details } = error;
  const said = saidIn(error);
  if (said === undefined) return undefined;
  if (code === codes.UNAVAILABLE)
    return new CliError(exitCodes.driverUnavailable, `${details}${waitAdvice(said)}`, error);
  if (code !== codes.INVALID_ARGUMENT || said.violations.length === 0) return undefined;
  return new CliError(exitCodes.usage, said.violations.map(lineOf).join("\n"), error);
}

/** What the driver says besides code and message; undefined when it was not the driver who answered. */
function saidIn({ metadata }: ServiceError): StatusDetails | undefined {
  const [bytes] = metadata.get(detailsKey);
  return Buffer.isBuffer(bytes) ? decodeDetails(bytes) : undefined;
}

/** Each field that is wrong has a line of its own. */
function lineOf({ field, description }: FieldViolation): string {
  return field === "" ? description : `${field}: ${description}`;
}

function waitAdvice({ retryAfterMs }: StatusDetails): string {
  return retryAfterMs === undefined ? "" : `: ask again in ${formatDuration(retryAfterMs)}`;
}
