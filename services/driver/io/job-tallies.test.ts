import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jobNumber, sessionNumber, type JobNumber } from "../../shared/core/id.js";
import { slotTimesOf, type JobSlotTime, type SlotTimes } from "../../shared/core/slot-times.js";
import { mergeOf, ToldDriver } from "../core/testing/testing.js";
import { aSpec } from "../core/testing/testing-spec.js";
import type { DurableFact } from "../core/facts/fact.js";
import { JobTallies, nothingTallied, type Tallied } from "./job-tallies.js";

const [one, two] = [jobNumber(1), jobNumber(2)];
const node = sessionNumber(7);

function busy(job: JobNumber, busyMs: number, more: Partial<JobSlotTime> = {}): JobSlotTime {
  return { job, busyMs, lostMs: 0, runningMs: 0, ...more };
}

function times(startingMs: number, waitingMs: number, ...jobs: JobSlotTime[]): SlotTimes {
  return slotTimesOf({ startingMs, waitingMs, jobs });
}

/** Tallies of which the first two jobs are known. */
function bench(formerly?: Tallied) {
  const clock = { unixMs: 0 };
  const tallies = new JobTallies(
    () => clock.unixMs,
    () => Promise.resolve(formerly),
  );
  tallies.begin([one, two]);
  const of = async (job: JobNumber): Promise<Tallied["utilisation"]> => (await tallies.of(job)).utilisation;
  return { clock, tallies, of };
}

function opened(session: number, continues?: number): DurableFact {
  const who = { role: "actor", name: "a", incarnation: "i", node: "n", slots: 1, labels: {} } as const;
  return {
    kind: "session-opened",
    atUnixMs: 0,
    session: sessionNumber(session),
    ...who,
    continues: continues === undefined ? undefined : sessionNumber(continues),
  };
}

const ended: DurableFact = { kind: "session-ended", session: node, reason: "its lease ended" };

describe("the time of slots", () => {
  test("is counted for each job from when it was there, and adds up to what was held", async () => {
    const { tallies, of } = bench();
    tallies.hear(node, times(1_000, 2_000, busy(one, 3_000)));
    tallies.hear(node, times(0, 500, busy(two, 4_000)));
    expect(await of(one)).toEqual({
      ...{ held: 10.5, busy: 3, lost: 0 },
      ...{ starting: 1, waiting: 2.5, otherJobs: 4 },
    });
    tallies.begin([jobNumber(3)]);
    tallies.hear(node, times(0, 100));
    expect(await of(jobNumber(3))).toMatchObject({ held: 0.1, waiting: 0.1, otherJobs: 0 });
  });

  test("before a job was there is not the job's, though it is told later (T3)", async () => {
    const { clock, tallies, of } = bench();
    const three = jobNumber(3);
    tallies.observe([opened(7)]);
    clock.unixMs = 8_000;
    tallies.observe([
      { kind: "job-submitted", job: three, requestId: "r", spec: aSpec({ inputs: [4] }), atUnixMs: 8_000 },
    ]);
    clock.unixMs = 10_000;
    tallies.hear(node, times(0, 6_500, busy(two, 2_000), busy(three, 1_500)));
    expect(await of(three)).toMatchObject({ held: 2, busy: 1.5, waiting: 0, otherJobs: 0.5 });
    expect(await of(one)).toMatchObject({ held: 10, waiting: 6.5, otherJobs: 3.5 });
    clock.unixMs = 11_000;
    tallies.hear(node, times(0, 1_000));
    expect(await of(three)).toMatchObject({ held: 3, busy: 1.5, waiting: 1, otherJobs: 0.5 });
  });

  test("is lost where its actor says that it came to nothing", async () => {
    const { tallies, of } = bench();
    tallies.hear(node, times(0, 0, busy(one, 3_000)));
    tallies.hear(node, times(0, 0, busy(one, 1_000, { lostMs: 1_500 })));
    expect(await of(one)).toMatchObject({ held: 4, busy: 2.5, lost: 1.5 });
  });

  test("of ranges that run is lost with their node (T2)", async () => {
    const { tallies, of } = bench();
    tallies.hear(node, times(0, 0, busy(one, 3_000, { runningMs: 2_000 })));
    tallies.hear(node, times(0, 0, busy(one, 1_000, { runningMs: 1_200 })));
    tallies.observe([ended]);
    expect(await of(one)).toMatchObject({ busy: 2.8, lost: 1.2 });
    tallies.observe([ended]);
    expect(await of(one)).toMatchObject({ lost: 1.2 });
  });

  test("of ranges that run stays with a process that has a new session (T2)", async () => {
    const { tallies, of } = bench();
    tallies.hear(node, times(0, 0, busy(one, 3_000, { runningMs: 2_000 })));
    tallies.observe([opened(8, 7), ended]);
    expect(await of(one)).toMatchObject({ busy: 3, lost: 0 });
  });

  test("of jobs that nobody knows, and of peers without a session, keeps nothing here (P7)", async () => {
    const { tallies, of } = bench();
    tallies.hear(undefined, times(0, 900));
    tallies.hear(node, times(0, 0, busy(jobNumber(99), 1_000, { runningMs: 1_000 })));
    tallies.observe([ended]);
    expect(await of(one)).toMatchObject({ held: 1, otherJobs: 1 });
  });

  test("that drivers before this one told of is added to (T1)", async () => {
    const utilisation = { held: 10, busy: 4, lost: 1, starting: 2, waiting: 2, otherJobs: 1 };
    const { tallies, of } = bench({ times: nothingTallied.times, utilisation });
    tallies.hear(node, times(0, 1_000, busy(one, 2_000)));
    expect(await of(one)).toEqual({ held: 13, busy: 6, lost: 1, starting: 2, waiting: 3, otherJobs: 1 });
  });
});

