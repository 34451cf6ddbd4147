// What `noctua top` shows: the run in two lines, then its jobs and its nodes.
//
//   T1. It is as many lines as there is room for, and no more; what is left out is counted.
//   T2. What needs somebody to look comes first: jobs that are not over, nodes that are worst off.

import { clipped } from "./columns.js";
import { counted } from "../../shared/core/counted.js";
import { jobList } from "./job-list.js";
import { isOver, type JobStatus } from "./job-status.js";
import type { NodeState, NodeStatus } from "../../shared/core/node-status.js";
import { nodeList } from "./node-list.js";

/** The run as a whole. */
export interface ClusterStatus {
  readonly run: string;
  readonly actors: number;
  readonly slots: number;
  readonly slotsBusy: number;
  readonly mergers: number;
}

export interface TopView {
  readonly cluster: ClusterStatus;
  readonly jobs: readonly JobStatus[];
  readonly nodes: readonly NodeStatus[];
  /** What there is to say of a job that is well. */
  readonly paceOf: (status: JobStatus) => string;
  readonly nowUnixMs: number;
  /** Why this is not how things stand now; empty when it is. */
  readonly away: string;
}

/** Of a terminal. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** A line; a title is shown as one. */
export interface TopLine {
  readonly text: string;
  readonly isTitle: boolean;
}

/** Lines that every list of things has, of however little there is: a title, one thing, and how many more there are. */
const listRowsMin = 3;

/** `size`: undefined where there is room for all. */
export function topLines(view: TopView, size: Size | undefined): readonly TopLine[] {
  const jobs = jobLines(view, size?.columns);
  const nodes = nodeLines(view, size?.columns);
  const head = [...headLines(view), ""];
  if (size === undefined) return [...plain(head), ...titled(jobs), ...plain([""]), ...titled(nodes)];
  const room = Math.max(2 * listRowsMin, size.rows - head.length - 1);
  // Each list has half of the room, and what the other does not need.
  const jobRoom = Math.max(Math.floor(room / 2), room - nodes.length);
  const jobsShown = cut(jobs, jobRoom, "jobs");
  const nodesShown = cut(nodes, room - jobsShown.length, "nodes");
  const all = [...plain(head), ...titled(jobsShown), ...plain([""]), ...titled(nodesShown)];
  return all.slice(0, size.rows).map(({ text, isTitle }) => ({ text: clipped(text, size.columns), isTitle })); // (T1)
}

function headLines({ cluster, jobs, nodes, nowUnixMs, away }: TopView): readonly string[] {
  const { actors, slots, slotsBusy, mergers } = cluster;
  const atWork = jobs.filter(({ state }) => !isOver(state)).length;
  const [h, m, s] = [3_600_000, 60_000, 1_000].map(
    (unitMs, i) => Math.floor(nowUnixMs / unitMs) % (i === 0 ? 24 : 60),
  );
  const time = [h, m, s].map((part) => String(part).padStart(2, "0")).join(":");
  const people = `${counted(actors, "actor")} with ${slotsBusy} of ${slots} slots busy, ${counted(mergers, "merger")}`;
  return [
    `noctua ${time}Z  ${counted(jobs.length, "job")}, ${atWork} not over; ${people}`,
    away === "" ? `${counted(nodes.length, "node")}: ${statesText(nodes)}` : away,
  ];
}

function statesText(nodes: readonly NodeStatus[]): string {
  const counts = worstFirst
    .map((state) => [state, nodes.filter((node) => node.state === state).length] as const)
    .filter(([, count]) => count > 0);
  return counts.map(([state, count]) => `${count} ${state}`).join(", ") || "none has joined yet";
}

function jobLines({ jobs, nowUnixMs, paceOf }: TopView, width: number | undefined): readonly string[] {
  const [live, over] = [
    jobs.filter(({ state }) => !isOver(state)),
    jobs.filter(({ state }) => isOver(state)),
  ];
  // Where lines are short, there is room for the ETA.
  const pace = (status: JobStatus): string =>
    isWide(width) ? paceOf(status) : (paceOf(status).split(", ")[0] ?? "");
  return jobList([...live, ...over.toReversed()], nowUnixMs, width, pace).split("\n"); // (T2)
}

function isWide(width: number | undefined): boolean {
  return width === undefined || width >= 100;
}

const worstFirst: readonly NodeState[] = ["quarantined", "away", "draining", "drained", "idle", "at work"];

function nodeLines({ nodes, nowUnixMs }: TopView, width: number | undefined): readonly string[] {
  const rank = ({ state }: NodeStatus): number => worstFirst.indexOf(state);
  const failed = ({ failures, mergesFailed }: NodeStatus): number => failures + mergesFailed;
  const sorted = nodes.toSorted((a, b) => rank(a) - rank(b) || failed(b) - failed(a)); // (T2)
  return nodeList(sorted, nowUnixMs, width).split("\n");
}

/** As many lines as there is room for; the last says how many things are left out (T1). */
function cut(lines: readonly string[], room: number, what: string): readonly string[] {
  if (lines.length <= room) return lines;
  const shown = Math.max(1, room - 1);
  return [...lines.slice(0, shown), `  and ${lines.length - shown} more ${what}`];
}

function titled([title = "", ...rest]: readonly string[]): readonly TopLine[] {
  return [{ text: title, isTitle: rest.length > 0 }, ...plain(rest)];
}

function plain(lines: readonly string[]): readonly TopLine[] {
  return lines.map((text) => ({ text, isTitle: false }));
}
