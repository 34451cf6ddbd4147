// How the run stands as a whole, for whoever asks.

import { busySlots } from "./node-status.js";
import type { FarmView } from "./state/farm.js";

export interface ClusterStatus {
  readonly run: string;
  readonly epoch: number;
  /** Nodes that somebody is on. */
  readonly nodes: number;
  readonly nodesDrained: number;
  readonly nodesQuarantined: number;
  /** Those that are connected, like the next three. */
  readonly actors: number;
  readonly slots: number;
  readonly slotsBusy: number;
  readonly mergers: number;
  readonly jobs: number;
  readonly jobsAtWork: number;
}

export function clusterStatus(farm: FarmView): ClusterStatus {
  const { run, epoch, drained, barred, jobs, live } = farm;
  const nodes = new Set<string>();
  const counts = { actors: 0, slots: 0, slotsBusy: 0, mergers: 0 };
  for (const session of farm.sessions.values()) {
    nodes.add(session.node);
    if (session.attachment.kind === "away") continue;
    if (session.role === "merger") counts.mergers += 1;
    else {
      counts.actors += 1;
      counts.slots += session.slots;
      counts.slotsBusy += busySlots(farm, session);
    }
  }
  return {
    ...{ run, epoch, nodes: nodes.size, nodesDrained: drained.size, nodesQuarantined: barred.size },
    ...counts,
    ...{ jobs: jobs.size, jobsAtWork: live.size },
  };
}
