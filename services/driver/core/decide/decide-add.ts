// Ranges that a client adds to an open job.
//
//   A1. Asking twice is asking once (P11): a repeated request id adds nothing and gets the first answer.
//   A2. All of a request is added, or nothing, with one sentence that says what is in the way.

import { assert, present } from "../../../shared/core/assert.js";
import { rangesOfInput } from "../../../shared/core/event-range.js";
import type { InputFile } from "../../../shared/core/job-spec.js";
import type { Bench } from "../bench.js";
import type { Command } from "../facts/command.js";
import { standingOf } from "./decide-control.js";
import type { AddAnswer, Fact } from "../facts/fact.js";
import type { LimitName } from "../facts/fact-refusal.js";
import { unknownJob, type FarmView } from "../state/farm.js";
import type { Overlap } from "../state/input-index.js";
import { useOf, type AddRequest, type ClientRequest } from "../state/client-requests.js";
import type { JobView } from "../state/job.js";
import type { Rules } from "../rules.js";
import { describeInput, differenceBetweenInputs, flawsOfInputs } from "./spec-check.js";

type AddRanges = Extract<Command, { kind: "add-ranges" }>;
type Refusal = Extract<AddAnswer, { kind: "refused" }>;

export function* decideAdd({ farm, rules }: Bench, command: AddRanges): Generator<Fact, void, void> {
  const { reply, requestId, job: number, inputs } = command;
  const known = farm.requests.get(requestId);
  if (known !== undefined) {
    yield { kind: "add-answered", reply, answer: answerToRepeat(farm, known, command) };
    return;
  }
  const refusal = refusalOf(farm, command, rules);
  if (refusal !== undefined) {
    yield { kind: "add-answered", reply, answer: refusal };
    return;
  }
  yield { kind: "ranges-added", job: number, requestId, inputs };
  const added = farm.requests.get(requestId);
  assert(added?.asked === "add", "the request was entered");
  yield { kind: "add-answered", reply, answer: { ...answerTo(farm, added), repeated: false } };
}

/** (A1) */
function answerToRepeat(farm: FarmView, known: ClientRequest, command: AddRanges): AddAnswer {
  const { requestId, job, inputs } = command;
  if (known.asked !== "add" || known.job !== job)
    return refused("conflict", `request ${requestId} ${useOf(known)}`);
  const { layout } = jobOf(farm, known);
  const had = layout.inputs.slice(known.firstInput, known.firstInput + known.inputs);
  const difference = differenceBetweenInputs(had, inputs);
  if (difference === undefined) return { ...answerTo(farm, known), repeated: true };
  return refused("conflict", `request ${requestId} added other ranges to job ${job}: ${difference}`);
}

function answerTo(
  farm: FarmView,
  request: AddRequest,
): Omit<Extract<AddAnswer, { kind: "added" }>, "repeated"> {
  const { layout } = jobOf(farm, request);
  const { firstInput, inputs } = request;
  const firstRange = layout.firstRangeOf(firstInput);
  return { kind: "added", firstRange, ranges: layout.firstRangeOf(firstInput + inputs) - firstRange };
}

function jobOf(farm: FarmView, { job }: AddRequest): JobView {
  return present(farm.jobs.get(job), "job of the request");
}

/** (A2) */
function refusalOf(farm: FarmView, { job: number, inputs }: AddRanges, rules: Rules): Refusal | undefined {
  const job = farm.jobs.get(number);
  if (job === undefined) return refused("unknown", unknownJob(farm, number));
  const { intake } = job;
  if (intake.kind === "closed") {
    return refused("conflict", `cannot add ranges to job ${number}: ${whyClosed(job)}`);
  }
  if (inputs.length > rules.addedInputsMax) {
    const expected = `expected at most ${rules.addedInputsMax} in one request`;
    return tooLarge("added_inputs", `inputs: ${expected}, found ${inputs.length}: ask more than once`);
  }
  const flaws = inputs.length === 0 ? ["inputs: expected at least one, found none"] : flawsOfInputs(inputs);
  if (flaws.length > 0) return { kind: "refused", why: "invalid", flaws };
  const overlap = intake.index.overlapOf(inputs);
  if (overlap !== undefined)
    return { kind: "refused", why: "invalid", flaws: [overlapText(job, inputs, overlap)] };
  return tooManyFor(job, inputs, rules);
}

function whyClosed(job: JobView): string {
  if (job.stage.kind !== "running" && job.stage.kind !== "suspended") return standingOf(job);
  return job.spec.open ? "it was closed" : "it was submitted whole (open: false)";
}

function tooManyFor(job: JobView, inputs: readonly InputFile[], rules: Rules): Refusal | undefined {
  const { layout, number, spec } = job;
  const inputsInAll = layout.inputs.length + inputs.length;
  if (inputsInAll > rules.inputsMax) {
    const many = `${inputsInAll} inputs, more than ${rules.inputsMax}`;
    return tooLarge("inputs", `job ${number} would have ${many}: submit another job`);
  }
  let ranges = layout.ranges;
  for (const input of inputs) ranges += rangesOfInput(input, spec.eventsPerRange);
  if (ranges <= rules.rangesMax) return undefined;
  const many = `${ranges} event ranges, more than ${rules.rangesMax}`;
  return tooLarge("ranges", `job ${number} would have ${many}: submit another job`);
}

function overlapText({ layout }: JobView, inputs: readonly InputFile[], { earlier, later }: Overlap): string {
  const had = layout.inputs.length;
  const input = present(inputs[later - had], "input that overlaps");
  const other = present(layout.inputs[earlier] ?? inputs[earlier - had], "input that is overlapped");
  const where = earlier < had ? `the job's input ${earlier + 1} has` : `inputs[${earlier - had}] has`;
  const found = `${describeInput(input)}, while ${where} ${describeInput(other)}`;
  return `inputs[${later - had}]: expected events that the job does not have yet, found ${found}`;
}

function tooLarge(limit: LimitName, message: string): Refusal {
  return { kind: "refused", why: "too-large", limit, message };
}

function refused(why: "unknown" | "conflict", message: string): Refusal {
  return { kind: "refused", why, message };
}
