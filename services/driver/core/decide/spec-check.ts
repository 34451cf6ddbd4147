// Is a job one that can be run, and is it the same job as another?

import { present } from "../../../shared/core/assert.js";
import { rangesOfInput } from "../../../shared/core/event-range.js";
import {
  groupOutputsMax,
  type FailureRule,
  type InputFile,
  type JobSpec,
  type MergeSpec,
  type RetrySpec,
  type SpeculationSpec,
} from "../../../shared/core/job-spec.js";
import { flawOfLabels, type Labels } from "../../../shared/core/labels.js";
import { signalNames } from "../../../shared/core/process-failure.js";
import type { Invalid, LimitName, TooLarge } from "../facts/fact-refusal.js";
import { InputIndex } from "../state/input-index.js";
import type { Rules } from "../rules.js";
import { commandFlaw, flaws, flawsOfEach, numberFlaw, timeoutMsMax } from "./flaws.js";
import { payloadFlaws } from "./payload-check.js";

/** What is wrong with a job. */
export type SpecFlaw = Omit<Invalid, "kind"> | Omit<TooLarge, "kind">;

type SpecRules = Pick<Rules, "rangesMax" | "inputsMax">;

const uint32Max = 2 ** 32 - 1;
const int32Max = 2 ** 31 - 1;
/** Payloads for certain nodes. */
const variantsMax = 64;
/** Rules about what the end of a payload means. */
const failureRulesMax = 64;

/** Characters of a path: no file system that we know takes more. */
const pathLengthMax = 4_096;
/** Characters of what a catalogue calls a file. */
const nameLengthMax = 1_024;

/** All that is wrong with the job, or undefined when nothing is. */
export function flawOfSpec(spec: JobSpec, { rangesMax, inputsMax }: SpecRules): SpecFlaw | undefined {
  if (spec.inputs.length > inputsMax)
    return tooLarge("inputs", String(inputsMax), String(spec.inputs.length));
  const ofInputs = flaws(flawOfNone(spec), flawsOfInputs(spec.inputs));
  const overlap = ofInputs.length > 0 ? undefined : flawOfOverlap(spec.inputs);
  const found = flaws(flawsOfFields(spec), ofInputs, overlap);
  if (found.length > 0) return { why: "invalid", flaws: found };
  let ranges = 0;
  for (const input of spec.inputs) ranges += rangesOfInput(input, spec.eventsPerRange);
  if (ranges <= rangesMax) return undefined;
  return tooLarge("ranges", `${String(rangesMax)} event ranges`, `${String(ranges)}: raise events_per_range`);
}

function tooLarge(limit: LimitName, most: string, found: string): SpecFlaw {
  return { why: "too-large", limit, message: `inputs: expected at most ${most}, found ${found}` };
}

function flawsOfFields(spec: JobSpec): readonly string[] {
  const { payload, merge, variants } = spec;
  return flaws(
    flawOfName(spec),
    flawOfSuffix(spec),
    flawsOfNumbers(spec),
    payloadFlaws("payload", payload),
    labelsFlaw("requires", spec.requires),
    variants.length > variantsMax
      ? `variants: expected at most ${String(variantsMax)}, found ${String(variants.length)}`
      : flawsOfVariants(spec),
    flawOfOutputs(spec),
    merge.tool.kind === "command" ? commandFlaw("merge.command.command", merge.tool.command) : undefined,
    flawsOfChecks(merge),
  );
}

function flawOfName({ name }: JobSpec): string | undefined {
  if (/^(?!\.)[\w.-]{1,64}$/.test(name)) return undefined;
  return `name: expected 1 to 64 letters, digits, '.', '_' or '-', the first no '.', found ${JSON.stringify(name.slice(0, 100))}`;
}

function flawOfSuffix({ outputSuffix }: JobSpec): string | undefined {
  // `.tmp` is what Noctua calls files that are not whole yet.
  if (/^(?!.*\.tmp$)[\w.-]{0,64}$/.test(outputSuffix)) return undefined;
  const expected = "at most 64 letters, digits, '.', '_' or '-', and not .tmp";
  return `output_suffix: expected ${expected}, found ${JSON.stringify(outputSuffix.slice(0, 100))}`;
}

