// Which nodes could take a job's ranges: is there another one?

import { canRun } from "./can-run.js";
import type { FarmView } from "../state/farm.js";
import type { JobView } from "../state/job.js";

/** Whether a node that can run the job is connected and not in quarantine that is none of these. */
export function isAnotherAble(farm: FarmView, job: JobView, nodes: readonly string[]): boolean {
  return isOneBeside(farm, farm.able, job, nodes);
}

/** Whether, besides, the last range that was tried there did not fail (node.ts, N2). */
export function isAnotherSound(farm: FarmView, job: JobView, nodes: readonly string[]): boolean {
  return isOneBeside(farm, farm.sound, job, nodes);
}

/** In hardly more steps than there are names to leave out, where most nodes can run the job. */
function isOneBeside(
  farm: FarmView,
  names: ReadonlySet<string>,
  job: JobView,
  leftOut: readonly string[],
): boolean {
  for (const name of names) if (!leftOut.includes(name) && isRunnableOn(farm, job, name)) return true;
  return false;
}

/** Whether actors of the node can run the job. */
export function isRunnableOn(farm: FarmView, job: JobView, name: string): boolean {
  for (const number of farm.nodes.get(name)?.actors ?? []) {
    const session = farm.sessions.get(number);
    if (session !== undefined && canRun(job, session)) return true;
  }
  return false;
}
