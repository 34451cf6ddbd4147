import { expect, test } from "vitest";
import { failureOf } from "../../shared/core/failure.js";
import { grantNumber, jobNumber } from "../../shared/core/id.js";
import { lookedAtMax, rangeSpans, type RangesAsked } from "./range-spans.js";
import { aSpec } from "./testing/testing-spec.js";
import { outputsOf, ToldDriver } from "./testing/testing.js";

const anything: RangesAsked = { from: 0, spansMax: 100, states: new Set(), node: "" };

/** Twelve ranges: 0 to 2 are done, 3 failed, 4 and 5 are held on node n1, 6 and 7 on n2; the rest waits. */
function aDriver(): ToldDriver {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [12], attempts: 1, everyOutputs: 100 }));
  const one = driver.actor({ name: "a", node: "n1" }).ask(6);
  const failure = {
    job: jobNumber(1),
    range: 3,
    grant: grantNumber(1),
    failure: failureOf("event", "bad event"),
  };
  one.report({ outputs: [outputsOf(1, [0, 1, 2])], failures: [failure] });
  driver.actor({ name: "b", node: "n2" }).ask(2);
  return driver;
}

function told(
  driver: ToldDriver,
  asked: Partial<RangesAsked> = {},
): { lines: string[]; next: number | undefined } {
  const { spans, next } = rangeSpans(driver.farm, driver.job(), { ...anything, ...asked });
  const lines = spans.map(
    ({ first, count, state, node, reason }) => `${first}+${count} ${[state, node, reason].join(" ").trim()}`,
  );
  return { lines, next };
}

test("neighbours of which the same is to be told are one span (L2)", () => {
  expect(told(aDriver())).toEqual({
    lines: ["0+3 done", "3+1 failed  bad event", "4+2 held n1", "6+2 held n2", "8+4 ready"],
    next: undefined,
  });
});

test("only some states are told, or what a node holds", () => {
  const driver = aDriver();
  expect(told(driver, { states: new Set(["failed", "ready"]) }).lines).toEqual([
    "3+1 failed  bad event",
    "8+4 ready",
  ]);
  expect(told(driver, { node: "n2" }).lines).toEqual(["6+2 held n2"]);
  expect(told(driver, { node: "n2", from: 7 }).lines).toEqual(["7+1 held n2"]);
  expect(told(driver, { node: "n2", states: new Set(["done"]) }).lines).toEqual([]);
  expect(told(driver, { node: "elsewhere" }).lines).toEqual([]);
});

test("a page ends after so many spans, and the next one goes on behind it", () => {
  const driver = aDriver();
  const lines: string[] = [];
  for (let from: number | undefined = 0; from !== undefined;) {
    const page = told(driver, { from, spansMax: 2 });
    expect(page.lines.length).toBeLessThanOrEqual(2);
    lines.push(...page.lines);
    from = page.next;
  }
  expect(lines).toEqual(told(driver).lines);
});

test("of a job of many ranges one call looks at some, and says where to go on (L1)", () => {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [lookedAtMax + 5], everyOutputs: 100 }));
  expect(told(driver, { states: new Set(["failed"]) })).toEqual({ lines: [], next: lookedAtMax });
  expect(told(driver, { from: lookedAtMax })).toEqual({ lines: [`${lookedAtMax}+5 ready`], next: undefined });
});
