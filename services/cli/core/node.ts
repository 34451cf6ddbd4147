// How a node stands, as the driver tells it; and how a person is told.

import { clipped, columnDuration, tableText, type Column } from "./columns.js";

export const nodeStates = ["at work", "idle", "draining", "drained", "quarantined", "away"] as const;
export type NodeState = (typeof nodeStates)[number];

/** What is counted is of all its actors and mergers together. */
export interface NodeStatus {
  readonly name: string;
  readonly state: NodeState;
  /** Why it stands so; may be empty. */
  readonly reason: string;
  /** Undefined when it is not known. */
  readonly sinceUnixMs: number | undefined;
  readonly actors: readonly string[];
  readonly mergers: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly slots: number;
  readonly slotsBusy: number;
  readonly rangesHeld: number;
  readonly groupsHeld: number;
  readonly rangesDone: number;
  readonly failures: number;
  readonly groupsMerged: number;
  readonly mergesFailed: number;
  /** Of its wall time; undefined when nobody knows. */
  readonly allocationLeftMs: number | undefined;
  /** Why it is so; undefined when it is not. */
  readonly quarantine: string | undefined;
  readonly drain: string | undefined;
}

const columns: readonly Column[] = [
  { title: "NODE" },
  { title: "STATE" },
  { title: "BUSY", isNumber: true },
  { title: "HELD", isNumber: true },
  { title: "DONE", isNumber: true },
  { title: "MERGED", isNumber: true },
  { title: "FAILED", isNumber: true },
  { title: "SINCE", isNumber: true },
  { title: "LEFT", isNumber: true },
  { title: "INFO" },
];

const nameWidth = 16;

/** A line a node; `width` is the terminal's, undefined where lines may be long. */
export function nodeList(nodes: readonly NodeStatus[], nowUnixMs: number, width: number | undefined): string {
  if (nodes.length === 0) return "no nodes yet: noctua actor --workdir <workdir> joins one";
  const lines = tableText(
    columns,
    nodes.map((node) => rowOf(node, nowUnixMs)),
  ).split("\n");
  return (width === undefined ? lines : lines.map((line) => clipped(line, width))).join("\n");
}

function rowOf(node: NodeStatus, nowUnixMs: number): readonly string[] {
  const { name, state, slots, slotsBusy, rangesHeld, rangesDone, groupsMerged, failures, mergesFailed } =
    node;
  return [
    clipped(name, nameWidth),
    state,
    `${slotsBusy}/${slots}`,
    String(rangesHeld),
    String(rangesDone),
    String(groupsMerged),
    String(failures + mergesFailed),
    node.sinceUnixMs === undefined ? "-" : columnDuration(Math.max(1_000, nowUnixMs - node.sinceUnixMs)),
    node.allocationLeftMs === undefined ? "-" : columnDuration(node.allocationLeftMs),
    node.reason,
  ];
}
