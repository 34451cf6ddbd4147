// For tests: what must hold of the inputs of a job, and of the order in which jobs are served.

import { assert, present } from "../../../shared/core/assert.js";
import { jobOf, type Farm } from "../state/farm.js";
import type { Job } from "../state/job.js";
import { comesBefore } from "../state/live-jobs.js";

/** (J4, I1) */
export function checkInputs({ layout, table, intake, stage }: Job): void {
  assert(layout.ranges === table.ranges, "the table has the ranges of the inputs");
  if (intake.kind === "closed") return;
  assert(stage.kind === "running" || stage.kind === "suspended", "what takes ranges in is not about to end");
  for (const [number, input] of layout.inputs.entries()) {
    const found = intake.index.overlapOf([input])?.earlier;
    assert(found === number, `input ${number}, and no other, has its events`);
  }
}

/** (O1) */
export function checkOrder(farm: Farm): void {
  const live = [...farm.live].map((number) => jobOf(farm, number));
  for (const [i, job] of live.slice(1).entries())
    assert(comesBefore(present(live[i], "job before it"), job), "jobs are served in their order");
}
