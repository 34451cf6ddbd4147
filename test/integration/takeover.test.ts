// A driver that is paused, replaced, and goes on does no harm: it speaks no more, and ends.

import { join } from "node:path";
import { expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);
const shape = { inputs: 1, eventsPerInput: 120, eventsPerRange: 1, mergeEvery: 10, before: "sleep 0.02" };

it("a driver that wakes up after it was replaced ends, and every event is merged once", async () => {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const { path, events } = await writeListedJob(join(folder, "job"), shape);
  await farm.start("driver", "first");
  await farm.start("actor", "actor1", "--slots", "2");
  await farm.start("merger", "merger1");
  expect(await noctua("submit", path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  await farm.jobWhen(job, ({ filesMerged }) => filesMerged >= 1);

  farm.freeze("first", "SIGSTOP");
  await farm.start("driver", "second", "--take-over");
  // The actor waits for an acknowledgement, and looks for another driver (successor-watch.ts). The merger waits for nothing
  // but work, and would find out by its keepalive: started anew, it is there at once.
  await farm.kill("merger1", "SIGKILL");
  await farm.start("merger", "merger1");
  await farm.jobWhen(job, ({ filesMerged }) => filesMerged >= 3);
  farm.freeze("first", "SIGCONT");

  expect(await farm.ended("first")).toBe(69);
  expect(await farm.jobWhen(job, isOver)).toMatchObject({ ranges: { merged: 120 } });
  expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...events].sort());
  expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
});
