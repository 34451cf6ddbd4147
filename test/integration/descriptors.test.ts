// A driver that finds no file descriptor left, for whatever reason: it waits as it does for a full disk, and nothing is lost.

import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { until } from "../../services/shared/io/testing-processes.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";
import { noctua } from "../support/run-node.js";

it("a driver without a descriptor says so, acknowledges nothing, and goes on when there is one", async () => {
  const folder = await privateFolder();
  // By a link, as some workdirs are named.
  await mkdir(join(folder, "real"));
  await symlink(join(folder, "real"), join(folder, "work"));
  const farm = new ProcessFarm(join(folder, "work"));
  await farm.start("driver", "driver");
  await farm.start("merger", "merger", "--scratch", join(folder, "scratch"));
  await farm.start("actor", "actor", "--slots", "2", "--scratch", join(folder, "scratch"));
  const gate = join(folder, "gate");
  const before = `while [ ! -e '${gate}' ]; do sleep 0.02; done`;
  const shape = { inputs: 1, eventsPerInput: 20, eventsPerRange: 1, mergeEvery: 5, before };
  const { path } = await writeListedJob(join(folder, "job"), shape);
  expect(await noctua("submit", path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  await farm.jobWhen(1, ({ ranges }) => (ranges?.held ?? 0) > 0);
  const pid = farm.pidOf("driver");
  const limitTo = (files: string) => promisify(execFile)("prlimit", ["--pid", `${pid}`, `--nofile=${files}`]);
  await limitTo("1:");
  await writeFile(gate, "");
  await until(async () => /no file descriptor \(ulimit -n\) for a look/.test(await farm.log("driver")));
  await limitTo("1024:");
  expect(await farm.jobWhen(1, isOver)).toMatchObject({ ranges: { merged: 20 } });
  expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  expect(await farm.kill("driver", "SIGTERM")).toBe(0);
});
