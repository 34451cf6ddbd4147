// `kill -9` of each service at several moments of a real job: nothing is lost, and nothing is there twice (P1, P2).

import { describe, expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { isOver, ProcessFarm, type ServiceName } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);
const shape = { inputs: 2, eventsPerInput: 120, eventsPerRange: 2, mergeEvery: 25 };
const ranges = 120;

const services: Readonly<
  Record<string, { readonly service: ServiceName; readonly args: readonly string[] }>
> = {
  driver: { service: "driver", args: [] },
  actor1: { service: "actor", args: ["--slots", "2"] },
  actor2: { service: "actor", args: ["--slots", "1"] },
  merger1: { service: "merger", args: ["--slots", "1"] },
};

async function startAll(farm: ProcessFarm): Promise<void> {
  for (const name of Object.keys(services)) await startOne(farm, name);
}

async function startOne(farm: ProcessFarm, name: string): Promise<void> {
  const known = services[name];
  if (known === undefined) throw new Error(`expected a service, found ${name}`);
  await farm.start(known.service, name, ...known.args);
}

/** How far the job is when the blow falls: so many ranges have an output, or so many merged files are published. */
const moments = [{ done: 1 }, { done: 30 }, { merged: 1 }, { done: 80 }, { merged: 3 }] as const;

describe.each(["driver", "actor1", "merger1"])("a job whose %s is killed again and again", (victim) => {
  it("ends with every event in one merged file, once", async () => {
    const folder = await privateFolder();
    const farm = new ProcessFarm(`${folder}/work`);
    const { path, events } = await writeListedJob(`${folder}/job`, { ...shape, before: "sleep 0.02" });
    await startAll(farm);
    expect(await noctua("submit", path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });

    for (const moment of moments) {
      await farm.jobWhen(job, ({ ranges: counts, filesMerged }) => {
        const done = (counts?.done ?? 0) + (counts?.merged ?? 0);
        return "done" in moment ? done >= moment.done : filesMerged >= moment.merged;
      });
      await farm.kill(victim, "SIGKILL");
      await startOne(farm, victim);
    }
    const end = await farm.jobWhen(job, isOver);

    expect(end.ranges).toMatchObject({ merged: ranges, failed: 0 });
    expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...events].sort());
    expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  });
});
