// Between trials of ranges, what is held against nodes, and drains, and their pieces of a snapshot (journal-codec-state.ts).

import type * as wire from "../../../../gen/noctua/journal/v1/snapshot.js";
import { present } from "../../../shared/core/assert.js";
import { grantNumber, jobNumber } from "../../../shared/core/id.js";
import { known, sameLength } from "../../../shared/io/wire-checks.js";
import { failureClasses } from "../../../shared/io/wire-retry.js";
import type { Farm, FarmView } from "../../core/state/farm.js";
import type { Job } from "../../core/state/job.js";
import { isSuspect, type NodeView } from "../../core/state/node.js";
import { drainNode, nodeOf, place } from "../../core/apply/node-book.js";
import { seeSession, sessionOf } from "../../core/apply/session-book.js";
import { mustWait, type Trial, type TrialView } from "../../core/state/trial.js";

export function trialToWire([range, trial]: readonly [number, TrialView]): wire.Trial {
  const { attempts, avoids, nodeDeaths, payloadDeaths, dueUnixMs, alone, solitary } = trial;
  return {
    ...{ range, dueUnixMs, alone, solitary, nodeDeaths, payloadDeaths, avoids: [...avoids] },
    attempts: attempts.map(({ node, counted, class: failureClass }) => {
      return { node, counted, failureClass: failureClasses[failureClass] };
    }),
  };
}

/** After the table: where it stands there tells whether the range waits. */
export function enterTrial(job: Job, message: wire.Trial, where: string): void {
  const { range, dueUnixMs, avoids, alone, solitary, nodeDeaths, payloadDeaths } = message;
  const attempts = message.attempts.map(({ node, counted, failureClass }, i) => {
    return {
      node,
      counted,
      class: known(failureClasses, failureClass, `${where}.attempts[${i}].failure_class`),
    };
  });
  const trial: Trial = { attempts, dueUnixMs, avoids, alone, solitary, nodeDeaths, payloadDeaths };
  job.trials.set(range, trial);
  if (job.table.stateOf(range) === "ready" && mustWait(trial)) job.room.enter(range, trial);
}

/** Older drivers did not count how often an output was lost. */
export function enterVoided(job: Job, piece: wire.VoidedPiece, where: string): void {
  const { range, times } = piece;
  enterGrants(job.voided, piece, where);
  if (times.length > 0) sameLength(times, range.length, `${where}.times`);
  for (const [i, lost] of range.entries()) job.losses.set(lost, times[i] ?? 1);
}

export function enterGrants(grants: Job["copies"], { range, grant }: wire.CopiesPiece, where: string): void {
  sameLength(grant, range.length, `${where}.grant`);
  range.forEach((number, i) => grants.set(number, grantNumber(grant[i] ?? 0)));
}

/** By name, so that equal farms have equal ones. */
export function suspectNodes({ nodes }: FarmView): NodeView[] {
  return [...nodes.values()].filter(isSuspect).sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function nodeToWire({ name, isDoubtful, blamed, quarantine }: NodeView): wire.SuspectNode {
  return {
    node: name,
    isDoubtful,
    blamed: [...blamed].map(([job, ranges]) => ({ job, ranges: [...ranges] })),
    quarantine: quarantine?.reason,
    quarantinedAtUnixMs: quarantine?.sinceUnixMs ?? 0,
  };
}

/** By name, too. */
export function drainedNodes({ nodes, drained }: FarmView): NodeView[] {
  return [...drained].sort().map((name) => present(nodes.get(name), "drained node"));
}

export function drainToWire({ name, drain }: NodeView): wire.Drain {
  return { node: name, reason: drain?.reason ?? "", sinceUnixMs: drain?.sinceUnixMs ?? 0 };
}

export function enterDrain(farm: Farm, { node, ...drain }: wire.Drain): void {
  drainNode(farm, node, drain);
  for (const session of farm.nodes.get(node)?.sessions ?? []) seeSession(farm, sessionOf(farm, session));
}

export function enterNode(farm: Farm, message: wire.SuspectNode): void {
  const node = nodeOf(farm, message.node);
  node.isDoubtful = message.isDoubtful;
  for (const { job, ranges } of message.blamed) node.blamed.set(jobNumber(job), new Set(ranges));
  const { quarantine: reason, quarantinedAtUnixMs: sinceUnixMs } = message;
  node.quarantine = reason === undefined ? undefined : { reason, sinceUnixMs };
  place(farm, node);
}