function flawsOfChecks({ checks }: MergeSpec): readonly string[] {
  return (["count", "check"] as const)
    .filter((name) => checks?.[name][0] === "")
    .map((name) => `merge.checks.${name}: expected a program, found an empty text`);
}

/** A command that is to make an output, in a job without outputs. */
function flawOfOutputs({ outputs, payload, variants }: JobSpec): string | undefined {
  if (outputs === "files") return undefined;
  const payloads = [payload, ...variants.map((variant) => variant.payload)];
  const at = payloads.findIndex(({ kind, command }) => kind === "exec" && command.some(namesOutput));
  if (at < 0) return undefined;
  const field = at === 0 ? "payload" : `variants[${String(at - 1)}].payload`;
  return `${field}.exec.command: expected no {output} in a job without outputs, found it`;
}

function namesOutput(argument: string): boolean {
  return argument.includes("{output}");
}

/** Of what is run on nodes with certain labels. */
function flawsOfVariants({ variants }: JobSpec): readonly string[] {
  return flawsOfEach(variants, ({ requires, payload }, i) => {
    const field = `variants[${String(i)}]`;
    return flaws(labelsFlaw(`${field}.requires`, requires), payloadFlaws(`${field}.payload`, payload));
  });
}

function labelsFlaw(field: string, labels: Labels): string | undefined {
  const flaw = flawOfLabels(labels);
  return flaw === undefined ? undefined : `${field}: expected ${flaw.expected}, found ${flaw.found}`;
}

function flawsOfNumbers(spec: JobSpec): readonly string[] {
  const { merge } = spec;
  return flaws(
    numberFlaw("events_per_range", spec.eventsPerRange, [1, uint32Max]),
    flawsOfGroups(merge),
    numberFlaw("merge.attempts_max", merge.attemptsMax, [1, 255]),
    numberFlaw("merge.timeout_ms", merge.timeoutMs, [1, timeoutMsMax]),
    flawsOfRetry(spec.retry),
    numberFlaw("priority", spec.priority, [-int32Max - 1, int32Max]),
    factorFlaw(spec.speculation),
  );
}

function flawsOfGroups({ grouping, everyOutputs }: MergeSpec): readonly string[] {
  const name = grouping.kind === "range" ? "merge.ranges.every_ranges" : "merge.every_outputs";
  const maxDelayMs = grouping.kind === "range" ? undefined : grouping.maxDelayMs;
  return flaws(
    numberFlaw(name, everyOutputs, [1, groupOutputsMax]),
    maxDelayMs === undefined ? undefined : numberFlaw("merge.max_delay_ms", maxDelayMs, [1, timeoutMsMax]),
  );
}

function flawsOfRetry({ attemptsMax, backoff, rules }: RetrySpec): readonly string[] {
  return flaws(
    numberFlaw("retry.attempts_max", attemptsMax, [1, 255]),
    numberFlaw("retry.backoff.first_ms", backoff.firstMs, [0, timeoutMsMax]),
    numberFlaw("retry.backoff.last_ms", backoff.lastMs, [backoff.firstMs, timeoutMsMax]),
    rules.length > failureRulesMax
      ? `retry.rules: expected at most ${String(failureRulesMax)}, found ${String(rules.length)}`
      : flawsOfEach(rules, (rule, i) => flawOfRule(`retry.rules[${String(i)}]`, rule)),
  );
}

function flawOfRule(field: string, { exitCodes, signals, timeout }: FailureRule): string | undefined {
  if (exitCodes.length === 0 && signals.length === 0 && !timeout)
    return `${field}: expected exit_codes, signals or timeout, found none of them`;
  if (exitCodes.length > 255)
    return `${field}.exit_codes: expected at most 255, found ${String(exitCodes.length)}`;
  for (const code of exitCodes) {
    const flaw = numberFlaw(`${field}.exit_codes`, code, [1, 255]);
    if (flaw !== undefined) return flaw;
  }
  const unknown = signals.find((name) => !signalNames.includes(name));
  if (unknown !== undefined)
    return `${field}.signals: expected some of ${signalNames.join(", ")}, found ${JSON.stringify(unknown.slice(0, 32))}`;
  if (signals.length <= signalNames.length) return undefined;
  return `${field}.signals: expected each once, found ${String(signals.length)}`;
}

