// Why a merge made no file, as an error on its way to the report.

import { failureOf, type Failure } from "../../shared/core/failure.js";
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
