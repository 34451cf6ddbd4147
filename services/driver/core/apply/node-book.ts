// What is written down of nodes while facts are applied.
//
//   B3. `nodes`, `able`, `sound`, `barred`, `drained` and `gone` follow sessions, quarantines and drains: all of them change
//       here, together (farm.ts, M4).

import type { JobNumber } from "../../../shared/core/id.js";
import type { Farm, Session } from "../state/farm.js";
import type { Job } from "../state/job.js";
import { blamedMax, isSuspect, newNode, type Drain, type Node, type Quarantine } from "../state/node.js";
import type { TrialView } from "../state/trial.js";

/** The session has begun. */
export function joinNode(farm: Farm, session: Session): void {
  const node = nodeOf(farm, session.node);
  node.sessions.add(session.number);
  place(farm, node);
}

/** The session has ended. */
export function leaveNode(farm: Farm, session: Session): void {
  dropActor(farm, session);
  const node = farm.nodes.get(session.node);
  if (node?.sessions.delete(session.number) === true) place(farm, node);
}

/** Looks at whether a session is of an actor that its node may be given ranges for. */
export function seeActor(farm: Farm, session: Session): void {
  if (session.role !== "actor") return;
  const { attachment } = session;
  if (attachment.kind === "attached" && attachment.draining) {
    dropActor(farm, session);
    return;
  }
  const node = nodeOf(farm, session.node);
  if (node.actors.has(session.number)) return;
  node.actors.add(session.number);
  place(farm, node);
}

/** The actor is about to leave, or has left. */
function dropActor(farm: Farm, session: Session): void {
  const node = farm.nodes.get(session.node);
  if (node?.actors.delete(session.number) === true) place(farm, node);
}

/** A range failed on the node, as the last of its attempts (node.ts, N1, N2). */
export function blame(farm: Farm, name: string, job: JobNumber, tried: Tried): void {
  const node = nodeOf(farm, name);
  node.isDoubtful = true;
  let isBlamed = true;
  for (const attempt of tried.trial.attempts) {
    if (attempt.node === name) continue;
    const other = farm.nodes.get(attempt.node);
    // The word of a node in quarantine acquits nobody.
    if (other?.quarantine === undefined) isBlamed = false;
    if (other !== undefined) acquit(farm, other, job, tried.range);
  }
  if (!isBlamed) acquit(farm, node, job, tried.range);
  else {
    const ranges = node.blamed.get(job) ?? new Set();
    if (ranges.size < blamedMax) ranges.add(tried.range);
    node.blamed.set(job, ranges);
  }
  place(farm, node);
}

export interface Tried {
  readonly range: number;
  readonly trial: TrialView;
}

function acquit(farm: Farm, node: Node, job: JobNumber, range: number): void {
  const ranges = node.blamed.get(job);
  if (ranges?.delete(range) !== true || ranges.size > 0) return;
  node.blamed.delete(job);
  place(farm, node);
}

/** A range of the job succeeded on the node. */
export function praise(farm: Farm, name: string, job: JobNumber): void {
  const node = farm.nodes.get(name);
  if (node === undefined || !isSuspect(node)) return;
  node.isDoubtful = false;
  node.blamed.delete(job);
  place(farm, node);
}

/**
 * The job is over, and nothing of it is held against nodes any more: no later job can acquit them. In quarantine it is,
 * unless no range of the job ever succeeded anywhere, which is no node's fault.
 */
export function forgive(farm: Farm, { number, hasSucceeded }: Job): void {
  for (const node of [...farm.nodes.values()]) {
    const isKept = hasSucceeded && node.quarantine !== undefined;
    if (!isKept && node.blamed.delete(number)) place(farm, node);
  }
}

export function quarantine(farm: Farm, name: string, cause: Quarantine): void {
  const node = nodeOf(farm, name);
  node.quarantine = cause;
  place(farm, node);
}

/** Ends the quarantine: nothing is held against the node any more. */
export function restore(farm: Farm, name: string): void {
  const node = nodeOf(farm, name);
  node.quarantine = undefined;
  node.isDoubtful = false;
  node.blamed.clear();
  place(farm, node);
}

/** Begins a drain, or ends it when there is none any more. */
export function drainNode(farm: Farm, name: string, drain: Drain | undefined): void {
  const node = nodeOf(farm, name);
  node.drain = drain;
  place(farm, node);
}

/** The node of that name, which is known from now on. */
export function nodeOf(farm: Farm, name: string): Node {
  const known = farm.nodes.get(name);
  if (known !== undefined) return known;
  const node = newNode(name);
  farm.nodes.set(name, node);
  return node;
}

/** Enters a node where it stands now (B3). */
export function place(farm: Farm, node: Node): void {
  const { name, sessions, actors } = node;
  const isDrained = node.drain !== undefined;
  const isOpen = actors.size > 0 && !isDrained;
  const isAble = isOpen && node.quarantine === undefined;
  put(farm.able, name, isAble);
  put(farm.sound, name, isAble && !node.isDoubtful);
  put(farm.barred, name, isOpen && node.quarantine !== undefined);
  put(farm.drained, name, isDrained);
  const isEmpty = sessions.size === 0 && !isDrained;
  put(farm.gone, name, isEmpty && isSuspect(node));
  if (isEmpty && !isSuspect(node)) farm.nodes.delete(name);
}

function put(names: Set<string>, name: string, isIn: boolean): void {
  if (isIn) names.add(name);
  else names.delete(name);
}
