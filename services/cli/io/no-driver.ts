// What is to be done where no driver can be asked.
//
//   N1. Nobody is told to start a driver in a folder that `noctua credentials` has made: it would begin a run of its own there.
//   N2. What says itself how it is mended is told as it is.

import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import { NoDriverYet } from "../../shared/io/trust/credential.js";
import { isLent } from "../../shared/io/trust/lent-folder.js";
import { CliError, exitCodes } from "./cli-error.js";

/** Why the driver of a workdir was not dialled. */
export function notDialled(error: unknown, workdir: string): CliError {
  return new CliError(exitCodes.driverUnavailable, whatToDo(error, workdir), error);
}

/** Nobody listens where the driver was. */
export function noAnswer(why: string, workdir: string, error: unknown): CliError {
  const remedy = isLent(workdir)
    ? "if it was started anew on another port, have another credential made, with  noctua credentials" // (N1)
    : `start one with  noctua driver --workdir ${workdir}  (noctua report and logs need none)`;
  const message = `no driver answers for ${workdir} (${why}): ${remedy}`;
  return new CliError(exitCodes.driverUnavailable, message, error);
}

/** Whoever listens there is not of the run that the credential is for. */
export function anotherRun(workdir: string, error: unknown): CliError {
  const remedy = isLent(workdir)
    ? "have another credential made, with  noctua credentials" // (N1)
    : "start the driver of this workdir again";
  const found = `what answers at the driver's address has no certificate of the run of ${workdir}`;
  const message = `${found}: it is another run's; ${remedy}`;
  return new CliError(exitCodes.driverUnavailable, message, error);
}

function whatToDo(error: unknown, workdir: string): string {
  const found = errorMessage(error);
  if (errorCode(error) === "EACCES")
    return `${found}: have its owner make you a credential, with  noctua credentials`;
  if (!(error instanceof NoDriverYet)) return found; // (N2)
  if (isLent(workdir))
    return `${workdir} holds no credential for this: have one made, with  noctua credentials`; // (N1)
  return `${found}; start a driver with  noctua driver --workdir ${workdir}  or name another workdir`;
}
