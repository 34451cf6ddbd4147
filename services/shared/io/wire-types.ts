// Between the words of types.proto and those of shared/core.
//
//   W1. There and back is equal.
//   W2. What comes in is checked before it is believed: a `WireError` names the field, what was expected and what was found.
//   W3. What goes out shares no array with the program: gRPC encodes a message later than it is sent.

import * as wire from "../../../gen/noctua/v1/types.js";
import { failureMessageMax, stderrTailBytesMax, type Failure } from "../core/failure.js";
import {
  defaultBackoff,
  defaultSpeculation,
  nothingToMerge,
  type Durability,
  type InputFile,
  type JobSpec,
  type Outputs,
  type SpeculationSpec,
} from "../core/job-spec.js";
import { flawOfLabels, type Labels } from "../core/labels.js";
import { noNeeds } from "../core/payload-needs.js";
import type { Spans } from "../core/spans.js";
import { lastBytes } from "./text-tail.js";
import {
  atLeastOne,
  each,
  filled,
  gathered,
  known,
  sameLength,
  throwIfAny,
  WireError,
} from "./wire-checks.js";
import { mergeFromWire, mergeToWire } from "./wire-merge.js";
import { payloadFromWire, payloadToWire } from "./wire-payload.js";
import { failureClasses, retryFromWire, retryToWire } from "./wire-retry.js";

export function specToWire(spec: JobSpec): wire.JobSpec {
  return {
    name: spec.name,
    jobDir: spec.jobDir,
    inputs: inputsToWire(spec.inputs),
    eventsPerRange: spec.eventsPerRange,
    payload: payloadToWire(spec.payload),
    requires: { ...spec.requires },
    variants: spec.variants.map(({ requires, payload }) => ({
      requires: { ...requires },
      payload: payloadToWire(payload),
    })),
    outputs: outputsOf[spec.outputs],
    outputSuffix: spec.outputSuffix,
    merge: mergeToWire(spec.outputs, spec.merge),
    speculation: { ...spec.speculation },
    retry: retryToWire(spec.retry),
    durability: durabilities[spec.durability],
    open: spec.open,
    priority: spec.priority,
  };
}

/** `where` is the path of the field, for the error. */
export function specFromWire(message: wire.JobSpec | undefined, where: string): JobSpec {
  const { parts, errors } = readSpec(message, where);
  throwIfAny(errors);
  return parts;
}

/** The job with something sound for each field that makes no sense, and all that is wrong with these. */
export function readSpec(
  spec: wire.JobSpec | undefined,
  where: string,
): { readonly parts: JobSpec; readonly errors: readonly WireError[] } {
  if (spec === undefined) return { parts: sound, errors: [new WireError(where, "a value", "none")] };
  const readers = {
    name: () => nameFromWire(spec.name, `${where}.name`),
    jobDir: () => absolute(spec.jobDir, `${where}.job_dir`),
    inputs: () => inputsFromWire(spec.inputs, `${where}.inputs`),
    eventsPerRange: () => atLeastOne(spec.eventsPerRange, `${where}.events_per_range`),
    payload: () => payloadFromWire(spec.payload, `${where}.payload`),
    requires: () => labelsFromWire(spec.requires, `${where}.requires`),
    variants: () =>
      each(spec.variants, ({ requires, payload }, i) => ({
        requires: labelsFromWire(requires, `${where}.variants[${i}].requires`),
        payload: payloadFromWire(payload, `${where}.variants[${i}].payload`),
      })),
    outputs: () => outputsFromWire(spec.outputs, `${where}.outputs`),
    outputSuffix: () => suffixFromWire(spec.outputSuffix, `${where}.output_suffix`),
    merge: () =>
      mergeFromWire(spec.outputs === outputsOf.none ? "none" : "files", spec.merge, `${where}.merge`),
    speculation: () => speculationFromWire(spec.speculation, `${where}.speculation`),
    retry: () => retryFromWire(spec.retry, `${where}.retry`),
    durability: () => known(durabilities, spec.durability, `${where}.durability`),
    open: () => spec.open,
    priority: () => spec.priority,
  };
  return gathered(readers, sound);
}

const sound: JobSpec = {
  ...{ name: "sound", jobDir: "/", eventsPerRange: 1, outputSuffix: "", open: true, priority: 0 },
  inputs: [],
  payload: { kind: "exec", command: ["true"], timeoutMs: 1, needs: noNeeds },
  requires: {},
  variants: [],
  outputs: "files",
  merge: nothingToMerge,
  speculation: defaultSpeculation,
  retry: { attemptsMax: 1, backoff: defaultBackoff, rules: [] },
  durability: "strict",
};