test("whatever is told, each job's sums add up to what was held, and none is below nothing", async () => {
  const ms = fc.nat(100_000);
  const job = fc.record({ job: fc.constantFrom(one, two), busyMs: ms, lostMs: ms, runningMs: ms });
  const telling = fc.tuple(fc.nat(3), ms, ms, fc.array(job, { maxLength: 2 }), fc.nat(7));
  await fc.assert(
    fc.asyncProperty(fc.array(telling, { maxLength: 20 }), async (tellings) => {
      const { clock, tallies, of } = bench();
      for (const [actor, startingMs, waitingMs, jobs, more] of tellings) {
        clock.unixMs += more;
        if (more === 2) tallies.observe([{ kind: "job-retried", job: one, requestId: "again" }]);
        tallies.hear(sessionNumber(actor + 1), slotTimesOf({ startingMs, waitingMs, jobs }));
        if (more === 1) tallies.observe([{ ...ended, session: sessionNumber(actor + 1) }]);
      }
      for (const number of [one, two]) {
        const { held, ...parts } = await of(number);
        expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(held, 6);
        for (const part of Object.values(parts)) expect(part).toBeGreaterThanOrEqual(0);
      }
    }),
    { seed: 5, numRuns: 200 },
  );
});

test("first and last results and merged files have their times", async () => {
  const { clock, tallies } = bench();
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [4], everyOutputs: 4 }));
  const actor = driver.actor().ask(4);
  let seen = 0;
  const tell = async (unixMs: number): Promise<Tallied["times"]> => {
    clock.unixMs = unixMs;
    tallies.observe(driver.journal.slice(seen));
    seen = driver.journal.length;
    return (await tallies.of(one)).times;
  };
  expect(await tell(1)).toEqual(nothingTallied.times);
  actor.done(1, [0]);
  expect(await tell(2)).toEqual({ firstDone: 2, lastDone: 2, lastMerged: undefined });
  actor.done(1, [1, 2, 3]);
  await tell(3);
  driver.merger().ask(1).merged(mergeOf(1, 2));
  driver.tell({ kind: "confirm-published", merge: mergeOf(1, 2) });
  expect(await tell(4)).toEqual({ firstDone: 2, lastDone: 3, lastMerged: 4 });
});

test("a job that is retried goes on from what its last report said", async () => {
  const utilisation = { ...nothingTallied.utilisation, held: 10, busy: 10 };
  const { tallies, of } = bench({ times: nothingTallied.times, utilisation });
  tallies.hear(node, times(0, 1_000));
  expect(await of(one)).toMatchObject({ held: 11 });
  tallies.observe([{ kind: "job-retried", job: one, requestId: "again" }]);
  expect(await of(one)).toMatchObject({ held: 10 });
});
