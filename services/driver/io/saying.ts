// What the driver says on a stream, before it is put into a message: effects, with what they need of the farm, and the
// acknowledgements of a turn gathered into one.
//
//   J1. A job is told on a stream before the first grant or merge group of it there, with all its inputs; what is added to it
//       is told where the job was. Who gets nothing of a job does not hear of it: there may be many of both.

import { present, unreachable } from "../../shared/core/assert.js";
import type { JobNumber, SessionNumber } from "../../shared/core/id.js";
import type { InputFile, JobSpec } from "../../shared/core/job-spec.js";
import { eachRange, piecesOf, rangesIn, type Spans } from "../../shared/core/spans.js";
import type { Effect } from "../core/facts/effect.js";
import type { GrantedSpans, MergeGrant } from "../core/facts/fact.js";
import { jobViewOf, type FarmView } from "../core/state/farm.js";
import { insideJob } from "../core/state/fault.js";
import type { RangeOutput } from "../core/state/range-table.js";

/** What a session is told when it begins. */
export interface WelcomeTerms {
  readonly flushIntervalMs: number;
  readonly heartbeatIntervalMs: number;
  readonly leaseMs: number;
}

export type Saying =
  | {
      readonly kind: "welcome";
      readonly session: SessionNumber;
      readonly run: string;
      readonly terms: WelcomeTerms;
    }
  | { readonly kind: "open-job"; readonly job: JobNumber; readonly spec: JobSpec }
  | {
      readonly kind: "extend-job";
      readonly job: JobNumber;
      readonly firstInput: number;
      readonly inputs: readonly InputFile[];
    }
  | { readonly kind: "close-job"; readonly job: JobNumber }
  | { readonly kind: "drain"; readonly reason: string; readonly graceMs: number }
  | { readonly kind: "hand-back"; readonly reason: string }
  | { readonly kind: "grant"; readonly grant: GrantedSpans; readonly alone: boolean }
  | { readonly kind: "revoke-ranges"; readonly revoked: readonly GrantedSpans[] }
  | {
      readonly kind: "acknowledge";
      readonly numbers: readonly number[];
      readonly superseded: readonly GrantedSpans[];
    }
  | {
      readonly kind: "merge";
      readonly merge: MergeGrant;
      readonly spans: Spans;
      readonly outputs: readonly RangeOutput[];
      /** Where the group is too long for one message: which part of it this is. */
      readonly part: { readonly ahead: number; readonly more: boolean } | undefined;
    }
  | { readonly kind: "revoke-merge"; readonly merge: MergeGrant };

/** An effect that is said on a stream and leaves it open. */
export type Speech = Exclude<Extract<Effect, { stream: number }>, { kind: "close-stream" }>;

/** On which stream it is said. */
export interface Hearer {
  readonly terms: WelcomeTerms;
  /** Jobs that are known there (J1). */
  readonly jobs: ReadonlySet<JobNumber>;
}

/** What is said, in order, and the acknowledgements last: they free what is remembered, and nobody waits for them. */
export function sayingsOf(
  speeches: readonly Speech[],
  farm: FarmView,
  { terms, jobs }: Hearer,
  outputsMax = mergeOutputsMax,
): Saying[] {
  const sayings: Saying[] = [];
  const numbers: number[] = [];
  const superseded: GrantedSpans[] = [];
  const known = new KnownJobs(jobs);
  const enter = (speech: Speech): void => {
    if (speech.kind === "acknowledge-results") {
      numbers.push(speech.number);
      superseded.push(...speech.superseded);
    } else if (speech.kind === "acknowledge-merge") numbers.push(speech.number);
    else if (speech.kind === "extend-job") {
      if (known.has(speech.job)) sayings.push(...extensionsOf(farm, speech));
    } else if (speech.kind === "send-merge") {
      const merges = [...mergesOf(speech.merge, farm, outputsMax)];
      if (merges.length > 0) sayings.push(...known.open(farm, speech.merge.job), ...merges);
    } else {
      if (speech.kind === "send-grant") sayings.push(...known.open(farm, speech.grant.job));
      if (speech.kind === "close-job") known.close(speech.job);
      sayings.push(sayingOf(speech, farm, terms));
    }
  };
  for (const speech of speeches) {
    const job = jobOfSpeech(speech);
    if (job === undefined) enter(speech);
    else insideJob(job, `${speech.kind} was said`, () => enter(speech));
  }
  if (numbers.length > 0) sayings.push({ kind: "acknowledge", numbers, superseded });
  return sayings;
}

