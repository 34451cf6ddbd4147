// Why a merge made no file, as an error on its way to the report.

import { failureMessageMax, failureOf, type Failure } from "../../shared/core/failure.js";
import { roomMessage } from "../../shared/io/room.js";

/** Carries the failure that is to be reported. */
export class MergeError extends Error {
  override readonly name = "MergeError";
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
  }
}

/** A file could not be written: another node may have more luck. Node's own error does not name the file. */
export function writeError(path: string, error: unknown): MergeError {
  return new MergeError(failureOf("node", `cannot write ${path}: ${roomMessage(error)}`), error);
}

/** A command failed where there is no room: that is why, whatever it made of it. */
export function fullError(folder: string, lack: string, { failure }: MergeError): MergeError {
  const message = `no ${lack} left on the file system of ${folder}: ${failure.message}`;
  const cause = Object.assign(new Error(lack), { code: "ENOSPC" });
  return new MergeError({ ...failure, class: "node", message: message.slice(0, failureMessageMax) }, cause);
}
