// For tests: what must be equal in two farms that the same facts have made, as a plain value. It goes by the one list of
// what is durable (durable.ts), so a field that is added there is compared from then on.

import { SpanSet } from "../../../shared/core/span-set.js";
import { containOld } from "../apply/contain.js";
import type { DurableFact } from "../facts/fact.js";
import {
  failureLogFields,
  farmFields,
  grantFields,
  groupFields,
  jobFields,
  sessionFields,
} from "../state/durable.js";
import { EventTimes } from "../state/event-times.js";
import { emptyFarm, type FarmView } from "../state/farm.js";
import { isSuspect } from "../state/node.js";
import { RangeGroups } from "../state/range-groups.js";
import { RangeTable } from "../state/range-table.js";
import { WaitingGroups } from "../state/waiting-groups.js";
import { WaitingRoom } from "../state/waiting-room.js";
import type { TurnParts } from "../turn.js";
import { same } from "./testing-same.js";

/** (F1, M1) Replaying the facts gives the durable part of the farm again. */
export function checkReplay(
  farm: FarmView,
  journal: readonly DurableFact[],
  apply: TurnParts["apply"],
): void {
  const replayed = emptyFarm();
  for (const fact of journal) containOld(replayed, fact, apply);
  same(durableValueOf(replayed), durableValueOf(farm), "the farm that the facts give");
}

/** All that is durable, and what is derived from it; maps and sets in their order. */
export function durableValueOf(farm: FarmView): unknown {
  return {
    ...of(farmFields, farm),
    jobs: [...farm.jobs.values()].map(jobValue),
    sessions: sessionValues(farm),
    nodes: nodeValues(farm),
  };
}

type Job = FarmView["jobs"] extends ReadonlyMap<unknown, infer Value> ? Value : never;

function jobValue(job: Job): unknown {
  return {
    ...of({ ...jobFields, layout: "passing" }, job), // It has functions, and follows from its inputs.
    inputs: job.layout.inputs,
    grants: [...job.grants].map(([number, grant]) => [number, of(grantFields, grant)]),
    groups: [...job.groups.values()].map((group) => of(groupFields, group)),
    times: { all: plainOf(job.times.all), byKind: plainOf(job.times.byKind) },
    failures: of(failureLogFields, job.failures),
  };
}

function sessionValues(farm: FarmView): unknown[] {
  return [...farm.sessions.values()].map((session) => of(sessionFields, session));
}

/** Those that something is held against, or that are drained; the others follow from the sessions. */
function nodeValues({ nodes }: FarmView): unknown[] {
  const known = [...nodes.values()].filter((node) => isSuspect(node) || node.drain !== undefined);
  return known
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ actors: _, sessions: __, blamed, ...node }) => ({ ...node, blamed: plainOf(blamed) }));
}

/** The fields that are not passing. */
function of<Field extends string>(
  fields: Readonly<Record<Field, string>>,
  value: Readonly<Record<Field, unknown>>,
): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const field in fields) if (fields[field] !== "passing") plain[field] = plainOf(value[field]);
  return plain;
}

function plainOf(value: unknown): unknown {
  if (value instanceof Map)
    return Array.from<[unknown, unknown]>(value).map(([key, item]) => [key, plainOf(item)]);
  if (value instanceof Set) return Array.from<unknown>(value);
  if (value instanceof SpanSet) return { spans: value.spans(), size: value.size };
  if (value instanceof EventTimes) return { ...value.columns(), sumMs: value.sumMs };
  if (value instanceof RangeTable) return tableValue(value);
  if (value instanceof RangeGroups) return groupsValue(value);
  if (value instanceof WaitingGroups) return [...value];
  if (value instanceof WaitingRoom) return [...value.ranges()].sort((a, b) => a - b);
  return value;
}

function groupsValue(groups: RangeGroups): unknown {
  const settled = Array.from({ length: groups.fixed.count }, (_, i) => groups.settledIn(i + 1));
  return { settled, due: [...groups.due] };
}

function tableValue(table: RangeTable): unknown {
  const { ranges, counts } = table;
  return { counts: { ...counts }, ...table.columns({ first: 0, count: ranges }) };
}
