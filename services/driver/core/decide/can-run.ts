// Which nodes a job may run on.

import { meets, type Labels } from "../../../shared/core/labels.js";
import type { JobView } from "../state/job.js";

/** Whether nodes with these labels, a session's or those of a kind, may be lent ranges of the job. */
export function canRun(job: Pick<JobView, "spec">, { labels }: { readonly labels: Labels }): boolean {
  return meets(labels, job.spec.requires);
}
