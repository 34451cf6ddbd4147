import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
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
import { FailureFinder } from "./failure-finder.js";
import { listFailures } from "./job-lists.js";
import { ReportLists, type ReadFarm } from "./report-lists.js";

const job = jobNumber(1);
const beyond = 3;
const ranges = failureRecordsMax + beyond;
const told = z.looseObject({ range: z.number(), stderrTail: z.string() });

interface Limits {
  /** Of stderr. */
  readonly word?: string;
  readonly fileBytesMax?: number;
  readonly pendingCharsMax?: number;
}

/** A driver of a job in which more fails than the farm keeps all of, and what is kept beside it. */
async function bench({ word = "first", ...limits }: Limits = {}) {
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
  fail(actor.ask(ranges), 1, ranges, word);
  const read: ReadFarm = (question) => Promise.resolve(question(driver.farm));
  const listed = async (): Promise<readonly z.output<typeof told>[]> => {
    const lists = new ReportLists(read, job, ends);
    let text = "";
    for await (const piece of lists.write("failures")) text += piece;
    const lines = text.trimEnd().split("\n");
    expect(lists.lines.failures).toBe(lines.length);
    return lines.map((line) => told.parse(JSON.parse(line)));
  };
  /** What clients of the API are told of how ranges ended, a page of 400 at a time. */
  const paged = async (finder = new FailureFinder({ workdir, log })): Promise<readonly string[]> => {
    await ends.written();
    const found: string[] = [];
    let pageToken = "";
    do {
      const asked = { job: 1, pageSize: 400, pageToken, failureClass: 0, node: "" } as const;
      const page = await listFailures({ read }, asked, (...these) => finder.find(...these));
      found.push(...page.failures.map(({ failure }) => failure?.stderrTail ?? ""));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return found;
  };
  const path = join(workdir, "jobs/1/failures.ends");
  return {
    driver,
    actor,
    fail,
    listed,
    paged,
    warnings,
    path,
    finder: { workdir, log },
    written: () => ends.written(),
  };
}

function tails(word: string, first: number, last: number): readonly string[] {
  return Array.from({ length: last - first + 1 }, (_, i) => (word === "" ? "" : `${word} ${first + i}`));
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

test("clients of the API are told it too, of each range how it ended last, also by the next driver", async () => {
  const { driver, actor, fail, paged, warnings, finder } = await bench();
  const same = new FailureFinder(finder);
  expect(await paged(same)).toEqual(tails("first", 0, ranges - 1));
  driver.workFiles();
  driver.control("retry");
  expect(await paged(same)).toEqual([]);
  fail(actor.ask(2 * ranges), 2, 400, "again");
  fail(actor, 2, ranges, "again");
  const again = tails("again", 0, ranges - 1);
  expect(await paged(same)).toEqual(again);
  expect(await paged()).toEqual(again); // It reads the whole file anew.
  expect(await paged(new FailureFinder({ ...finder, pieceBytes: 512 }))).toEqual(again);
  expect(warnings).toEqual([]);
});

test("of a file that is damaged, or has too many lines, clients are told the rest", async () => {
  const { paged, path, finder, written } = await bench();
  await written();
  const known = tails("first", 0, failureRecordsMax - 1);
  const kept = await readFile(path, "utf8");
  await writeFile(path, `${kept}\n1000 1 {"range": \n1001 1 {"message":7}\nx`);
  expect(await paged()).toEqual([...known, "", "", `first ${ranges - 1}`]);
  await writeFile(path, kept);
  expect(await paged(new FailureFinder({ ...finder, linesMax: failureRecordsMax + 1 }))).toEqual([
    ...known,
    "first 1000",
    "",
    "",
  ]);
  await rm(path);
  expect(await paged()).toEqual([...known, "", "", ""]);
});

test("so many searches wait, and who comes then finds nothing", async () => {
  const { path, finder, written } = await bench();
  await written();
  const many = new FailureFinder(finder);
  const searches = Array.from({ length: 65 }, () => many.find(job, [ranges - 1]));
  expect((await Promise.all(searches)).map(({ size }) => size)).toEqual([...Array<number>(64).fill(1), 0]);
  await rm(path);
  expect(await many.find(job, [ranges - 1])).toEqual(new Map());
});

test.each<[string, Limits]>([
  ["has no room in the file", { fileBytesMax: 100 }],
  [
    "has no room in the file, since its letters have several bytes,",
    { fileBytesMax: 5_000, word: "\u6f22".repeat(1_000) },
  ],
  ["can't wait to be written", { pendingCharsMax: 100 }],
])("what %s is told without its end, and a warning says so once (E1)", async (_, limits) => {
  const { listed, warnings } = await bench(limits);
  const lines = await listed();
  expect(lines).toHaveLength(ranges);
  expect(lines.slice(failureRecordsMax).map(({ stderrTail }) => stderrTail)).toEqual(["", "", ""]);
  expect(warnings).toHaveLength(1);
});
