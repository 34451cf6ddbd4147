// How outputs are merged, between a job and its message.
//
//   M1. What an older version must not miss makes it refuse the job: it asks for `every_outputs`, and for a tool that it knows.

import type * as wire from "../../../gen/noctua/v1/types.js";
import { unreachable } from "../core/assert.js";
import {
  nothingToMerge,
  type MergeGrouping,
  type MergeSpec,
  type MergeTool,
  type Outputs,
} from "../core/job-spec.js";
import {
  atLeastOne,
  cased,
  commandFromWire,
  filled,
  gathered,
  throwIfAny,
  WireError,
} from "./wire-checks.js";

type Tool = Exclude<MergeTool, { kind: "none" }>;
type WireTool = Exclude<NonNullable<wire.MergeSpec["tool"]>, { $case: "none" }>;

/** Undefined in a job without outputs. */
export function mergeToWire(outputs: Outputs, merge: MergeSpec): wire.MergeSpec | undefined {
  if (outputs === "none") return undefined;
  const { grouping, everyOutputs, tool, attemptsMax, timeoutMs } = merge;
  if (tool.kind === "none") return notMerged;
  const common = { tool: toolToWire(tool), attemptsMax, timeoutMs, checks: checksToWire(merge) };
  if (grouping.kind === "arrival")
    return { ...common, everyOutputs, ranges: undefined, maxDelayMs: grouping.maxDelayMs };
  const ranges = { everyRanges: everyOutputs, acrossFiles: grouping.acrossFiles };
  return { ...common, everyOutputs: 0, ranges, maxDelayMs: undefined }; // (M1)
}

function checksToWire({ checks }: MergeSpec): wire.MergeSpec["checks"] {
  return checks === undefined ? undefined : { count: [...checks.count], check: [...checks.check] };
}

const notMerged: wire.MergeSpec = {
  tool: { $case: "none", value: {} },
  everyOutputs: 0,
  attemptsMax: 0,
  timeoutMs: 0,
  ranges: undefined,
  maxDelayMs: undefined,
  checks: undefined,
};

export function mergeFromWire(
  outputs: Outputs,
  message: wire.MergeSpec | undefined,
  where: string,
): MergeSpec {
  if (outputs === "none") {
    if (message === undefined) return nothingToMerge;
    throw new WireError(where, "none in a job without outputs", "a merge rule");
  }
  const merge = filled(message, where);
  const tool = cased(merge.tool, `${where}.tool`);
  if (tool.$case === "none") return nothingFromWire(merge, where);
  const readers = {
    grouping: () => groupingFromWire(merge, where),
    everyOutputs: () => everyFromWire(merge, where),
    tool: () => toolFromWire(tool, where),
    attemptsMax: () => atLeastOne(merge.attemptsMax, `${where}.attempts_max`),
    timeoutMs: () => atLeastOne(merge.timeoutMs, `${where}.timeout_ms`),
  };
  const { parts, errors } = gathered<Omit<MergeSpec, "checks">>(readers, nothingToMerge);
  throwIfAny(errors);
  return merge.checks === undefined ? parts : { ...parts, checks: merge.checks };
}

function nothingFromWire({ everyOutputs, ranges, maxDelayMs }: wire.MergeSpec, where: string): MergeSpec {
  if (everyOutputs === 0 && ranges === undefined && maxDelayMs === undefined) return nothingToMerge;
  throw new WireError(where, "nothing beside none: nothing is merged", "groups");
}

function everyFromWire({ everyOutputs, ranges }: wire.MergeSpec, where: string): number {
  if (ranges === undefined) return atLeastOne(everyOutputs, `${where}.every_outputs`);
  if (everyOutputs === 0) return atLeastOne(ranges.everyRanges, `${where}.ranges.every_ranges`);
  throw new WireError(`${where}.every_outputs`, "0 beside ranges.every_ranges", String(everyOutputs));
}

function groupingFromWire({ ranges, maxDelayMs }: wire.MergeSpec, where: string): MergeGrouping {
  if (ranges === undefined) {
    if (maxDelayMs !== undefined) atLeastOne(maxDelayMs, `${where}.max_delay_ms`);
    return { kind: "arrival", maxDelayMs };
  }
  if (maxDelayMs === undefined) return { kind: "range", acrossFiles: ranges.acrossFiles };
  throw new WireError(`${where}.max_delay_ms`, "none beside ranges: such groups are fixed", `${maxDelayMs}`);
}

function toolToWire(tool: Tool): WireTool {
  switch (tool.kind) {
    case "concat":
      return { $case: "concat", value: {} };
    case "tar":
      return { $case: "tar", value: {} };
    case "command":
      return { $case: "command", value: { command: [...tool.command] } };
    default:
      return unreachable(tool);
  }
}

function toolFromWire(tool: WireTool, where: string): Tool {
  switch (tool.$case) {
    case "concat":
      return { kind: "concat" };
    case "tar":
      return { kind: "tar" };
    case "command":
      return { kind: "command", command: commandFromWire(tool.value.command, `${where}.command.command`) };
    default:
      return unreachable(tool);
  }
}
