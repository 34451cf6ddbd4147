// A payload that takes more of its node's scratch than its job allows is ended while it runs.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);
const shape = { inputs: 1, eventsPerInput: 4, eventsPerRange: 1, attempts: 1 };

it("a range that takes too much of the scratch fails though it never ends, and the others are done", async () => {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const command = '["{jobDir}/payload.sh", "{input}", "{first}", "{last}", "{output}"]';
  const listed = await writeListedJob(join(folder, "job"), {
    ...shape,
    before: 'if [ "$first" = 2 ]; then head -c 3000000 /dev/zero | tr "\\0" x > more; sleep 1000; fi',
    payload: `{ kind: exec, command: ${command}, scratchMax: 1MB }`,
  });
  await farm.start("driver", "driver");
  await farm.start("merger", "merger1");
  await farm.start("actor", "actor1", "--slots", "2");
  expect(await noctua("submit", listed.path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });

  expect(await farm.jobWhen(job, isOver)).toMatchObject({ ranges: { merged: 3, failed: 1 } });
  const expected = listed.events.filter((line) => !line.endsWith(" 2"));
  expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...expected].sort());
  const report = await readFile(join(farm.workdir, "jobs/1/report.json"), "utf8");
  expect(report).toMatch(/expected at most 1MB of the node's scratch for a range \(scratchMax\), found 3MB/);
});