/** The one job that is spoken of. */
export function jobOfSpeech(speech: Speech): JobNumber | undefined {
  if ("job" in speech) return speech.job;
  if ("merge" in speech) return speech.merge.job;
  return "grant" in speech ? speech.grant.job : undefined;
}

/** So many inputs are told in one message: with the longest of paths, 5 MB. */
const extensionInputsMax = 1_024;

/** Which jobs are known on a stream while a turn is put into words: a turn that can't be is said otherwise (speaker.ts). */
class KnownJobs {
  readonly #before: ReadonlySet<JobNumber>;
  readonly #now = new Map<JobNumber, boolean>();

  constructor(before: ReadonlySet<JobNumber>) {
    this.#before = before;
  }

  has(job: JobNumber): boolean {
    return this.#now.get(job) ?? this.#before.has(job);
  }

  /** What is to be said of the job first (J1). */
  open(farm: FarmView, job: JobNumber): readonly Saying[] {
    if (this.has(job)) return [];
    this.#now.set(job, true);
    const { spec, layout } = jobViewOf(farm, job);
    const firstInput = spec.inputs.length;
    const added = { job, firstInput, inputs: layout.inputs.length - firstInput };
    return [{ kind: "open-job", job, spec }, ...extensionsOf(farm, added)];
  }

  close(job: JobNumber): void {
    this.#now.set(job, false);
  }
}

/** What was added to a job, in pieces. */
function* extensionsOf(farm: FarmView, { job, firstInput, inputs: count }: Added): Generator<Saying> {
  const { layout } = jobViewOf(farm, job);
  const end = firstInput + count;
  for (let first = firstInput; first < end; first += extensionInputsMax) {
    const inputs = layout.inputs.slice(first, Math.min(end, first + extensionInputsMax));
    yield { kind: "extend-job", job, firstInput: first, inputs };
  }
}

type Added = Pick<Extract<Speech, { kind: "extend-job" }>, "job" | "firstInput" | "inputs">;
type Single = Exclude<
  Speech,
  { kind: "extend-job" | "acknowledge-results" | "acknowledge-merge" | "send-merge" }
>;

function sayingOf(speech: Single, farm: FarmView, terms: WelcomeTerms): Saying {
  switch (speech.kind) {
    case "welcome":
      return { kind: "welcome", session: speech.session, run: farm.run, terms };
    case "close-job":
      return { kind: "close-job", job: speech.job };
    case "drain":
      return { kind: "drain", reason: speech.reason, graceMs: speech.graceMs };
    case "hand-back":
      return { kind: "hand-back", reason: speech.reason };
    case "send-grant":
      return { kind: "grant", grant: speech.grant, alone: speech.alone };
    case "revoke-ranges":
      return { kind: "revoke-ranges", revoked: speech.revoked };
    case "revoke-merge":
      return { kind: "revoke-merge", merge: speech.merge };
    default:
      return unreachable(speech);
  }
}

/** So many outputs are told in one message, of 14 bytes each: 230 kB. */
const mergeOutputsMax = 16_384;

/** A lent group, in parts where it is long. Nothing when it was taken back in the same turn. */
function* mergesOf(merge: MergeGrant, farm: FarmView, outputsMax: number): Generator<Saying> {
  const job = present(farm.jobs.get(merge.job), "job");
  const group = job.groups.get(merge.group);
  if (group?.stage.kind !== "granted" || group.stage.grant !== merge.grant) return;
  const total = rangesIn(group.spans);
  let ahead = 0;
  for (const spans of piecesOf(group.spans, outputsMax)) {
    const outputs = [...eachRange(spans)].map((range) => job.table.outputOf(range));
    const next = ahead + outputs.length;
    const part = outputs.length === total ? undefined : { ahead, more: next < total };
    yield { kind: "merge", merge, spans, outputs, part };
    ahead = next;
  }
}
