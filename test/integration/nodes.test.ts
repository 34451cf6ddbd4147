// Nodes that differ: in what they are labelled with, and in how long they are lent.

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob, type ListedJob, type ListedJobOptions } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);

interface Submitted {
  readonly farm: ProcessFarm;
  readonly listed: ListedJob;
}

/** A driver and a merger, and the job submitted. */
async function submitted(options: ListedJobOptions): Promise<Submitted> {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const listed = await writeListedJob(join(folder, "job"), options);
  await farm.start("driver", "driver");
  await farm.start("merger", "merger1");
  const answer = await noctua("submit", listed.path, "--workdir", farm.workdir);
  expect(answer, answer.stderr).toMatchObject({ code: 0 });
  return { farm, listed };
}

/** A payload that calls its events by a word of its own, and leaves a mark that it was run. */
function variantOf(cpu: string, mark: string): string {
  const script = `touch ${mark}; echo "${cpu} $1" > "$2"`;
  const command = JSON.stringify(["sh", "-c", script, "sh", "{first}", "{output}"]);
  return `  - { requires: { cpu: ${cpu} }, payload: { kind: exec, command: ${command} } }\n`;
}

describe("nodes with labels", () => {
  it("run the job that requires them, each with the variant for its own", async () => {
    const mark = join(await privateFolder(), "arm");
    const { farm } = await submitted({
      ...{ inputs: 1, eventsPerInput: 40, eventsPerRange: 1, mergeEvery: 10 },
      // The other node leaves something for the variant, however slowly that node joins.
      before: `while ! test -e ${mark}; do sleep 0.05; done`,
      more: `requires: { pool: day }\nspeculation: { enabled: false }\nvariants:\n${variantOf("arm", mark)}${variantOf("night", mark)}`,
    });
    await farm.start("actor", "night", "--slots", "4", "--label", "cpu=night");
    await farm.start("actor", "plain", "--slots", "2", "--label", "pool=day");
    await farm.start("actor", "arm", "--slots", "2", "--label", "pool=day", "--label", "cpu=arm");
    expect(await farm.jobWhen(1, isOver)).toMatchObject({ ranges: { merged: 40 }, failures: 0 });
    const lines = await mergedLines(farm.workdir, job);
    const words = lines.map((line) => line.split(" ")[0]);
    expect(new Set(words)).toEqual(new Set(["input1.txt", "arm"]));
    const events = lines.map((line) => Number(line.split(" ")[1])).sort((one, other) => one - other);
    expect(events).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });
});

describe("a node that is lent for a short time", () => {
  it("does what fits, is asked to leave when nothing more does, and loses nothing", async () => {
    const { farm, listed } = await submitted({
      ...{ inputs: 1, eventsPerInput: 60, eventsPerRange: 1, mergeEvery: 20 },
      before: "sleep 0.25",
    });
    await farm.start("actor", "short", "--slots", "2", "--time-left", "8s");
    expect(await farm.ended("short")).toBe(0);
    expect(await farm.log("short")).toMatch(/draining.*its wall time ends in [345]s/);
    const { ranges } = await farm.jobWhen(1, (status) => status.ranges?.held === 0);
    expect(ranges?.ready).toBeGreaterThan(0);
    expect(ranges?.ready).toBeLessThan(60);
    await farm.start("actor", "long", "--slots", "8", "--time-left", "10m");
    expect(await farm.jobWhen(1, isOver)).toMatchObject({ ranges: { merged: 60 }, failures: 0 });
    expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...listed.events].sort());
    expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  });
});
