// What a user asks of a job that runs: cancel, pause, resume, retry, through the command line and a real farm.

import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob, type ListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);
const shape = { inputs: 1, eventsPerInput: 40, eventsPerRange: 1, mergeEvery: 5 };
/** Payloads of event 11 and later wait until the test lets them go. */
const gate = 'if [ "$first" -gt 10 ]; then until [ -e "${input%/*}/go" ]; do sleep 0.05; done; fi';

async function started(
  before: string,
  eventsPerInput = shape.eventsPerInput,
): Promise<{ readonly farm: ProcessFarm; readonly listed: ListedJob }> {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const listed = await writeListedJob(join(folder, "job"), { ...shape, eventsPerInput, before, attempts: 1 });
  await farm.start("driver", "driver");
  await farm.start("actor", "actor1", "--slots", "2");
  await farm.start("merger", "merger1");
  expect(await noctua("submit", listed.path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  return { farm, listed };
}

describe("a job that runs", () => {
  it("can be cancelled: what is merged stays, and the rest is in the report", async () => {
    const { farm } = await started(gate);
    await farm.jobWhen(job, ({ filesMerged }) => filesMerged === 2);
    expect(await noctua("cancel", "1", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
    expect(await farm.jobWhen(job, isOver)).toMatchObject({ ranges: { merged: 10, failed: 30 } });
    expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
    expect((await noctua("status", "1", "--workdir", farm.workdir)).stdout).toContain("cancelled");
  });

  it("can be paused and resumed", async () => {
    // So slow at first that the actor does not ask for all of them at once.
    const { farm, listed } = await started(`[ -e "\${input%/*}/go" ] || sleep 0.2\n${gate}`, 200);
    await farm.jobWhen(job, ({ filesMerged }) => filesMerged === 2);
    const paused = await noctua("pause", "1", "--workdir", farm.workdir);
    expect(paused).toMatchObject({ code: 0, stdout: "job 1 is suspended\n" });
    await writeFile(join(dirname(listed.path), "go"), "");
    expect(await farm.jobWhen(job, ({ ranges }) => ranges?.held === 0)).toMatchObject({ endedUnixMs: 0 });
    expect(await noctua("resume", "1", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
    expect(await farm.jobWhen(job, isOver)).toMatchObject({ ranges: { merged: 200 } });
    expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...listed.events].sort());
  });
});

describe("a job that is over", () => {
  it("can be retried: what failed is done when its reason is gone", async () => {
    const { farm, listed } = await started(
      'if [ "$first" = 7 ] && [ ! -e "${input%/*}/go" ]; then exit 3; fi',
    );
    expect(await farm.jobWhen(job, isOver)).toMatchObject({ ranges: { merged: 39, failed: 1 } });
    const early = await noctua("resume", "1", "--workdir", farm.workdir);
    expect(early.code).not.toBe(0);
    expect(early.stderr).toContain("cannot resume job 1: it is over");
    await writeFile(join(dirname(listed.path), "go"), "");
    expect(await noctua("retry", "1", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
    expect(await farm.jobWhen(job, (status) => isOver(status) && status.ranges?.failed === 0)).toMatchObject({
      ranges: { merged: 40 },
    });
    expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...listed.events].sort());
    expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  });
});
