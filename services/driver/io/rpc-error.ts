// What a client's call fails with.

import { status } from "@grpc/grpc-js";
import { errorMessage } from "../../shared/io/error-code.js";
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

/** What the caller did wrong is said in full; anything else is the program's, and the caller is told only that. */
export function rpcErrorOf(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (error instanceof WireError) return new RpcError(status.INVALID_ARGUMENT, error.message);
  return new RpcError(status.INTERNAL, `the driver failed to answer: ${errorMessage(error)}`);
}
