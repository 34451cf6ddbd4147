import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { failureOf } from "../../shared/core/failure.js";
import { grantNumber, groupNumber, jobNumber } from "../../shared/core/id.js";
import { noSpans, spansOf } from "../../shared/core/spans.js";
import { silentLogger } from "../../shared/io/logger.js";
import { logWordOf, type LogWord } from "../../shared/io/run-log.js";
import { testFolder } from "../../shared/io/testing-folder.js";
import type { MergeOutcome } from "../core/step.js";
import { MergeLogs, type MergeLogLimits } from "./merge-log.js";

const merge = { job: jobNumber(1), group: groupNumber(3), grant: grantNumber(9) };
const file = { sizeBytes: 1, adler32: 2, events: 3, wallMs: 4, guid: "" };
const merged: MergeOutcome = { kind: "merged", file };
const failure = { ...failureOf("transient", "the merge command ended with exit code 3"), exitCode: 3 };
const failed: MergeOutcome = { kind: "failed", failure, lost: noSpans };
const limits: MergeLogLimits = { commandBytesMax: 100, logBytesMax: 1_000, pendingBytesMax: 10_000 };

interface Place {
  readonly logs: MergeLogs;
  /** The lines of the log of the first slot: Noctua's as words. */
  lines(name?: string): Promise<(string | LogWord)[]>;
  files(): Promise<string[]>;
}

async function aPlace(): Promise<Place> {
  const workdir = await testFolder();
  const clock = { nowMs: () => 0, unixMs: () => 0 };
  const logs = new MergeLogs({ workdir, merger: "m1", node: "n1", clock, log: silentLogger }, limits);
  const folder = join(workdir, "jobs/1/logs/m1");
  const lines = async (name = "merge1.log"): Promise<(string | LogWord)[]> => {
    const text = await readFile(join(folder, name), "utf8");
    return text
      .trimEnd()
      .split("\n")
      .map((line) => logWordOf(line) ?? line);
  };
  return { logs, lines, files: () => readdir(folder).catch(() => []) };
}

const at = "1970-01-01T00:00:00.000Z";
const head = (command?: string): LogWord => {
  const of = { group: 3, grant: 9, ...(command === undefined ? {} : { command }) };
  return { kind: "output", job: 1, node: "n1", at, ranges: [], merge: of };
};
const end = { kind: "merge-end", group: 3, grant: 9, at, seconds: 0 } as const;

it("what each command of a merge writes stands below whose it is, and how the merge ended below that", async () => {
  const { logs, lines } = await aPlace();
  const log = logs.open(merge, 0);
  log.write("merge command", Buffer.from("fused\n@noctua merge-end {}"));
  log.write("count command", Buffer.from("40\n"));
  await log.close(merged);
  expect(await lines()).toEqual([
    head("merge command"),
    "fused",
    "@@noctua merge-end {}",
    head("count command"),
    "40",
    { ...end, outcome: "made" },
  ]);
});

it("a merge that fails is told of, though its commands wrote nothing; one that goes well, or finds outputs lost, is not (H2)", async () => {
  const { logs, lines, files } = await aPlace();
  await logs.open(merge, 0).close(merged);
  await logs.open(merge, 0).close({ kind: "failed", failure, lost: spansOf({ first: 1, count: 1 }) });
  await logs.open(merge, 0).close({ kind: "aborted" });
  expect(await files()).toEqual([]);
  await logs.open(merge, 0).close(failed);
  const { class: failureClass, message } = failure;
  const told = { outcome: "failed", class: failureClass, exitCode: 3, message };
  expect(await lines()).toEqual([head(), { ...end, ...told }]);
});

it("of each command so much is kept, and the rest is counted (H1)", async () => {
  const { logs, lines } = await aPlace();
  const log = logs.open(merge, 0);
  for (let i = 0; i < 30; i += 1) log.write("merge command", Buffer.from("123456789\n"));
  log.write("check command", Buffer.from("well\n"));
  await log.close({ kind: "aborted" });
  expect(await lines()).toEqual([
    head("merge command"),
    ...Array.from({ length: 10 }, () => "123456789"),
    { kind: "left-out", bytes: 200 },
    head("check command"),
    "well",
    { ...end, outcome: "stopped" },
  ]);
});

it("a log that has grown is put aside, and a slot has no more than two (H1)", async () => {
  const { logs, lines, files } = await aPlace();
  for (let i = 0; i < 50; i += 1) {
    const log = logs.open(merge, 0);
    log.write("merge command", Buffer.from("words\n"));
    await log.close(merged);
  }
  expect((await files()).sort()).toEqual(["merge1.log", "merge1.log.1"]);
  expect((await lines())[0]).toMatchObject({ kind: "rotated" });
});

it("two merges that follow each other in a slot are told one after the other", async () => {
  const { logs, lines } = await aPlace();
  const first = logs.open(merge, 0);
  first.write("merge command", Buffer.from("one"));
  const closing = first.close(merged);
  const second = logs.open(merge, 0);
  second.write("merge command", Buffer.from("two"));
  await Promise.all([closing, second.close(merged)]);
  const told = [head("merge command"), "one", { ...end, outcome: "made" }, head("merge command"), "two"];
  expect(await lines()).toEqual([...told, { ...end, outcome: "made" }]);
});
