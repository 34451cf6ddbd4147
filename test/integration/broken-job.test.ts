// A bug of the driver's in one of two jobs, met by a real farm: a driver in this process, into which the bug is planted, and an
// actor, a merger and the command line as processes.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { TurnParts } from "../../services/driver/core/turn.js";
import { realParts } from "../../services/driver/core/turn.js";
import { jobNumber } from "../../services/shared/core/id.js";
import { startDriver } from "../support/driver-in-process.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { mergedLines, writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";
import { noctua } from "../support/run-node.js";

const [broken, sound] = [jobNumber(1), jobNumber(2)];

/** In job 1 no group of outputs can be planned after the first. */
const planted: TurnParts = {
  ...realParts,
  apply: (farm, fact) => {
    if (fact.kind === "merge-planned" && fact.job === broken && fact.group > 1)
      throw new TypeError("group.members is not iterable");
    realParts.apply(farm, fact);
  },
};

it("goes out of service, is shown as such everywhere, keeps its files and its journal, and the other job finishes", async () => {
  const folder = await privateFolder();
  const workdir = join(folder, "work");
  const farm = new ProcessFarm(workdir);
  const lines: string[] = [];
  const driver = await startDriver(workdir, {}, { parts: planted, onLine: (line) => lines.push(line) });
  const shape = { inputs: 1, eventsPerInput: 20, eventsPerRange: 1, mergeEvery: 5, before: "sleep 0.02" };
  for (const name of ["one", "two"]) {
    const { path } = await writeListedJob(join(folder, name), shape);
    expect(await noctua("submit", path, "--workdir", workdir)).toMatchObject({ code: 0 });
  }
  await farm.start("actor", "actor1", "--slots", "2");
  await farm.start("merger", "merger1");
  expect(await farm.jobWhen(broken, isOver)).toMatchObject({
    reason: expect.stringContaining("not iterable"),
  });
  expect(await farm.jobWhen(sound, isOver)).toMatchObject({ ranges: { merged: 20 } });
  expect(lines[0]).toMatch(/^job broken .*"doing":"merge-planned was applied".*"trace":"TypeError: /);

  const ask = (...words: readonly string[]): ReturnType<typeof noctua> =>
    noctua(...words, "--workdir", workdir);
  const [list, why, waited, retried, verified] = await Promise.all([
    ask("list"),
    ask("explain", "1"),
    ask("wait", "1"),
    ask("retry", "1"),
    ask("verify", "2"),
  ]);
  expect(list.stdout).toMatch(/ broken .*not iterable/);
  expect(why.stdout).toMatch(/Job 1 .* is out of service: .*not iterable/s);
  expect(waited.code).toBe(1);
  expect(retried.stderr).toMatch(/cannot retry job 1: it is out of service/);
  expect(verified.code).toBe(0);
  const report = await reportOf(workdir);
  expect(report).toMatchObject({ state: "broken" });
  const told = await ask("report", "1");
  expect(told).toMatchObject({ code: 1, stderr: "" });
  expect(told.stdout).toMatch(/out of service/);
  expect((await readdir(join(workdir, "driver/broken/job-1"))).join()).toMatch(/\.log/);
  expect(await mergedLines(workdir, sound)).toHaveLength(20);

  await driver.stop();
  await startDriver(workdir); // A version without the bug: the journal says how it was.
  expect((await ask("status", "1")).stdout).toContain("broken");
  expect((await readdir(join(workdir, "jobs/1/outputs"))).length).toBeGreaterThan(0);
});

async function reportOf(workdir: string): Promise<unknown> {
  return JSON.parse(await readFile(join(workdir, "jobs/1/report.json"), "utf8"));
}
