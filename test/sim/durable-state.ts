// The durable part of a farm as a plain value: what replaying the journal must give again (farm.ts, M1).

import type { FarmView } from "../../services/driver/core/farm.js";
import type { JobView } from "../../services/driver/core/job.js";
import { isSuspect } from "../../services/driver/core/node.js";

export function durableStateOf(farm: FarmView): object {
  return {
    epoch: farm.epoch,
    run: farm.run,
    lastJob: farm.lastJob,
    lastSession: farm.lastSession,
    jobs: [...farm.jobs.values()].map(stateOfJob),
    live: [...farm.live],
    requests: [...farm.requests],
    names: [...farm.names],
    nodes: [...farm.nodes.values()]
      .filter(isSuspect)
      .map(({ actors: _, blamed, ...node }) => ({
        ...node,
        blamed: [...blamed].map(([job, ranges]) => [job, [...ranges]]),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    sessions: [...farm.sessions.values()].map(({ holds, attachment: _, heardAtMs: __, ...session }) => ({
      ...session,
      holds: [...holds].map(([job, grants]) => [job, [...grants]]),
    })),
  };
}

function stateOfJob(job: JobView): object {
  const { table, ready, unmerged, grants, groups, failures, layout: _, room, ...rest } = job;
  return {
    ...rest,
    room: [...room.ranges()].sort((a, b) => a - b),
    trials: [...job.trials],
    losses: [...job.losses],
    groupsWaiting: [...job.groupsWaiting],
    groupsOpen: [...job.groupsOpen],
    voided: [...job.voided],
    counts: { ...table.counts },
    ranges: Array.from({ length: table.ranges }, (_unused, range) => ({
      state: table.stateOf(range),
      holder: table.holderOf(range),
      winner: table.winnerOf(range),
      credit: table.creditUsed(range),
      group: table.groupOf(range),
      output: table.stateOf(range) === "done" ? table.outputOf(range) : undefined,
    })),
    ready: ready.spans(),
    unmerged: unmerged.spans(),
    grants: [...grants].map(([number, { ahead: _ahead, ...grant }]) => [number, grant]),
    copies: [...job.copies],
    groups: [...groups],
    failures: {
      records: failures.records,
      counted: failures.counted,
      final: [...failures.final].map(([key, set]) => [key, set.spans()]),
      fatalNodes: [...failures.fatalNodes],
    },
  };
}
