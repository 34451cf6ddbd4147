// A node is drained and given work again, as a user types it.

import { join } from "node:path";
import { expect, it } from "vitest";
import { checkedAnswer } from "../../services/cli/commands/testing.js";
import { ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

it("drains a node, which gets nothing until it is undrained", async () => {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const inWorkdir = ["--workdir", farm.workdir];
  await farm.start("driver", "driver");
  await farm.start("merger", "merger1");
  await farm.start("actor", "actor1", "--slots", "2");
  let stdout = "";
  await expect
    .poll(
      async () => {
        ({ stdout } = await noctua("nodes", ...inWorkdir, "--json"));
        return checkedAnswer(stdout);
      },
      { timeout: 30_000 },
    )
    .toMatchObject({ nodes: [{ state: "idle", slots: 2 }] });
  const name = /"name": "([^"]+)"/.exec(stdout)?.[1] ?? "";

  const drained = await noctua("drain", name, ...inWorkdir, "--wait", "--reason", "it is slow");
  expect(drained).toMatchObject({ code: 0, stdout: `node ${name} is drained\n` });
  expect((await noctua("nodes", ...inWorkdir)).stdout).toMatch(/ drained .* it is slow\n$/);

  const listed = await writeListedJob(join(folder, "job"), {
    inputs: 1,
    eventsPerInput: 4,
    eventsPerRange: 1,
    mergeEvery: 4,
  });
  await noctua("submit", listed.path, ...inWorkdir);
  const early = await noctua("wait", ...inWorkdir, "--timeout", "300ms");
  expect(early).toMatchObject({ code: 2, stdout: expect.stringContaining("0/4 ranges") });

  const nobody = await noctua("drain", "nobody", ...inWorkdir);
  expect(nobody).toMatchObject({ code: 64, stdout: "" });
  expect(nobody.stderr).toContain("nobody");

  expect(await noctua("undrain", name, ...inWorkdir)).toMatchObject({ code: 0 });
  expect(await noctua("wait", "last", ...inWorkdir)).toMatchObject({
    code: 0,
    stdout: "job 1 listed is finished: 4/4 ranges\n",
  });
});