export function labelsFromWire(labels: Labels, where: string): Labels {
  const flaw = flawOfLabels(labels);
  if (flaw !== undefined) throw new WireError(where, flaw.expected, flaw.found);
  return labels;
}

export function failureToWire(failure: Failure): wire.Failure {
  return {
    failureClass: failureClasses[failure.class],
    message: failure.message.slice(0, failureMessageMax),
    exitCode: failure.exitCode,
    signal: failure.signal,
    stderrTail: lastBytes(failure.stderrTail, stderrTailBytesMax),
  };
}

export function failureFromWire(message: wire.Failure | undefined, where: string): Failure {
  const failure = filled(message, where);
  return {
    class: known(failureClasses, failure.failureClass, `${where}.failure_class`),
    message: failure.message.slice(0, failureMessageMax),
    exitCode: failure.exitCode,
    signal: failure.signal,
    stderrTail: lastBytes(failure.stderrTail, stderrTailBytesMax),
  };
}

export function spansToWire(spans: Spans): wire.Spans {
  return { first: [...spans.first], count: [...spans.count] }; // (W3)
}

/** Spans in whatever order; whether they lie in a job is for the core to say, which knows the job. */
export function spansFromWire(message: wire.Spans | undefined, where: string): Spans {
  const { first, count } = filled(message, where);
  sameLength(first, count.length, where);
  const empty = count.indexOf(0);
  if (empty >= 0) throw new WireError(`${where}.count[${empty}]`, "at least 1", "0");
  return { first, count };
}

const durabilities: Record<Durability, wire.Durability> = {
  strict: wire.Durability.DURABILITY_STRICT,
  relaxed: wire.Durability.DURABILITY_RELAXED,
};

export const outputsOf: Record<Outputs, wire.Outputs> = {
  files: wire.Outputs.OUTPUTS_FILES,
  none: wire.Outputs.OUTPUTS_NONE,
};

/** What says nothing, as older versions do, knows only files. */
export function outputsFromWire(outputs: wire.Outputs, where: string): Outputs {
  return outputs === wire.Outputs.OUTPUTS_UNSPECIFIED ? "files" : known(outputsOf, outputs, where);
}

export function inputsToWire(inputs: readonly InputFile[]): wire.InputFile[] {
  return inputs.map((input) => ({ ...input }));
}

export function inputsFromWire(inputs: readonly wire.InputFile[], where: string): InputFile[] {
  return each(inputs, (input, i) => inputFromWire(input, `${where}[${i}]`));
}

function inputFromWire(input: wire.InputFile, where: string): InputFile {
  return {
    path: absolute(input.path, `${where}.path`),
    firstEvent: atLeastOne(input.firstEvent, `${where}.first_event`),
    events: atLeastOne(input.events, `${where}.events`),
    guid: input.guid,
    scope: input.scope,
    sizeBytes: input.sizeBytes,
    modifiedUnixMs: input.modifiedUnixMs,
  };
}

/** What says nothing, as older versions do, has the default. */
function speculationFromWire(message: wire.SpeculationSpec | undefined, where: string): SpeculationSpec {
  if (message === undefined) return defaultSpeculation;
  const { enabled, factor } = message;
  if (factor === 0) return { enabled, factor: defaultSpeculation.factor };
  if (factor >= 1 && factor <= 100) return { enabled, factor };
  throw new WireError(`${where}.factor`, "a number from 1 to 100", String(factor));
}

function absolute(path: string, where: string): string {
  if (!path.startsWith("/")) throw new WireError(where, "an absolute path", JSON.stringify(path));
  return path;
}

/** A name becomes part of file names, so it must not lead anywhere else. */
function nameFromWire(name: string, where: string): string {
  if (/^[\w.-]{1,64}$/.test(name) && !name.startsWith(".")) return name;
  throw new WireError(
    where,
    "1 to 64 letters, digits, '.', '_' or '-', the first no '.'",
    JSON.stringify(name),
  );
}

function suffixFromWire(suffix: string, where: string): string {
  if (/^[\w.-]{0,64}$/.test(suffix)) return suffix;
  throw new WireError(where, "at most 64 letters, digits, '.', '_' or '-'", JSON.stringify(suffix));
}
