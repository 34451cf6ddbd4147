// For tests: whose word alone is not final, told anew from the sessions (unproven.ts).

import { assert } from "../../../shared/core/assert.js";
import type { Bench } from "../bench.js";
import type { DurableFact } from "../facts/fact.js";
import { jobOf, type Farm } from "../state/farm.js";
import { lastVoidGrant } from "../state/job.js";

export interface OnBench extends Bench {
  readonly farm: Farm;
}

/** Whether actors are on the node, none of which has done anything or has been there for long (U1). */
export function isUnproven({ farm, moment, rules }: OnBench, node: string): boolean {
  const actors = [...farm.sessions.values()].filter((one) => one.role === "actor" && one.node === node);
  const hereMs = actors.map(({ joinedAtUnixMs }) => moment.unixMs - joinedAtUnixMs);
  const isYoung = hereMs.every((ms) => ms >= 0 && ms < rules.witnessWaitMs);
  return actors.length > 0 && isYoung && actors.every(({ done }) => done === 0);
}

/** After a turn: nothing was final on the word of one node that is unproven still (decide-failure.ts, Y7). */
export function checkFinal(bench: OnBench, facts: readonly DurableFact[]): void {
  for (const fact of facts) {
    if (fact.kind === "job-stopped") checkWord(bench, [...jobOf(bench.farm, fact.job).failures.fatalNodes]);
    if (fact.kind !== "range-tried" || !fact.final) continue;
    const job = jobOf(bench.farm, fact.job);
    const ofRange = job.failures.records.filter(({ range }) => range === fact.range);
    const since = ofRange.filter(({ grant }) => grant > lastVoidGrant(job, fact.range));
    checkWord(bench, [fact.node, ...since.map(({ node }) => node)]);
  }
}

function checkWord(bench: OnBench, nodes: readonly string[]): void {
  const [one = "", another] = new Set(nodes);
  assert(another !== undefined || !isUnproven(bench, one), () => `the word of ${one} alone is not final yet`);
}
