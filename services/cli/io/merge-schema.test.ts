import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { byArrival, nothingToMerge, type MergeSpec } from "../../shared/core/job-spec.js";
import { readJobFile } from "./job-file.js";
import { quietReader } from "./testing-reader.js";

async function mergeOf(merge: string, events = 9): Promise<MergeSpec> {
  const folder = await mkdtemp(join(tmpdir(), "noctua-merge-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "1.lhe"), "12345");
  const payload = 'payload: { kind: exec, command: [simulate, "{output}"] }';
  const inputs = `inputs: [{ path: 1.lhe, events: ${events} }]`;
  await writeFile(join(folder, "job.yaml"), `name: scan\n${inputs}\n${payload}\n${merge}\n`);
  return (await readJobFile(join(folder, "job.yaml"), quietReader)).merge;
}

test("groups are made by arrival unless the job says otherwise, with a longest wait where it says one", async () => {
  expect(await mergeOf("")).toMatchObject({ grouping: byArrival, everyOutputs: 100 });
  expect(await mergeOf("merge: { every: 5, maxDelay: 30s }")).toMatchObject({
    grouping: { kind: "arrival", maxDelayMs: 30_000 },
    everyOutputs: 5,
  });
});

test("groups by range stay within an input unless the job says otherwise", async () => {
  const within = await mergeOf("merge: { grouping: range, every: 5 }");
  expect(within.grouping).toEqual({ kind: "range", acrossFiles: false });
  const across = await mergeOf("merge: { grouping: range, acrossFiles: true, every: all }");
  expect(across).toMatchObject({ grouping: { kind: "range", acrossFiles: true }, everyOutputs: 1_000_000 });
});

test("merge: none leaves outputs as they are", async () => {
  expect(await mergeOf("merge: none")).toEqual(nothingToMerge);
});

test.each([
  ["merge: no", "merge: expected none, or a merge rule such as"],
  [
    "merge: { every: 0 }",
    "merge.every: expected a whole number from 1 to 1000000, or all, found the number 0",
  ],
  ["merge: { every: some }", 'merge.every: expected a whole number from 1 to 1000000, or all, found "some"'],
  ["merge: { evry: 3 }", 'found "evry" (did you mean "every"?)'],
  ["merge: { grouping: ranges }", 'merge.grouping: expected one of arrival, range, found "ranges"'],
  ["merge: { acrossFiles: true }", "merge.acrossFiles: expected grouping: range beside it"],
  ["merge: { grouping: range, maxDelay: 1s }", "merge.maxDelay: expected none beside grouping: range"],
  ["merge: { maxDelay: 1 }", "merge.maxDelay: expected a duration"],
  ["merge: { kind: command }", "merge.command: expected the command that kind: command runs"],
])("%s is a mistake that names its field", async (merge, mistake) => {
  await expect(mergeOf(merge)).rejects.toThrow(mistake);
});

test("all mistakes of a merge rule are told at once", async () => {
  const wrong = mergeOf("merge: { every: 0, attempts: 0, maxDelay: 0s }");
  for (const field of ["merge.every", "merge.attempts", "merge.maxDelay"])
    await expect(wrong).rejects.toThrow(field);
});

test("all is no more than one merged file can be made of", async () => {
  await expect(mergeOf("merge: { every: all }", 1_000_001)).rejects.toThrow(
    "merge.every: expected a number: all is at most 1000000 event ranges in one merged file, found all, and 1000001 of them",
  );
});
