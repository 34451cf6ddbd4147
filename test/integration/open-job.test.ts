// A feedback loop: a client looks at what an open job has done, and adds more to it, while actors work and the driver is
// killed now and then. Every event is done once (P1, P2, P11).

import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);
const eventsAdded = 30;
const rounds = 5;

/** Asks until there is an answer, as a client would that does not know whether its request was heard. */
async function addUntilTold(workdir: string, file: string): Promise<string> {
  for (;;) {
    const asked = ["add", "1", file, "--events", String(eventsAdded), "--request-id", file];
    const { code, stdout, stderr } = await noctua(...asked, "--workdir", workdir);
    if (code === 0) return stdout;
    expect({ code, stderr }).toMatchObject({ code: 69 }); // No driver answers.
  }
}

it("an open job is fed by a client while its driver is killed again and again, and ends when it is closed", async () => {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const shape = { inputs: 1, eventsPerInput: 30, eventsPerRange: 2, mergeEvery: 10 };
  const listed = await writeListedJob(join(folder, "job"), { ...shape, open: true, before: "sleep 0.02" });
  await farm.start("driver", "driver");
  await farm.start("actor", "actor1", "--slots", "2");
  await farm.start("merger", "merger1");
  expect(await noctua("submit", listed.path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });

  const events = [...listed.events];
  for (let round = 1; round <= rounds; round += 1) {
    const status = await farm.jobWhen(job, ({ eventsDone }) => eventsDone >= eventsAdded * round - 20);
    expect(isOver(status)).toBe(false);
    const name = `more${round}.txt`;
    const file = join(dirname(listed.path), name);
    await writeFile(file, "more events\n");
    const adding = addUntilTold(farm.workdir, file);
    if (round % 2 === 0) {
      await farm.kill("driver", "SIGKILL"); // The request may be on its way, durable, or neither.
      await farm.start("driver", "driver");
    }
    const first = 15 * round;
    expect(await adding).toBe(`job 1: ranges ${first}-${first + 14}\n`);
    expect(await addUntilTold(farm.workdir, file)).toBe(`job 1: ranges ${first}-${first + 14}\n`);
    for (let event = 1; event <= eventsAdded; event += 1) events.push(`${name} ${event}`);
  }
  const open = await farm.jobWhen(job, ({ eventsDone }) => eventsDone === events.length);
  expect(isOver(open)).toBe(false);
  expect(await noctua("close", "1", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  const end = await farm.jobWhen(job, isOver);

  expect(end.ranges).toMatchObject({ merged: 90, failed: 0 });
  expect((await mergedLines(farm.workdir, job)).sort()).toEqual(events.sort());
  expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  const late = await noctua("add", "1", listed.path, "--events", "1", "--workdir", farm.workdir);
  expect(late.stderr).toContain("cannot add ranges to job 1: it is over: finished");
});
