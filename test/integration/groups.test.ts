// Groups by range, and jobs that keep their outputs, on real processes.

import { appendFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);
const shape = { inputs: 2, eventsPerInput: 50, eventsPerRange: 1 };
/** Ranges end in another order in each run. */
const before = "sleep 0.0$(($$ % 10))";

/** Submits the job to a driver with an actor and a merger, kills the driver half-way, and waits for the end. */
async function runKilled(workdir: string, path: string): Promise<void> {
  const farm = new ProcessFarm(workdir);
  await farm.start("driver", "driver");
  await farm.start("actor", "actor1", "--slots", "4");
  await farm.start("merger", "merger1");
  expect(await noctua("submit", path, "--workdir", workdir)).toMatchObject({ code: 0 });
  await farm.jobWhen(job, ({ eventsDone }) => eventsDone >= 30);
  await farm.kill("driver", "SIGKILL");
  await farm.start("driver", "driver");
  const { ranges } = await farm.jobWhen(job, isOver);
  expect(ranges).toMatchObject({ ready: 0, held: 0, failed: 0 });
  await farm.stop();
}

/** The texts of all files below a folder, by name. */
async function textsIn(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map(({ parentPath, name }) => readFile(join(parentPath, name), "utf8")),
  );
  return new Map(files.map(({ name }, i) => [name, texts[i] ?? ""] as const).sort());
}

describe("a job that groups by range", () => {
  it("has the same merged files in every run, whatever ends when and whoever is killed", async () => {
    const folder = await privateFolder();
    const merge = "grouping: range";
    const { path, events } = await writeListedJob(`${folder}/job`, {
      ...shape,
      before,
      merge,
      mergeEvery: 20,
    });
    const workdirs = ["one", "other"].map((name) => `${folder}/${name}`);
    for (const workdir of workdirs) await runKilled(workdir, path);
    const [one, other] = await Promise.all(workdirs.map((workdir) => textsIn(`${workdir}/jobs/1/merged`)));
    expect(one).toEqual(other);
    const groups = [1, 2, 3, 4, 5, 6].map((group) => `listed.000${group}.txt`);
    expect([...(one ?? new Map<string, string>()).keys()]).toEqual(groups);
    expect([...(one ?? new Map<string, string>()).values()].join("")).toBe(`${events.join("\n")}\n`);
    for (const workdir of workdirs)
      expect(await noctua("verify", "--workdir", workdir)).toMatchObject({ code: 0 });
  });
});

describe("a job that keeps its outputs", () => {
  it("has one of each range at the end, and nothing else", async () => {
    const folder = await privateFolder();
    const workdir = `${folder}/work`;
    const { path, events } = await writeListedJob(`${folder}/job`, { ...shape, before, merge: "none" });
    await runKilled(workdir, path);
    const texts = await textsIn(`${workdir}/jobs/1/outputs`);
    expect([...texts.values()].flatMap((text) => text.trimEnd().split("\n")).sort()).toEqual(
      [...events].sort(),
    );
    expect(await noctua("verify", "--workdir", workdir)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(
        "holds the 100 outputs that are done, with the size and adler32",
      ) as unknown,
    });
    const outputs = `${workdir}/jobs/1/outputs/00000`;
    const [changed = "", longer = "", gone = ""] = (await readdir(outputs)).sort();
    await writeFile(
      join(outputs, changed),
      (await readFile(join(outputs, changed), "utf8")).replace("1", "2"),
    );
    await appendFile(join(outputs, longer), "more");
    await rm(join(outputs, gone));
    const { code, stdout } = await noctua("verify", "--workdir", workdir);
    expect(code).toBe(1);
    expect(stdout).toMatch(`${changed}: expected adler32`);
    expect(stdout).toMatch(`${longer}: expected`);
    expect(stdout).toMatch(`${gone}: is not there`);
  });
});
