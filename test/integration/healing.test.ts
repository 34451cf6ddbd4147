// Outputs that are damaged on purpose, on real files and processes: each is looked at again, found lost, and done again, so
// that every event is in one merged file, once. What only shows late is not done again. (A file system that shows files late
// is played by renames: that is all that a merger can see of one.)

import { appendFile, readdir, readFile, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { outputsFolder } from "../../services/shared/core/names.js";
import { seededRng } from "../../services/shared/core/rng.js";
import { errorCode } from "../../services/shared/io/error-code.js";
import { until } from "../../services/shared/io/testing-processes.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);

async function flipBit(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[1] = (bytes[1] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

const damages: readonly ((path: string) => Promise<void>)[] = [
  (path) => rm(path),
  (path) => truncate(path, 3),
  (path) => truncate(path, 0),
  (path) => appendFile(path, "more"),
  flipBit,
  async (path) => {
    await rename(path, `${path}.elsewhere`);
    await symlink(`${path}.elsewhere`, path);
  },
];

async function outputsIn(workdir: string): Promise<string[]> {
  const folder = join(workdir, outputsFolder(job));
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => name.endsWith(".txt"))
    .sort()
    .map((name) => join(folder, name));
}

interface Started {
  readonly farm: ProcessFarm;
  readonly events: readonly string[];
  /** For mergers: where what they leave goes away with the test. */
  readonly scratch: readonly string[];
}

async function startedFarm(before: string): Promise<Started> {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const scratch = ["--scratch", folder];
  const shape = { inputs: 2, eventsPerInput: 60, eventsPerRange: 2, mergeEvery: 10, before };
  const { path, events } = await writeListedJob(join(folder, "job"), shape);
  await farm.start("driver", "driver");
  await farm.start("actor", "actor1", "--slots", "2", ...scratch);
  expect(await noctua("submit", path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  return { farm, events, scratch };
}

async function expectWhole(farm: ProcessFarm, events: readonly string[]): Promise<void> {
  const end = await farm.jobWhen(job, isOver);
  expect(end).toMatchObject({ ranges: { merged: 60, failed: 0 }, failures: 0, groupsFailed: 0 });
  expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...events].sort());
  expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
}

describe("outputs that are damaged before they are merged", () => {
  it("are done again, and one that shows late is waited for", async () => {
    const { farm, events, scratch } = await startedFarm("");
    await farm.jobWhen(job, ({ ranges }) => ranges?.done === 60);
    const [late = "", ...others] = await outputsIn(farm.workdir);
    await rename(late, `${late}.late`);
    for (const [i, damage] of damages.entries()) await damage(others[7 * i] ?? "");
    await farm.start("merger", "merger1", "--look-again", "4s", ...scratch);
    await until(async () => (await farm.log("merger1")).includes("job opened"));
    await rename(`${late}.late`, late);
    await expectWhole(farm, events);
    // All others were found lost, each once, and it was not.
    const losses = [...(await farm.log("merger1")).matchAll(/"message":"outputs lost".*"ranges":(\d+)/g)];
    expect(losses.reduce((sum, [, ranges]) => sum + Number(ranges), 0)).toBe(damages.length);
  });
});

describe("outputs that are damaged while their job runs", () => {
  it("are done again, by one merger or the other", { timeout: 60_000 }, async () => {
    const { farm, events, scratch } = await startedFarm("sleep 0.05");
    for (const name of ["merger1", "merger2"])
      await farm.start("merger", name, "--look-again", "0s", ...scratch);
    const rng = seededRng(7);
    for (let act = 0; act < 12; act += 1) {
      await farm.jobWhen(job, ({ ranges, endedUnixMs }) => endedUnixMs > 0 || (ranges?.done ?? 0) > 2);
      const outputs = await outputsIn(farm.workdir);
      const victim = outputs[Math.floor(rng.next() * outputs.length)];
      const damage = damages[act % damages.length];
      // It may be merged and gone meanwhile.
      if (victim !== undefined) await damage?.(victim).catch(ignoreGone);
    }
    await expectWhole(farm, events);
  });
});

function ignoreGone(error: unknown): void {
  if (errorCode(error) !== "ENOENT") throw error;
}
