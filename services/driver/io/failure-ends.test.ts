import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { failureOf } from "../../shared/core/failure.js";
import { grantNumber, jobNumber } from "../../shared/core/id.js";
import { testFolder } from "../../shared/io/testing-folder.js";
import { failureRecordsMax } from "../core/state/job.js";
import { ToldDriver, type Peer } from "../core/testing/testing.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { FailureEnds } from "./failure-ends.js";
import { ReportLists, type ReadFarm } from "./report-lists.js";

const job = jobNumber(1);
const beyond = 3;
const ranges = failureRecordsMax + beyond;
const told = z.looseObject({ range: z.number(), stderrTail: z.string() });

interface Limits {
  readonly fileBytesMax?: number;
  readonly pendingCharsMax?: number;
}

/** A driver of a job in which more fails than the farm keeps all of, and what is kept beside it. */
async function bench(limits: Limits = {}) {
  const workdir = await testFolder();
  const warnings: unknown[] = [];
  const log = { warn: (_: string, fields?: object) => void warnings.push(fields) };
  const ends = new FailureEnds({ workdir, log, ...limits });
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [ranges], attempts: 1 }));
  const actor = driver.actor({ node: "n1" });
  const fail = (from: Peer, grant: number, count: number, stderrTail: string): void => {
    const failures = Array.from({ length: count }, (_, range) => ({
      job,
      range,
      grant: grantNumber(grant),
      failure: { ...failureOf("event", "bad event"), exitCode: 3, stderrTail: `${stderrTail} ${range}` },
    }));
    ends.observe(from.report({ failures }).durable, driver.farm);
  };
  fail(actor.ask(ranges), 1, ranges, "first");
  const read: ReadFarm = (question) => Promise.resolve(question(driver.farm));
  const listed = async (): Promise<readonly z.output<typeof told>[]> => {
    const lists = new ReportLists(read, job, ends);
    let text = "";
    for await (const piece of lists.write("failures")) text += piece;
    const lines = text.trimEnd().split("\n");
    expect(lists.lines.failures).toBe(lines.length);
    return lines.map((line) => told.parse(JSON.parse(line)));
  };
  const path = join(workdir, "jobs/1/failures.ends");
  return { driver, actor, fail, listed, warnings, path };
}

test("the report has the end of stderr of every range that failed for good, each once", async () => {
  const { listed, warnings } = await bench();
  const lines = await listed();
  expect(lines.map(({ stderrTail }) => stderrTail)).toEqual(lines.map((_, range) => `first ${range}`));
  expect(lines).toHaveLength(ranges);
  expect(lines.at(-1)).toMatchObject({
    range: ranges - 1,
    class: "event",
    node: "n1",
    attempt: 1,
    exitCode: 3,
  });
  expect(warnings).toEqual([]);
});

test("what failed before a retry is told of no more, and what fails again with what it wrote then", async () => {
  const { driver, actor, fail, listed } = await bench();
  driver.workFiles();
  driver.control("retry");
  expect(await listed()).toHaveLength(failureRecordsMax);
  fail(actor.ask(2 * ranges), 2, ranges, "again");
  const lines = (await listed()).slice(failureRecordsMax);
  expect(lines.map(({ stderrTail }) => stderrTail).sort()).toEqual(
    lines.map((_, range) => `again ${range}`).sort(),
  );
  expect(lines).toHaveLength(ranges);
});

test("a line that was torn is passed over, and what is written next is not (E2)", async () => {
  const { driver, actor, fail, listed, path } = await bench();
  await listed();
  await appendFile(path, (await readFile(path, "utf8")).slice(0, 40));
  driver.workFiles();
  driver.control("retry");
  fail(actor.ask(2 * ranges), 2, 1, "again");
  expect((await listed()).at(-1)).toMatchObject({ range: 0, stderrTail: "again 0" });
});

test.each<[string, Limits]>([
  ["has no room in the file", { fileBytesMax: 100 }],
  ["can't wait to be written", { pendingCharsMax: 100 }],
])("what %s is told without its end, and a warning says so once (E1)", async (_, limits) => {
  const { listed, warnings } = await bench(limits);
  const lines = await listed();
  expect(lines).toHaveLength(ranges);
  expect(lines.slice(failureRecordsMax).map(({ stderrTail }) => stderrTail)).toEqual(["", "", ""]);
  expect(warnings).toHaveLength(1);
});
