import { expect, test } from "vitest";
import { failureOf } from "../../shared/core/failure.js";
import { grantNumber, jobNumber } from "../../shared/core/id.js";
import { failureRecordsMax } from "../core/state/job.js";
import { jobReport } from "../core/testing/testing-report.js";
import { ToldDriver } from "../core/testing/testing.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { ReportLists, type ReadFarm } from "./report-lists.js";

const job = jobNumber(1);

test("failures are listed to the last, some at a time, and counted", async () => {
  const ranges = 3 * failureRecordsMax;
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [ranges], attempts: 1 }));
  const failure = failureOf("event", "bad event");
  driver
    .actor()
    .ask(ranges)
    .report({
      failures: Array.from({ length: ranges }, (_, range) => ({
        job,
        range,
        grant: grantNumber(1),
        failure,
      })),
    });
  const read: ReadFarm = (question) => Promise.resolve(question(driver.farm));
  const lists = new ReportLists(read, job);
  let text = "";
  for await (const piece of lists.write("failures")) text += piece;
  const lines: unknown[] = text
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(lines).toEqual(jobReport(driver.farm, driver.job()).failures);
  expect(lines).toHaveLength(ranges);
  expect(lists.lines.failures).toBe(ranges);
});
