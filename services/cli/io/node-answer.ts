// What commands that tell of nodes print for programs. Version 1 of each.

import { z } from "zod";
import { nodeStates, type NodeStatus } from "../../shared/core/node-status.js";
import { isoTime } from "./job-answer.js";

const count = z.int().min(0);

const nodeFields = {
  name: z.string(),
  state: z.enum(nodeStates),
  reason: z.string().describe("Why it stands so, for people; may be empty."),
  sinceAt: z.iso.datetime({ precision: 3 }).nullable().describe("Since when; null when it is not known."),
  actors: z.array(z.string()),
  mergers: z.array(z.string()),
  labels: z.record(z.string(), z.string()),
  slots: count,
  slotsBusy: count,
  rangesHeld: count,
  groupsHeld: count,
  rangesDone: count,
  failures: count.describe("Of payloads there."),
  groupsMerged: count,
  mergesFailed: count,
  allocationLeftMs: count.nullable().describe("Of its wall time; null when nobody knows."),
  quarantine: z.string().nullable().describe("Why it is in quarantine; null when it is not."),
  drain: z.string().nullable().describe("Why it is drained, in the user's words; null when it is not."),
};

/** A node among others. */
export const nodeSchema = z.strictObject(nodeFields);
const nodeLineSchema = z.strictObject({ schema: z.literal("noctua.node/v1"), ...nodeFields });
const nodesAnswerSchema = z.strictObject({
  schema: z.literal("noctua.nodes/v1"),
  nodes: z.array(nodeSchema).describe("By name."),
});

export const nodeSchemas = { node: nodeLineSchema, nodes: nodesAnswerSchema } as const;

export function nodeLine(node: NodeStatus): z.output<typeof nodeLineSchema> {
  return { schema: "noctua.node/v1", ...nodeInJson(node) };
}

export function nodesAnswer(nodes: readonly NodeStatus[]): z.output<typeof nodesAnswerSchema> {
  return { schema: "noctua.nodes/v1", nodes: nodes.map(nodeInJson) };
}

export function nodeInJson(node: NodeStatus): z.output<typeof nodeSchema> {
  const { sinceUnixMs, allocationLeftMs, quarantine, drain, ...rest } = node;
  return {
    ...rest,
    actors: [...rest.actors],
    mergers: [...rest.mergers],
    labels: { ...rest.labels },
    sinceAt: sinceUnixMs === undefined ? null : isoTime(sinceUnixMs),
    allocationLeftMs: allocationLeftMs ?? null,
    quarantine: quarantine ?? null,
    drain: drain ?? null,
  };
}
