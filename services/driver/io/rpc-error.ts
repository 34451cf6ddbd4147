// What a client's call fails with.

import { status } from "@grpc/grpc-js";
import { errorMessage } from "../../shared/io/error-code.js";
import type { NodeAnswer } from "../core/facts/fact-node.js";
import type { AddAnswer, ControlAnswer, SubmitAnswer } from "../core/facts/fact.js";
import { WireError } from "../../shared/io/wire-checks.js";

/** An answer with a status other than OK. */
export class RpcError extends Error {
  readonly code: status;
  readonly details: string;

  constructor(code: status, details: string) {
    super(details);
    this.code = code;
    this.details = details;
  }
}

/** Why a question is refused, as a status. */
export const refusalCodes = {
  unknown: status.NOT_FOUND,
  invalid: status.INVALID_ARGUMENT,
  conflict: status.FAILED_PRECONDITION,
  "too-large": status.RESOURCE_EXHAUSTED,
} as const satisfies Record<
  Extract<SubmitAnswer | ControlAnswer | AddAnswer | NodeAnswer, { kind: "refused" }>["why"],
  status
>;

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
  if (error instanceof WireError) return new RpcError(status.INVALID_ARGUMENT, error.message);
  return new RpcError(status.INTERNAL, `the driver failed to answer: ${errorMessage(error)}`);
}
