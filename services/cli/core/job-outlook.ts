// What a job would run, as far as its file says.

import { rangeLayout } from "../../shared/core/event-range.js";
import { fixedGroupsOf } from "../../shared/core/fixed-groups.js";
import { jobNumber } from "../../shared/core/id.js";
import {
  fateOfOutputs,
  type JobSpec,
  type OutputFate,
  type PayloadSpec,
} from "../../shared/core/job-spec.js";
import type { Labels } from "../../shared/core/labels.js";
import { mergedFolder, mergedPath } from "../../shared/core/names.js";
import { fillPlaceholders } from "../../shared/core/placeholders.js";

export interface JobOutlook {
  readonly name: string;
  /** Where the job file lies; what `{jobDir}` is. */
  readonly jobDir: string;
  readonly open: boolean;
  readonly inputs: { readonly files: number; readonly events: number; readonly sizeBytes: number };
  readonly ranges: number;
  readonly eventsPerRange: number;
  /** Absent while the job has no inputs. */
  readonly firstRange?: { readonly input: string; readonly firstEvent: number; readonly lastEvent: number };
  /** Of the job's own payload; nodes with certain labels may run a variant. */
  readonly payload: PayloadOutlook;
  readonly variants: number;
  /** Labels that a node must have. */
  readonly requires: Labels;
  /** `merged`, `kept` as they are, or `none`. */
  readonly outputs: OutputFate;
  /** Absent where nothing is merged. */
  readonly merge?: MergeOutlook;
}

interface PayloadOutlook {
  readonly kind: PayloadSpec["kind"];
  /** Filled in, of exec for the first range. The output is named as if it were made in the current folder. */
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly cores: number;
  /** What the job sets. */
  readonly environment: Readonly<Record<string, string>>;
  /** What is passed on from the actor's, beside what every program gets. */
  readonly passEnvironment: readonly string[];
  /** Filled in; absent where there is none. */
  readonly setup?: readonly string[];
}

interface MergeOutlook {
  readonly kind: "concat" | "tar" | "command";
  readonly grouping: "arrival" | "range";
  /** Outputs of a merged file; the last may have fewer. */
  readonly every: number;
  /** How many files; absent when nobody knows. */
  readonly files?: number;
  /** What the first is called. */
  readonly firstFile: string;
}

export function outlookOf(spec: JobSpec): JobOutlook {
  const layout = rangeLayout(spec);
  const { jobDir, inputs } = spec;
  const sizeBytes = inputs.reduce((sum, input) => sum + input.sizeBytes, 0);
  const outlook = {
    ...{ name: spec.name, jobDir, open: spec.open },
    inputs: { files: inputs.length, events: layout.events, sizeBytes },
    ...{ ranges: layout.ranges, eventsPerRange: spec.eventsPerRange },
    ...{ variants: spec.variants.length, requires: spec.requires },
    outputs: fateOfOutputs(spec),
  };
  const merge = mergeOutlookOf(spec);
  const first = firstRangeOf(spec);
  return {
    ...outlook,
    ...(first === undefined ? {} : { firstRange: first }),
    payload: payloadOutlookOf(spec, first),
    ...(merge === undefined ? {} : { merge }),
  };
}

function firstRangeOf(spec: JobSpec): JobOutlook["firstRange"] {
  const layout = rangeLayout(spec);
  if (layout.ranges === 0) return undefined;
  const { input, first, last } = layout.locate(0);
  return { input: spec.inputs[input]?.path ?? "", firstEvent: first, lastEvent: last };
}

function payloadOutlookOf(spec: JobSpec, range: JobOutlook["firstRange"]): PayloadOutlook {
  const { jobDir, payload, outputSuffix } = spec;
  const { kind, command, timeoutMs, needs } = payload;
  const ofRange: Record<string, string> =
    kind === "stream" || range === undefined
      ? {}
      : {
          input: range.input,
          first: String(range.firstEvent),
          last: String(range.lastEvent),
          output: `output${outputSuffix}`,
        };
  const environment = Object.entries(needs.environment).map(([name, value]) => {
    return [name, fillPlaceholders([value], { jobDir }).join("")] as const;
  });
  return {
    kind,
    command: fillPlaceholders(command, { ...ofRange, jobDir }),
    timeoutMs,
    cores: needs.cores,
    environment: Object.fromEntries(environment),
    passEnvironment: needs.passEnvironment,
    ...(needs.setup === undefined ? {} : { setup: fillPlaceholders(needs.setup.command, { jobDir }) }),
  };
}

function mergeOutlookOf(spec: JobSpec): MergeOutlook | undefined {
  const { tool, grouping, everyOutputs } = spec.merge;
  if (tool.kind === "none") return undefined;
  const files = filesExpectedOf(spec);
  const first = mergedPath(anyJob, { group: 1, late: 0 }, spec);
  return {
    kind: tool.kind,
    grouping: grouping.kind,
    every: everyOutputs,
    ...(files === undefined ? {} : { files }),
    firstFile: first.slice(mergedFolder(anyJob).length + 1),
  };
}

/** The name of a merged file does not tell which job it is of. */
const anyJob = jobNumber(1);

/** How many merged files there will be of a job; undefined when nobody knows, or there are none. */
function filesExpectedOf(spec: JobSpec): number | undefined {
  if (spec.open || fateOfOutputs(spec) !== "merged") return undefined;
  const { grouping, everyOutputs } = spec.merge;
  if (grouping.kind === "arrival" && grouping.maxDelayMs !== undefined) return undefined;
  const layout = rangeLayout(spec);
  return fixedGroupsOf(layout, spec)?.count ?? Math.ceil(layout.ranges / everyOutputs);
}
