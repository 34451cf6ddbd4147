// Two mergers, of which one is broken, paused or slow: every event is in one merged file, once.

import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { mergedFolder } from "../../services/shared/core/names.js";
import { sleep } from "../../services/shared/io/system-clock.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob, type ListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);
const never = new AbortController().signal;
const shape = { inputs: 1, eventsPerInput: 40, eventsPerRange: 1, mergeEvery: 10 };
const attempts = 2;

/** What fuses. `$LOGNAME` says on which merger: it is handed on to commands. It notes that it began, and stands still while there is a file `hold.$LOGNAME`. */
const mergeScript = `#!/bin/sh
set -eu
echo "$LOGNAME" >> begun
if [ "$LOGNAME" = broken ]; then echo "no licence here" >&2; exit 3; fi
while [ -e "hold.$LOGNAME" ]; do sleep 0.05; done
xargs cat < "$1" > "$2"
`;

interface Farm {
  readonly farm: ProcessFarm;
  readonly listed: ListedJob;
  /** Path of a file in the job's folder. */
  readonly file: (name: string) => string;
  startMerger(who: string): Promise<void>;
}

async function aFarm(open = false): Promise<Farm> {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const merge = `kind: command, command: [sh, "{jobDir}/merge.sh", "{inputs}", "{output}"], attempts: ${attempts}`;
  const listed = await writeListedJob(join(folder, "job"), { ...shape, merge, open });
  const file = (name: string): string => join(dirname(listed.path), name);
  await writeFile(file("merge.sh"), mergeScript);
  await farm.start("driver", "driver", "--lease", "3s");
  const scratch = ["--scratch", await privateFolder()];
  await farm.start("actor", "actor1", "--slots", "2", ...scratch);
  const startMerger = (who: string): Promise<void> =>
    farm.startThrough(["env", `LOGNAME=${who}`], "merger", who, ...scratch);
  return { farm, listed, file, startMerger };
}

async function submit({ farm, listed }: Farm): Promise<void> {
  expect(await noctua("submit", listed.path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(50, never);
}

/** Who began merges, in order. */
async function begun({ file }: Farm): Promise<string[]> {
  return (await readFile(file("begun"), "utf8")).trimEnd().split("\n");
}

async function expectAllMerged({ farm, listed }: Farm): Promise<void> {
  const end = await farm.jobWhen(job, isOver);
  expect(end).toMatchObject({ filesMerged: 4, groupsFailed: 0, ranges: { merged: 40, failed: 0 } });
  expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...listed.events].sort());
  expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
}

it("what fails on a merger whose tools are broken is merged by the other", async () => {
  const all = await aFarm();
  await writeFile(all.file("hold.good"), "");
  await all.startMerger("broken");
  await all.startMerger("good");
  await submit(all);
  await until(() => existsSync(all.file("begun")));
  // The broken one fails whatever it is given, while the good one has its hands full.
  await until(async () => (await begun(all)).includes("broken") && (await begun(all)).includes("good"));
  await rm(all.file("hold.good"));
  await expectAllMerged(all);
  const who = await begun(all);
  expect(who.filter((one) => one === "good")).toHaveLength(4);
  expect(who.filter((one) => one === "broken").length).toBeLessThanOrEqual(4);
  const { stdout } = await noctua("logs", "1", "--merge", "--workdir", all.farm.workdir);
  expect(stdout).toMatch(
    /^== merge group \d, grant \d+, its merge command, on .*\(broken, merge1\), .*\n {2}no licence here$/m,
  );
  expect(stdout).toMatch(
    /^== merge group \d, grant \d+, failed after [\d.]+ s \(transient, exit code 3\): .* found exit code 3$/m,
  );
});

it("the group of a merger that is paused goes to another, and what it made is not wanted when it wakes up", async () => {
  const all = await aFarm(true);
  const { farm } = all;
  const temporaries = async (): Promise<string[]> =>
    (await readdir(join(farm.workdir, mergedFolder(job)))).filter((name) => name.endsWith(".tmp"));
  await writeFile(all.file("hold.paused"), "");
  await all.startMerger("paused");
  await submit(all);
  await until(() => existsSync(all.file("begun")));
  farm.freeze("paused", "SIGSTOP");
  await rm(all.file("hold.paused")); // Its command goes on, and makes its file.
  await all.startMerger("other");
  await farm.jobWhen(job, ({ filesMerged }) => filesMerged === 4);
  expect(await begun(all)).toEqual(["paused", "other", "other", "other", "other"]);
  await until(async () => (await temporaries()).length > 0);

  farm.freeze("paused", "SIGCONT");
  await until(async () => (await temporaries()).length === 0);
  expect(await farm.log("paused")).toContain("merge revoked");
  expect(await noctua("close", "1", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  await expectAllMerged(all);
});

it("a merger that is slower than its lease is long keeps its group", async () => {
  const all = await aFarm();
  await writeFile(all.file("hold.slow"), "");
  await all.startMerger("slow");
  await submit(all);
  await until(() => existsSync(all.file("begun")));
  await all.startMerger("fast");
  await all.farm.jobWhen(job, ({ filesMerged }) => filesMerged === 3);
  await all.farm.jobWhen(job, ({ merging }) => merging.length === 1);
  await sleep(1_000, never); // More than its lease is long, all in all: whoever lives keeps what it has.
  const { stdout } = await noctua("status", "1", "--workdir", all.farm.workdir);
  expect(stdout).toMatch(/ {2}merging {4}group \d on slow for \d+s: (\d+)B of \1B read\n/);
  await rm(all.file("hold.slow"));
  await expectAllMerged(all);
  expect((await begun(all)).sort()).toEqual(["fast", "fast", "fast", "slow"]);
});
