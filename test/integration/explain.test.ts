// What a person is told who asks why nothing happens, through the command line and a real farm.

import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);
const shape = { inputs: 1, eventsPerInput: 12, eventsPerRange: 1, mergeEvery: 4 };
/** Payloads of event 5 and later wait until the test lets them go. */
const before = 'if [ "$first" -gt 4 ]; then until [ -e "${input%/*}/go" ]; do sleep 0.05; done; fi';

it("a job is explained while it waits for actors, is at work, has lost them, waits for a merger and is over", async () => {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const listed = await writeListedJob(join(folder, "job"), { ...shape, before });
  const explain = async (...what: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await noctua("explain", ...what, "--workdir", farm.workdir);
    return stdout === "" ? stderr : stdout;
  };

  await farm.start("driver", "driver");
  await noctua("submit", listed.path, "--workdir", farm.workdir);
  const waiting = await explain("1");
  expect(waiting).toMatch(
    /^Job 1 \(\S+\) waits for an actor: all its 12 ranges are ready, and no actor has joined\.$/m,
  );
  expect(waiting).toContain(`=> Start an actor: noctua actor --workdir ${farm.workdir} `);
  expect(await explain("--node", "n7")).toContain('found "n7": none is');

  await farm.start("actor", "actor1", "--slots", "2");
  await farm.jobWhen(job, ({ ranges }) => ranges?.done === 4);
  expect(await explain("1")).toMatch(
    /^Job 1 \(\S+\) is at work: actor actor1 holds \d+ of its 12 ranges.* 4 are done\.$/m,
  );
  expect(await explain("--node", "actor1")).toMatch(/^Node \S+ \(actor actor1\) is at work/);
  expect(await explain("1", "--event", "input1.txt:2")).toMatch(
    /^Range 1 of job 1 \(event 2 of \S+\/input1\.txt\) is done .* merge group 1 has no merger yet \(no merger has joined\)\.$/m,
  );

  await farm.kill("actor1", "SIGKILL");
  await expect
    .poll(() => explain("1"), { timeout: 30_000 })
    .toMatch(/^Job 1 \(\S+\) waits: .* held by actor actor1, which lost its connection; they return in /m);
  expect(await explain("1", "11")).toMatch(/^Range 11 of job 1 \(event 12 of \S+\) (is held by|waits for)/);

  await writeFile(join(dirname(listed.path), "go"), "");
  await farm.start("actor", "actor1", "--slots", "2");
  await farm.jobWhen(job, ({ ranges }) => ranges?.done === 12);
  expect(await explain("1")).toMatch(
    /waits for its merges: .* 3 merge groups have no merger yet \(no merger has joined\)\.$/m,
  );

  await farm.start("merger", "merger1");
  await farm.jobWhen(job, isOver);
  expect(await explain("1")).toMatch(/^Job 1 \(\S+\) is over: all its 12 ranges are merged in 3 files\.$/m);
  expect(await explain("1", "0")).toMatch(
    /is merged: merge group 1 is published as jobs\/1\/merged\/\S+\.0001\S*\.$/m,
  );
}, 120_000);
