// A node whose scratch is full fails no range for good: another one has room. The file system is a real one, mounted in a
// name space of its own, which some machines grant to root only, and some to nobody.

import { execFileSync } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { until } from "../../services/shared/io/testing-processes.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);

/** In words for `unshare`: with a file system of 2 MB there. */
function withSmall(folder: string): string[] {
  return ["-rm", "sh", "-c", `mount -t tmpfs -o size=2m none ${folder} && exec "$@"`, "sh"];
}

function mayMount(): boolean {
  try {
    execFileSync("unshare", [...withSmall("/mnt"), "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

it.skipIf(!mayMount()).each([
  ["that payloads fill", "0B", "no space is left on the node's scratch"],
  ["with less room than is to be free", "10MB", "expected 10MB of free space in the scratch folder"],
])("a scratch %s is its node's failure, and costs no range", async (_, scratchMin, told) => {
  const folder = await privateFolder();
  const scratch = join(folder, "scratch");
  await mkdir(scratch);
  const farm = new ProcessFarm(join(folder, "work"));
  // Three megabytes beside the output, and it does not look whether they could be written.
  const before = "sleep 0.1; head -c 3000000 /dev/zero > large || true";
  const shape = { inputs: 1, eventsPerInput: 40, eventsPerRange: 1, mergeEvery: 40 };
  const retry = "backoff: { first: 1ms, last: 1ms }";
  const listed = await writeListedJob(join(folder, "job"), { ...shape, before, retry });
  await farm.start("driver", "driver");
  await farm.start("merger", "merger1");
  const small = ["--node", "small", "--slots", "1", "--scratch", scratch, "--scratch-min", scratchMin];
  await farm.startThrough(["unshare", ...withSmall(scratch)], "actor", "small", ...small);
  await farm.start("actor", "large", "--node", "large", "--slots", "1");
  for (const name of ["small", "large"])
    await until(async () => (await farm.log(name)).includes("joined the run"));
  expect(await noctua("submit", listed.path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  await until(async () => (await farm.log("small")).includes(told));
  expect(await farm.jobWhen(job, isOver)).toMatchObject({ ranges: { merged: 40, failed: 0 } });
  expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...listed.events].sort());
  const report = await readFile(join(farm.workdir, "jobs/1/failures.jsonl"), "utf8");
  expect(report).toContain('"class":"node","node":"small"');
});
