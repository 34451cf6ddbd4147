// Services that are told by variables and a settings file what flags could tell, and by no flag.

import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

const bundle = join(import.meta.dirname, "..", "..", "dist", "noctua.cjs");

it("runs a job as a file in the workdir and variables say, which count more", async () => {
  const folder = await privateFolder();
  const workdir = join(folder, "work");
  await mkdir(workdir);
  const settings = `
logLevel: warn
actor:
  name: by-file
  labels: { disk: fast }
  slots: 3
  scratch: ../scratch
merger: { name: by-file }
`;
  await writeFile(join(workdir, "noctua.yaml"), settings);
  const listed = await writeListedJob(join(folder, "job"), {
    ...{ inputs: 1, eventsPerInput: 4, eventsPerRange: 1, mergeEvery: 4 },
    more: "requires: { disk: fast }",
  });
  const run = (said: Readonly<Record<string, string>>): Promise<unknown> =>
    promisify(execFile)(process.execPath, [bundle, "run", listed.path], { env: { ...process.env, ...said } });
  const said = { NOCTUA_WORKDIR: workdir, NOCTUA_ACTOR_NAME: "by-variable", NOCTUA_LOG_LEVEL: "info" };
  await expect(run({ ...said, NOCTUA_SLOTS: "2" })).rejects.toMatchObject({
    code: 64,
    stderr: expect.stringContaining("did you mean NOCTUA_ACTOR_SLOTS or NOCTUA_MERGER_SLOTS?") as unknown,
  });
  expect(await readdir(workdir)).toEqual(["noctua.yaml"]);

  await run(said);
  const logOf = (name: string): Promise<string> => readFile(join(workdir, "logs", `${name}.log`), "utf8");
  expect(await logOf("actor")).toMatch(/"message":"actor started","actor":"by-variable".*"slots":3/);
  expect(await logOf("merger")).toMatch(/"message":"merger started","merger":"by-file"/);
  expect(await readdir(folder)).toContain("scratch");
});
