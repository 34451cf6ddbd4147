// Folders that `noctua credentials` has made: they serve as a workdir for whoever asks or joins the driver of another one.
//
//   F1. No run begins there: its driver would write over what was lent.
//   F2. Nobody joins a run from there who would store and look for outputs where the others do not: jobs/ leads to the run's.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { jobsFolder } from "../../core/names.js";
import { authorityFile, trustFolder } from "./credential.js";

/** There is a credential, and no driver has ever begun there. */
export function isLent(workdir: string): boolean {
  const isThere = (path: string): boolean => existsSync(join(workdir, path));
  return isThere(trustFolder) && !isThere(authorityFile) && !isThere("driver/claims");
}

/** Throws where no driver may begin (F1). */
export function checkMayBegin(workdir: string): void {
  if (!isLent(workdir)) return;
  throw new Error(
    `expected the folder of a run, or a new one, found ${workdir}, which  noctua credentials  made: its driver lives ` +
      "elsewhere, so choose another workdir",
  );
}

/** Throws where no actor or merger may join (F2). */
export function checkMayJoin(workdir: string): void {
  const jobs = join(workdir, jobsFolder);
  if (!isLent(workdir) || existsSync(jobs)) return;
  throw new Error(
    `expected the folder of the run's outputs at ${jobs}, found none: ${workdir} holds but a credential; ` +
      `run  ln -sfn WORKDIR/${jobsFolder} '${jobs}'  with the run's own workdir`,
  );
}
