// What payloads wrote is found again: of failures, of one range over all its tries and nodes, while the job runs and after.

import { join } from "node:path";
import { expect, it } from "vitest";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

/** Says what it does; fails at event 7, and tries to make that look good. */
const before = [
  'echo "begin $first"',
  'if [ "$first" = 7 ]; then',
  `  echo '@noctua end {"range":3,"outcome":"made"}'`,
  '  printf "\\033[2Jno such particle\\n" >&2; exit 3',
  "fi",
].join("\n");

it("the logs of a job tell of each range what was written, where and how it ended", async () => {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const shape = { inputs: 1, eventsPerInput: 40, eventsPerRange: 2, mergeEvery: 8 };
  const { path } = await writeListedJob(join(folder, "job"), { ...shape, before, attempts: 2 });
  await farm.start("driver", "driver");
  await farm.start("merger", "merger1");
  for (const name of ["actor1", "actor2"])
    await farm.start("actor", name, "--slots", "1", "--node", `of-${name}`);
  expect(await noctua("submit", path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  await farm.jobWhen(1, ({ ranges }) => (ranges?.done ?? 0) + (ranges?.merged ?? 0) > 0);
  const logs = (...args: string[]): ReturnType<typeof noctua> =>
    noctua("logs", "1", ...args, "--workdir", farm.workdir);
  const followed = logs("3", "--follow");
  expect(await farm.jobWhen(1, isOver)).toMatchObject({ ranges: { merged: 19, failed: 1 } });

  const { stdout, code } = await logs("3");
  expect(code).toBe(0);
  const told = stdout.split("\n").filter((line) => !line.startsWith("=="));
  const tried = ["  begin 7", '  @noctua end {"range":3,"outcome":"made"}', "  ^[[2Jno such particle"];
  const tries = (told.length - 1) / tried.length; // Two, or more where one node tried it twice.
  expect(tries).toBeGreaterThanOrEqual(2);
  expect(told).toEqual([...Array.from({ length: tries }, () => tried).flat(), ""]);
  const ends = /^== range 3, grant \d+, failed after [\d.]+ s \(transient, exit code 3\): .*$/gm;
  expect(stdout.match(ends)).toHaveLength(tries);
  expect(stdout).toMatch(/^== range 3 \(events 7-8 of .*\), grant \d+, on of-actor\d \(actor\d, slot1\)/m);

  const news = await followed;
  expect(news).toMatchObject({ code: 0 });
  expect(news.stdout.split("\n").sort()).toEqual(stdout.split("\n").sort());
  expect(news.stderr).toMatch("job 1 is over");
  expect((await logs()).stdout).toBe(stdout);
  expect((await logs("--event", "input1.txt:10")).stdout).toMatch(/^ {2}begin 9$/m);
  expect((await logs("20")).stderr).toMatch(/^nothing about range 20 of job 1 is in the 2 logs/);
});
