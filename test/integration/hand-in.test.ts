// An actor that must stop while there is no driver leaves its results in the workdir, and nothing of it is done again (P6).

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { handInFolder } from "../../services/shared/core/names.js";
import { sleep } from "../../services/shared/io/system-clock.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);
const events = 30;
const never = new AbortController().signal;
/** Says that it runs, and waits to be let go. */
const before = 'echo "$first" >> "${0%/*}/runs"; while [ ! -e "${0%/*}/go" ]; do sleep 0.01; done';

async function linesIn(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "");
}

it("an actor that is stopped while there is no driver hands its results to the next one", async () => {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const shape = { inputs: 1, eventsPerInput: events, eventsPerRange: 1, mergeEvery: 10, before };
  const listed = await writeListedJob(join(folder, "job"), shape);
  const runs = join(folder, "job", "runs");
  const handIns = (): Promise<string[]> => readdir(join(farm.workdir, handInFolder(job)));
  await farm.start("driver", "first");
  await farm.start("actor", "actor1", "--slots", "2");
  expect(await noctua("submit", listed.path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  while ((await linesIn(runs)).length < 2) await sleep(20, never);

  await farm.kill("first", "SIGKILL");
  await writeFile(join(folder, "job", "go"), "");
  while ((await linesIn(runs)).length < 4) await sleep(20, never); // It goes on with what it holds.
  expect(await farm.kill("actor1", "SIGTERM")).toBe(75); // In bounded time: else this test takes too long.
  expect(await handIns()).toEqual([expect.stringMatching(/^actor1\..*\.1\.handin$/)]);
  const done = await linesIn(runs);

  await farm.start("driver", "second");
  expect(await handIns()).toEqual([]);
  const { ranges } = await farm.jobWhen(job, () => true);
  expect(ranges).toMatchObject({ done: done.length, held: 0, ready: events - done.length });
  await farm.start("actor", "actor2", "--slots", "2");
  await farm.start("merger", "merger1");
  await farm.jobWhen(job, isOver);

  expect((await linesIn(runs)).map(Number).sort((a, b) => a - b)).toEqual(
    Array.from({ length: events }, (_, i) => i + 1),
  );
  expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...listed.events].sort());
  expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
});
