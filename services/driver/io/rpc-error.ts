// What a client's call fails with.
//
//   C1. Every failure has a code on purpose, a message for people, and details for programs (status-details.ts): a reason, the
//       fields that are wrong, all of them, and how long to wait where it helps to ask again.
//   C2. All of it fits into the 8 KB that gRPC's clients read of an answer's end: of what is longer, the beginning is told,
//       in whole letters, since gRPC fails on half of one.

import { StringDecoder } from "node:string_decoder";
import { Metadata, status } from "@grpc/grpc-js";
import { EngineOverError } from "./engine.js";
import { unreachable } from "../../shared/core/assert.js";
import { errorMessage } from "../../shared/io/error-code.js";
import { detailsKey, encodeDetails, type FieldViolation } from "../../shared/io/status-details.js";
import { errorsIn, WireError } from "../../shared/io/wire-checks.js";
import type { LimitName } from "../core/facts/fact-refusal.js";
import type { NodeAnswer } from "../core/facts/fact-node.js";
import type { AddAnswer, ControlAnswer, SubmitAnswer } from "../core/facts/fact.js";

/** Why a call fails, for programs (docs/api.md). */
export type Reason =
  | "INVALID_FIELD"
  | "NO_SUCH_JOB"
  | "NO_SUCH_NODE"
  | "NOTHING_SUCH"
  | "NOT_POSSIBLE_NOW"
  | "LIMIT_REACHED"
  | "TOO_MANY_REQUESTS"
  | "TOO_MANY_WATCHERS"
  | "JOURNAL_STALLED"
  | "DRIVER_STOPS"
  | "DRIVER_FAILED";

interface Details {
  readonly violations?: readonly FieldViolation[];
  /** Which limit was reached, as GetCluster calls it. */
  readonly limit?: LimitName | "watches" | "waiting_requests" | "waiting_request_bytes";
  readonly retryAfterMs?: number;
}

/** An answer with a status other than OK. */
export class RpcError extends Error {
  readonly code: status;
  readonly details: string;
  readonly metadata = new Metadata();

  constructor(
    code: status,
    reason: Reason,
    details: string,
    { violations = [], limit, retryAfterMs }: Details = {},
  ) {
    super(details);
    this.code = code;
    this.details = clipped(details, messageMax);
    const told = { reason, limit, violations: fitting(violations), retryAfterMs };
    this.metadata.set(detailsKey, encodeDetails(code, this.details, told));
  }
}

/** (C2) In bytes: of a message, which is sent twice; of a violation; of all violations together. */
const messageMax = 1_000;
const violationMax = 400;
const violationsMax = 2_000;
const ellipsis = "…";

function clipped(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= bytesMax) return bytes.toString(); // What was half a letter already is U+FFFD now.
  return new StringDecoder().write(bytes.subarray(0, bytesMax - Buffer.byteLength(ellipsis))) + ellipsis;
}

/** (C2) */
function fitting(violations: readonly FieldViolation[]): readonly FieldViolation[] {
  const told: FieldViolation[] = [];
  let length = 0;
  for (const violation of violations) {
    const field = clipped(violation.field, violationMax);
    const description = clipped(violation.description, violationMax);
    length += Buffer.byteLength(field) + Buffer.byteLength(description);
    if (length > violationsMax) break;
    told.push({ field, description });
  }
  const more = violations.length - told.length;
  return more === 0 ? told : [...told, { field: "", description: `and ${more} more` }];
}

type Refused = Extract<SubmitAnswer | ControlAnswer | AddAnswer | NodeAnswer, { kind: "refused" }>;

/** What a refusal of the core is as a status. */
export function refusalOf(
  refused: Refused,
  unknown: "NO_SUCH_JOB" | "NO_SUCH_NODE" = "NO_SUCH_JOB",
): RpcError {
  switch (refused.why) {
    case "unknown":
      return new RpcError(status.NOT_FOUND, unknown, refused.message);
    case "invalid":
      return invalid(refused.flaws);
    case "conflict":
      return new RpcError(status.FAILED_PRECONDITION, "NOT_POSSIBLE_NOW", refused.message);
    case "too-large":
      return new RpcError(status.RESOURCE_EXHAUSTED, "LIMIT_REACHED", refused.message, {
        limit: refused.limit,
      });
    case "failed":
      return new RpcError(status.INTERNAL, "DRIVER_FAILED", refused.message);
    default:
      return unreachable(refused);
  }
}

/** Flaws that the message tells; the details tell more. */
const toldMax = 3;

/** Each flaw begins with the path of its field. */
export function invalid(flaws: readonly string[]): RpcError {
  const more = flaws.length > toldMax ? [`and ${flaws.length - toldMax} more`] : [];
  const message = [...flaws.slice(0, toldMax), ...more].join("; ");
  return new RpcError(status.INVALID_ARGUMENT, "INVALID_FIELD", message, {
    violations: flaws.map(violationOf),
  });
}

function violationOf(flaw: string): FieldViolation {
  const [, field = "", description = flaw] = /^([a-zA-Z_][\w.[\]]*): (.*)$/s.exec(flaw) ?? [];
  return { field, description };
}

export const requestIdLengthMax = 128;

/** The request id, which must be there. */
export function filledId(requestId: string): string {
  const { length } = requestId;
  if (length >= 1 && length <= requestIdLengthMax) return requestId;
  throw new WireError("request_id", `1 to ${requestIdLengthMax} characters`, String(length));
}

/** The driver answers no more. */
export function driverStops(why = "the driver stops"): RpcError {
  const message = `${why}: ask again when there is another`;
  return new RpcError(status.UNAVAILABLE, "DRIVER_STOPS", message, { retryAfterMs: 1_000 });
}

/** What the caller did wrong is said in full; anything else is the program's, and the caller is told only that. */
export function rpcErrorOf(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (error instanceof EngineOverError) return driverStops(error.message);
  if (error instanceof WireError) return invalid(errorsIn(error).map(({ message }) => message));
  const message = `the driver failed to answer: ${errorMessage(error)}`;
  return new RpcError(status.INTERNAL, "DRIVER_FAILED", message);
}
