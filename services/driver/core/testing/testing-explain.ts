// For tests: what people are told when they ask why.

import { assert } from "../../../shared/core/assert.js";
import { jobNumber } from "../../../shared/core/id.js";
import { explain } from "../explain/explain.js";
import type { Explanation, Question, Unknown } from "../explain/explanation.js";
import { isAtWork, type Job } from "../state/job.js";
import { ToldDriver } from "./testing.js";
import { aSpec, type SpecChanges } from "./testing-spec.js";

/** Job 1 of four ranges, merged by twos, unless said otherwise. */
export function aJob(changes: SpecChanges = {}): ToldDriver {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [4], everyOutputs: 2, ...changes }));
  return driver;
}

export function asked({ farm, moment, rules }: ToldDriver, question: Question): Explanation | Unknown {
  return explain({ farm, moment, rules }, question);
}

/** The answer to a question that has one. */
export function answer(driver: ToldDriver, question: Question): Explanation {
  const found = asked(driver, question);
  if ("unknown" in found) throw new Error(found.unknown);
  return found;
}

export function ofJob(driver: ToldDriver, job = 1): Explanation {
  return answer(driver, { kind: "job", job: jobNumber(job) });
}

export function ofRange(driver: ToldDriver, range: number): Explanation {
  return answer(driver, { kind: "range", job: jobNumber(1), range });
}

export function ofNode(driver: ToldDriver, name = "n1"): Explanation {
  return answer(driver, { kind: "node", name });
}

/** Whatever may be asked about gets whole sentences; a job at work that nobody holds ranges of is said to wait (Q1, Q2). */
export function checkExplained(driver: ToldDriver): void {
  const { jobs, sessions } = driver.farm;
  for (const { node, name } of sessions.values())
    for (const one of [node, name]) checkWhole(ofNode(driver, one));
  for (const job of jobs.values()) {
    const whole = ofJob(driver, job.number);
    checkWhole(whole);
    const isIdle = isAtWork(job) && job.table.counts.held === 0;
    assert(!isIdle || whole.sentence.includes(" waits"), () => `it waits: ${whole.sentence}`);
    for (const range of oneOfEachState(job))
      checkWhole(answer(driver, { kind: "range", job: job.number, range }));
  }
}

function oneOfEachState({ table }: Job): Iterable<number> {
  const ranges = new Map<string, number>();
  for (let range = 0; range < table.ranges; range += 1) ranges.set(table.stateOf(range), range);
  return ranges.values();
}

function checkWhole({ sentence, details, advice }: Explanation): void {
  for (const text of [sentence, ...details, ...(advice === "" ? [] : [advice])]) {
    assert(/^[A-Z0-9].*[^.]\.$/.test(text), () => `a whole sentence: ${text}`);
    assert(!/undefined|NaN|Infinity|\[object| {2}|[(:,;] ?[.);]/.test(text), () => `no gap in: ${text}`);
  }
}
