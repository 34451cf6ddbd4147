// What `noctua nodes` prints: a line a node.

import type { NodeStatus } from "../../shared/core/node-status.js";
import { clipped, columnDuration, tableText, type Column } from "./columns.js";

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
