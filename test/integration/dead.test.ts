// A process that is surely dead is not waited for: what it held is done by others long before its lease would end (L21).

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { sleep } from "../../services/shared/io/system-clock.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);
const never = new AbortController().signal;
/** Says that it runs, and waits to be let go. */
const before = 'echo "$first" >> "${0%/*}/runs"; while [ ! -e "${0%/*}/go" ]; do sleep 0.01; done';

it("what a killed actor held is lent to others at once", async () => {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const shape = { inputs: 1, eventsPerInput: 20, eventsPerRange: 1, mergeEvery: 10, before };
  const listed = await writeListedJob(join(folder, "job"), shape);
  const runs = async (): Promise<number> =>
    (await readFile(join(folder, "job", "runs"), "utf8").catch(() => "")).split("\n").length - 1;
  // Longer than this test may take.
  await farm.start("driver", "driver", "--lease", "1h");
  await farm.start("actor", "actor1", "--slots", "2");
  expect(await noctua("submit", listed.path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  while ((await runs()) < 2) await sleep(20, never);
  await farm.start("actor", "actor2", "--slots", "2");
  await farm.start("merger", "merger1");

  await farm.kill("actor1", "SIGKILL");
  await writeFile(join(folder, "job", "go"), "");

  expect(await farm.jobWhen(job, isOver)).toMatchObject({ ranges: { merged: 20 } });
  expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...listed.events].sort());
  expect(await farm.log("driver")).toMatch(/actor actor1 is gone: its process \d+ on node \S+ is no more/);
});
