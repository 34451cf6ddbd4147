// What a job file may say of how outputs are fused, and of what looks at merged files.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, test } from "vitest";
import type { MergeSpec } from "../../shared/core/job-spec.js";
import { readJobFile } from "./job-file.js";
import { quietReader } from "./testing-reader.js";

const folder = await mkdtemp(join(tmpdir(), "noctua-job-file-"));
afterAll(() => rm(folder, { recursive: true }));

async function read(merge: string): Promise<MergeSpec> {
  const path = join(folder, "job.yaml");
  const payload = '{ kind: exec, command: [run, "{output}"] }';
  await writeFile(path, `name: x\ninputs: []\nopen: true\npayload: ${payload}\nmerge: ${merge}\n`);
  return (await readJobFile(path, quietReader)).merge;
}

it("may be an archive, and have commands that count and check", async () => {
  expect(
    await read('{ kind: tar, count: [tar, -t, "{output}"], check: [test, -f, "{output}"] }'),
  ).toMatchObject({
    tool: { kind: "tar" },
    checks: { count: ["tar", "-t", "{output}"], check: ["test", "-f", "{output}"] },
  });
  expect((await read('{ check: ["{jobDir}/look", "{output}"] }')).checks).toEqual({
    count: [],
    check: ["{jobDir}/look", "{output}"],
  });
  expect((await read("{ kind: concat }")).checks).toBeUndefined();
});

test.each([
  [
    '{ kind: tar, command: [a, "{inputs}", "{output}"] }',
    /merge.command: expected no command, or kind: command, found a list/,
  ],
  ["{ kind: zip }", /merge.kind: expected one of concat, tar, command/],
  [
    '{ count: [wc, "{inputs}"] }',
    /merge.count\[1\]: expected one of the placeholders \{output\}, \{jobDir\}, found \{inputs\}/,
  ],
  ["{ count: [wc] }", /merge.count: expected \{output\} in the command/],
  ["{ check: [] }", /merge.check: expected a list of a program/],
])("%s is a mistake", async (merge, message) => {
  await expect(read(merge)).rejects.toThrow(message);
});
