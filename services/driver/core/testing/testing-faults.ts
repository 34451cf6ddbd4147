// For tests: bugs that are planted in one job, and the word that there is none.

import { assert, AssertionError } from "../../../shared/core/assert.js";
import type { Fact } from "../facts/fact.js";
import type { Job } from "../state/job.js";
import { realParts, type Turn, type TurnParts } from "../turn.js";

/** Throws when the program was wrong about anything in the turn. */
export function checkNoFault({ durable, refused }: Pick<Turn, "durable" | "refused">): void {
  for (const fact of durable)
    assert(fact.kind !== "job-broken", () => `no job is broken: ${JSON.stringify(fact)}`);
  for (const { error } of refused) throw error;
}

/** What of a job throws at its n-th call from now on, and ever after. */
export interface Flaw {
  readonly part: "table" | "ready" | "room" | "groupsWaiting" | "unmerged";
  readonly calls: number;
}

/** Plants it in a job. Returns the parts of turns in which it can be met: who checks the farm does not meet it. */
export function plantFlaw(job: Job, { part, calls }: Flaw): TurnParts {
  let left = calls;
  let isMet = false;
  const whole: object = job[part];
  for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(whole))) {
    const method: unknown = Reflect.get(whole, name);
    if (name === "constructor" || typeof method !== "function") continue;
    Reflect.set(whole, name, (...args: unknown[]): unknown => {
      if (isMet) left -= 1;
      if (isMet && left < 0)
        throw new AssertionError(`expected: ${part}.${name} is sound in job ${job.number}`);
      const result: unknown = method.call(whole, ...args);
      return result;
    });
  }
  const meeting = <Result>(work: () => Result): Result => {
    isMet = true;
    try {
      return work();
    } finally {
      isMet = false;
    }
  };
  function* meetingEach(facts: Iterable<Fact>): Generator<Fact, void, void> {
    const each = facts[Symbol.iterator]();
    for (let next = meeting(() => each.next()); next.done !== true; next = meeting(() => each.next()))
      yield next.value;
  }
  return {
    decide: (bench, command) => meetingEach(realParts.decide(bench, command)),
    advance: (bench) => meetingEach(realParts.advance(bench)),
    apply: (farm, fact) => meeting(() => realParts.apply(farm, fact)),
  };
}
