// What an actor or a merger was told of a job: the spec, and where its ranges lie, with all inputs that were added so far.
//
//   J1. A plan only grows: what was planned with fewer inputs means the same with more (event-range.ts, E3).
//   J2. Inputs that are told twice count once; those that come before what lies between them are told again, with it.

import { rangeLayout, type GrowingLayout, type RangeLayout } from "./event-range.js";
import type { InputFile, JobSpec } from "./job-spec.js";

/** A plan as those see it who work by it. */
export interface JobPlanView {
  readonly spec: JobSpec;
  readonly layout: RangeLayout;
}

export interface JobPlan extends JobPlanView {
  readonly layout: GrowingLayout;
}

export function newPlan(spec: JobSpec): JobPlan {
  return { spec, layout: rangeLayout(spec) };
}

/** Takes inputs of the job, of which the first has that number (J2). */
export function extendPlan({ layout }: JobPlan, firstInput: number, inputs: readonly InputFile[]): void {
  const known = layout.inputs.length - firstInput;
  if (known >= 0) layout.add(inputs.slice(known));
}
