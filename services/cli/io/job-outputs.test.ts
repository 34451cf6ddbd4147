import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readJobFile } from "./job-file.js";
import { quietReader } from "./testing-reader.js";

async function read(text: string): ReturnType<typeof readJobFile> {
  const folder = await mkdtemp(join(tmpdir(), "noctua-outputs-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "1.lhe"), "12345");
  await writeFile(join(folder, "job.yaml"), `name: scan\ninputs: [{ path: 1.lhe, events: 9 }]\n${text}`);
  return readJobFile(join(folder, "job.yaml"), quietReader);
}

test("a job without outputs is read, whatever the kind of its payload", async () => {
  const exec = await read('payload: { kind: exec, command: [scan, "{input}"] }\noutputs: none');
  expect(exec).toMatchObject({ outputs: "none", outputSuffix: "" });
  const stream = await read("outputs: none\npayload: { kind: stream, command: [scan] }");
  expect(stream).toMatchObject({ outputs: "none", merge: exec.merge });
});

test("a command names {output} when the job makes outputs, and not when it makes none (O1)", async () => {
  const silent = "payload: { kind: exec, command: [scan] }";
  await expect(read(silent)).rejects.toThrow(
    /payload.command: expected \{output\} in the command, or outputs: none/,
  );
  const naming = 'variants: [{ requires: {}, payload: { kind: exec, command: [scan, "--to={output}"] } }]';
  await expect(read(`${silent}\n${naming}\noutputs: none`)).rejects.toThrow(
    /:4: variants\[0\].payload.command\[1\]: expected no \{output\} in a job with outputs: none, found \{output\}/,
  );
});

test("what would never be heeded is a mistake (O2)", async () => {
  const rules = "output: { suffix: .x }\nmerge: { every: 3 }\ndurability: relaxed";
  const mistakes = read(`payload: { kind: stream, command: [scan] }\noutputs: none\n${rules}`);
  for (const name of ["output", "merge", "durability"])
    await expect(mistakes).rejects.toThrow(`${name}: expected no ${name} beside outputs: none`);
});
