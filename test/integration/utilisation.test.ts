// What became of the slots' time, as the report of a job says, against what its payloads did.

import { join } from "node:path";
import { expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { systemClock } from "../../services/shared/io/system-clock.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";
import { readWholeReport } from "./read-report.js";

const slots = 2;
const napSeconds = 0.3;

it("slots are busy for as long as their payloads took, lost where those failed, and it all adds up", async () => {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const before = `sleep ${napSeconds}; if [ "$first" = 1 ]; then exit 3; fi`;
  const shape = { inputs: 1, eventsPerInput: 12, eventsPerRange: 1, mergeEvery: 100, before, attempts: 1 };
  const { path } = await writeListedJob(join(folder, "job"), shape);
  await farm.start("driver", "driver");
  expect(await noctua("submit", path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  const beganAtMs = systemClock.nowMs();
  await farm.start("actor", "actor1", "--slots", String(slots), "--scratch", folder);
  await farm.start("merger", "merger1", "--scratch", folder);
  await farm.jobWhen(jobNumber(1), isOver);
  const tookSeconds = (systemClock.nowMs() - beganAtMs) / 1_000;
  const { utilisation } = await readWholeReport(farm.workdir, 1);
  const { held, busy, lost, starting, waiting, otherJobs } = utilisation;
  expect(busy).toBeGreaterThanOrEqual(11 * napSeconds);
  expect(lost).toBeGreaterThanOrEqual(napSeconds);
  expect(otherJobs).toBe(0);
  expect(busy + lost + starting + waiting).toBeCloseTo(held, 6);
  expect(held).toBeLessThanOrEqual(slots * tookSeconds);
});