/** A job that is whole has something to be done. */
function flawOfNone({ inputs, open }: JobSpec): string | undefined {
  return inputs.length > 0 || open ? undefined : "inputs: expected at least one, found none";
}

/** What is wrong with inputs of a job or for one, each by itself. */
export function flawsOfInputs(inputs: readonly InputFile[]): readonly string[] {
  return flawsOfEach(inputs, (input, i) => {
    const field = `inputs[${String(i)}]`;
    const last = input.firstEvent + input.events - 1;
    return flaws(
      pathFlaw(`${field}.path`, input.path),
      lengthFlaw(`${field}.guid`, input.guid, nameLengthMax),
      lengthFlaw(`${field}.scope`, input.scope, nameLengthMax),
      numberFlaw(`${field}.first_event`, input.firstEvent, [1, uint32Max]),
      numberFlaw(`${field}.events`, input.events, [1, uint32Max]) ??
        (last <= uint32Max
          ? undefined
          : `${field}.events: expected a last event up to ${String(uint32Max)}, found ${String(last)}`),
    );
  });
}

function pathFlaw(field: string, path: string): string | undefined {
  if (path.startsWith("/") && !path.includes("\0")) return lengthFlaw(field, path, pathLengthMax);
  return `${field}: expected an absolute path, found ${JSON.stringify(path.slice(0, 100))}`;
}

/** Inputs that have an event in common: it would be done twice, and be in the merged files twice. */
function flawOfOverlap(inputs: readonly InputFile[]): string | undefined {
  const overlap = new InputIndex([]).overlapOf(inputs);
  if (overlap === undefined) return undefined;
  const { earlier, later } = overlap;
  const [first, second] = [earlier, later].map((number) => describeInput(present(inputs[number], "input")));
  const found = `${second ?? ""}, while inputs[${String(earlier)}] has ${first ?? ""}`;
  return `inputs[${String(later)}]: expected each event of a file once, found ${found}`;
}

/** The events of an input, and its path. */
export function describeInput({ path, firstEvent, events }: InputFile): string {
  const last = firstEvent + events - 1;
  return `${events === 1 ? `event ${String(last)}` : `events ${String(firstEvent)}-${String(last)}`} of ${path}`;
}

function lengthFlaw(field: string, text: string, most: number): string | undefined {
  if (text.length <= most) return undefined;
  return `${field}: expected at most ${String(most)} characters, found ${String(text.length)}`;
}

function factorFlaw({ factor }: SpeculationSpec): string | undefined {
  if (factor >= 1 && factor <= 100) return undefined;
  return `speculation.factor: expected a number from 1 to 100, found ${String(factor)}`;
}

/** The first thing in which two jobs differ, or undefined when they are the same. */
export function differenceBetweenJobs(first: JobSpec, second: JobSpec): string | undefined {
  const { inputs: firstInputs, ...one } = first;
  const { inputs: secondInputs, ...other } = second;
  return differenceBetween(one, other) ?? differenceBetweenInputs(firstInputs, secondInputs);
}

/** The first input that is not what it was, by its path: another file, other events, another size or time. */
export function differenceBetweenInputs(
  first: readonly InputFile[],
  second: readonly InputFile[],
): string | undefined {
  for (let i = 0; i < Math.max(first.length, second.length); i += 1) {
    const [was, is] = [first[i], second[i]];
    if (was === undefined || is === undefined) {
      const path = (was ?? is)?.path ?? "";
      return `inputs[${String(i)}] (${path}) is ${is === undefined ? "there no more" : "new"}`;
    }
    const difference = differenceBetween(was, is);
    if (difference !== undefined) return `inputs[${String(i)}] (${was.path}): ${difference}`;
  }
  return undefined;
}

/** The first field in which two values differ, with both its values, or undefined when they are the same. */
export function differenceBetween(first: unknown, second: unknown, path = ""): string | undefined {
  if (isRecord(first) && isRecord(second)) {
    for (const key of new Set([...Object.keys(first), ...Object.keys(second)])) {
      const difference = differenceBetween(first[key], second[key], path === "" ? key : `${path}.${key}`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  return first === second
    ? undefined
    : `${path} was ${JSON.stringify(first)} and is now ${JSON.stringify(second)}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
