// One range, from its slot to its outcome: run the payload, free the slot, store the output, clean up.
//
//   R1. The slot is free when the payload's processes are gone; storing the output holds nobody up.
//   R2. A range always comes to an outcome, whatever fails.

import { dirname } from "node:path";
import { present } from "../../shared/core/assert.js";
import { failureOf } from "../../shared/core/failure.js";
import type { JobPlanView } from "../../shared/core/job-plan.js";
import { outputPath } from "../../shared/core/names.js";
import { errorMessage } from "../../shared/io/error-code.js";
import type { HeldRange } from "../core/held.js";
import type { RangeOutcome } from "../core/step.js";
import type { LastingPayload } from "./payload.js";
import type { RunPlace, RunPlaces } from "./run-places.js";
import { judgedBySpace } from "./scratch-space.js";
import type { StageOut } from "./stage-out.js";

/** What the wire can carry: 49 days. */
const wallMsMax = 2 ** 32 - 1;

export interface RangeTools {
  readonly payload: LastingPayload;
  readonly places: RunPlaces;
  readonly stageOut: StageOut;
}

export interface RangeWork {
  readonly slot: number;
  readonly held: HeldRange;
  readonly alone: boolean;
  readonly plan: JobPlanView;
  /** The program has begun. */
  readonly onBegin: () => void;
  /** The program has been told of the range, or been started for it. */
  readonly onHandOver: () => void;
  /** So many of its events are done. */
  readonly onProgress: (events: number) => void;
  /** The program has ended well: the slot is free, and the output is being stored (R1). */
  readonly onPayloadEnd: () => void;
}

/** Never rejects (R2). The signal ends the program; an output that is being stored is stored all the same. */
export async function runRange(
  tools: RangeTools,
  work: RangeWork,
  signal: AbortSignal,
): Promise<RangeOutcome> {
  let place: RunPlace | undefined;
  let outcome: RangeOutcome | undefined;
  try {
    place = await tools.places.placeFor(work.held, work.plan.spec);
    outcome = await runIn(place, tools, work, signal);
    const { folder = place.output } = place;
    return folder === undefined ? outcome : await judgedBySpace(outcome, dirname(folder));
  } catch (error) {
    if (signal.aborted) return { kind: "aborted" };
    const message = `cannot run the range on this node: ${errorMessage(error)}`;
    return { kind: "failure", failure: failureOf("node", message) };
  } finally {
    place?.leave(outcome?.kind === "output");
  }
}

async function runIn(
  { folder, output }: RunPlace,
  tools: RangeTools,
  { held, plan, onPayloadEnd, ...work }: RangeWork,
  signal: AbortSignal,
): Promise<RangeOutcome> {
  const { spec, layout } = plan;
  const events = layout.locate(held.range);
  const input = present(layout.inputs[events.input], "input of the range");
  const run = { ...work, held, spec, input, events, folder, output };
  const end = await tools.payload.run(run, signal);
  if (end.kind !== "made") return end;
  const wallMs = Math.min(end.wallMs, wallMsMax);
  if (output === undefined) return { kind: "done", wallMs };
  onPayloadEnd();
  const to = outputPath({ ...held, events }, spec.outputSuffix);
  const staged = await tools.stageOut.store({ from: output, to, durability: spec.durability });
  if (staged.kind === "failure") return staged;
  const { sizeBytes, adler32 } = staged;
  return { kind: "output", sizeBytes, adler32, wallMs };
}
