// What a client's call fails with.
//
//   C1. Every failure has a code on purpose, a message for people, and details for programs (status-details.ts): a reason, the
//       fields that are wrong, and how long to wait where it helps to ask again.

import { Metadata, status } from "@grpc/grpc-js";
import { unreachable } from "../../shared/core/assert.js";
import { errorMessage } from "../../shared/io/error-code.js";
import { detailsKey, encodeDetails, type FieldViolation } from "../../shared/io/status-details.js";
import { WireError } from "../../shared/io/wire-checks.js";
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
    { violations = [], retryAfterMs }: Details = {},
  ) {
    super(details);
    this.code = code;
    this.details = details;
    this.metadata.set(detailsKey, encodeDetails(code, details, { reason, violations, retryAfterMs }));
  }
}

type Refused = Extract<SubmitAnswer | ControlAnswer | AddAnswer | NodeAnswer, { kind: "refused" }>;

/** What a refusal of the core is as a status. */
export function refusalOf(
  { why, message }: Refused,
  unknown: "NO_SUCH_JOB" | "NO_SUCH_NODE" = "NO_SUCH_JOB",
): RpcError {
  switch (why) {
    case "unknown":
      return new RpcError(status.NOT_FOUND, unknown, message);
    case "invalid":
      return invalid(message);
    case "conflict":
      return new RpcError(status.FAILED_PRECONDITION, "NOT_POSSIBLE_NOW", message);
    case "too-large":
      return new RpcError(status.RESOURCE_EXHAUSTED, "LIMIT_REACHED", message);
    default:
      return unreachable(why);
  }
}

/** Messages about a field begin with its path. */
function invalid(message: string): RpcError {
  const [, field = "", description = message] = /^([a-zA-Z_][\w.[\]]*): (.*)$/s.exec(message) ?? [];
  const violations = [{ field, description }];
  return new RpcError(status.INVALID_ARGUMENT, "INVALID_FIELD", message, { violations });
}

export const requestIdLengthMax = 128;

/** The request id, which must be there. */
export function filledId(requestId: string): string {
  const { length } = requestId;
  if (length >= 1 && length <= requestIdLengthMax) return requestId;
  throw new WireError("request_id", `1 to ${requestIdLengthMax} characters`, String(length));
}

/** What the caller did wrong is said in full; anything else is the program's, and the caller is told only that. */
export function rpcErrorOf(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (error instanceof WireError) return invalid(error.message);
  const message = `the driver failed to answer: ${errorMessage(error)}`;
  return new RpcError(status.INTERNAL, "DRIVER_FAILED", message);
}
