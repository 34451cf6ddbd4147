// A range that takes far longer than the others: those that were handed over behind it are done by the other slot.

import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);
const helper = resolve("payloads/node/noctua-payload.mjs");
const events = 200;

/** Event 1 takes as long as it takes to do all others. */
const program = `
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Payload } from ${JSON.stringify(helper)};
const payload = await Payload.open();
const done = join(payload.job.folder, "done");
await payload.run(async ({ first, output }) => {
  while (first === 1 && (await readdir(done)).length < ${events - 1}) await setTimeout(20);
  await setTimeout(2);
  await writeFile(output, "input1.txt " + first + "\\n");
  await writeFile(join(done, String(first)), "");
});
`;

it("what was handed over behind a range that takes far longer does not wait for it", async () => {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const payload = `{ kind: stream, command: ["${process.execPath}", "{jobDir}/payload.mjs"], slots: 1, timeout: 60s }`;
  const shape = { inputs: 1, eventsPerInput: events, eventsPerRange: 1 };
  const listed = await writeListedJob(join(folder, "job"), { ...shape, payload });
  await writeFile(join(folder, "job/payload.mjs"), program);
  await farm.start("driver", "driver");
  await farm.start("merger", "merger1");
  await farm.start("actor", "actor1", "--slots", "2");
  await mkdir(join(folder, "job/done"));
  expect(await noctua("submit", listed.path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });

  expect(await farm.jobWhen(job, isOver)).toMatchObject({ ranges: { merged: events, failed: 0 } });
  expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...listed.events].sort());
  expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
});
