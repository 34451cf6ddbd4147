// One range hangs on the node where it began: an idle slot of another node does it instead, and the job ends.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { sleep } from "../../services/shared/io/system-clock.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

/** The first try of event 7 stands still for longer than the test may take, unless it is ended; so its process is noted. */
const before = `if [ "$first" = 7 ] && mkdir "\${input%/*}/hangs" 2>/dev/null; then
  echo $$ > "\${input%/*}/hangs/pid"
  exec sleep 55
fi`;

it("a range that hangs is done by a copy, once, and its hanging payload is ended", async () => {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const shape = { inputs: 1, eventsPerInput: 24, eventsPerRange: 1, mergeEvery: 8 };
  const listed = await writeListedJob(join(folder, "job"), { ...shape, before });
  await farm.start("driver", "driver");
  await farm.start("actor", "actor1", "--slots", "2", "--node", "node1");
  await farm.start("actor", "actor2", "--slots", "2", "--node", "node2");
  await farm.start("merger", "merger1");
  expect(await noctua("submit", listed.path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });

  const end = await farm.jobWhen(1, isOver);
  expect(end).toMatchObject({ ranges: { merged: 24, failed: 0 }, failures: 0, copiesMade: 1, copiesWon: 1 });
  expect((await mergedLines(farm.workdir, jobNumber(1))).sort()).toEqual([...listed.events].sort());
  expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  const pid = Number(await readFile(join(folder, "job", "hangs", "pid"), "utf8"));
  while (isAlive(pid)) await sleep(20, AbortSignal.timeout(20_000));
}, 50_000);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
