import { expect, test } from "vitest";
import { failureOf } from "../../shared/core/failure.js";
import { grantNumber, jobNumber } from "../../shared/core/id.js";
import { failedRanges, lookedAtMax, type FailuresAsked } from "./failed-ranges.js";
import { failureRecordsMax } from "./state/job.js";
import { aSpec } from "./testing/testing-spec.js";
import { ToldDriver } from "./testing/testing.js";

const anything: FailuresAsked = { from: 0, failuresMax: 100_000, failureClass: undefined, node: "" };

/** A job in which every range failed, every other one with a message of its own. */
function aDriver(ranges: number, message = "bad event"): ToldDriver {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [ranges], attempts: 1 }));
  driver
    .actor({ node: "n1" })
    .ask(ranges)
    .report({
      failures: Array.from({ length: ranges }, (_, range) => ({
        ...{ job: jobNumber(1), range, grant: grantNumber(1) },
        failure: {
          ...failureOf(range % 2 === 0 ? "event" : "transient", message),
          exitCode: 3,
          stderrTail: "oh",
        },
      })),
    });
  return driver;
}

test("each range that failed is told once, with what is known of it (E2)", () => {
  const ranges = failureRecordsMax + 2;
  const { failures, next } = failedRanges(aDriver(ranges).job(), anything);
  expect(failures.map(({ range }) => range)).toEqual(Array.from({ length: ranges }, (_, range) => range));
  expect(failures[1]).toMatchObject({
    class: "transient",
    node: "n1",
    attempt: 1,
    exitCode: 3,
    stderrTail: "oh",
  });
  expect(failures.at(-1)).toMatchObject({ class: "transient", node: "n1", attempt: 1, message: "bad event" });
  expect(next).toBeUndefined();
});

test("only those of a class, or of a node, are told", () => {
  const job = aDriver(6).job();
  const rangesOf = (asked: Partial<FailuresAsked>) =>
    failedRanges(job, { ...anything, ...asked }).failures.map(({ range }) => range);
  expect(rangesOf({ failureClass: "transient" })).toEqual([1, 3, 5]);
  expect(rangesOf({ failureClass: "event", from: 2 })).toEqual([2, 4]);
  expect(rangesOf({ node: "n2" })).toEqual([]);
  expect(rangesOf({ node: "n1" })).toHaveLength(6);
});

test("of a job of many ranges one call looks at some, and says where to go on (E1)", () => {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [lookedAtMax + 5], attempts: 1 }));
  driver.actor().ask(1).fail(1, 0);
  expect(failedRanges(driver.job(), { ...anything, from: 1 })).toEqual({
    failures: [],
    next: lookedAtMax + 1,
  });
});

test("a page ends after so many, or when it is long, and the next one goes on behind it (E1)", () => {
  const job = aDriver(6).job();
  expect(failedRanges(job, { ...anything, failuresMax: 4 })).toMatchObject({
    failures: { length: 4 },
    next: 4,
  });
  expect(failedRanges(job, { ...anything, failuresMax: 2, from: 4 })).toMatchObject({ next: undefined });
  const wordy = aDriver(1_000, "x".repeat(1_000)).job();
  const { failures, next } = failedRanges(wordy, anything);
  expect(failures.length).toBeGreaterThan(900);
  expect(next).toBe(failures.length);
});
