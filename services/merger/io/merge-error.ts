// Why a merge made no file, as an error on its way to the report.

import { failureMessageMax, failureOf, type Failure } from "../../shared/core/failure.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";

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
  return new MergeError(failureOf("node", `cannot write ${path}: ${reasonOf(error)}`), error);
}

/** A command failed where there is no room: that is why, whatever it made of it. */
export function fullError(folder: string, lack: string, { failure }: MergeError): MergeError {
  const message = `no ${lack} left on the file system of ${folder}: ${failure.message}`;
  const cause = Object.assign(new Error(lack), { code: "ENOSPC" });
  return new MergeError({ ...failure, class: "node", message: message.slice(0, failureMessageMax) }, cause);
}

function reasonOf(error: unknown): string {
  const code = errorCode(error);
  switch (code) {
    case "ENOSPC":
      return "no space is left on its file system (ENOSPC)";
    case "EDQUOT":
      return "the quota is used up (EDQUOT)";
    case "EROFS":
      return "its file system is read-only (EROFS)";
    default:
      return errorMessage(error);
  }
}
