// What a job file may say of processes that live for many ranges, and of what payloads are given of their node.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { JobSpec } from "../../shared/core/job-spec.js";
import { noNeeds } from "../../shared/core/payload-needs.js";
import { readJobFile } from "./job-file.js";
import { quietReader } from "./testing-reader.js";

const folder = await mkdtemp(join(tmpdir(), "noctua-job-file-"));
afterAll(() => rm(folder, { recursive: true }));

async function read(payload: string): Promise<JobSpec> {
  const path = join(folder, "job.yaml");
  await writeFile(path, `name: x\ninputs: []\nopen: true\npayload: ${payload}\n`);
  return readJobFile(path, quietReader);
}

it("of a stream, only its command must be said", async () => {
  expect((await read('{ kind: stream, command: [run, "{jobDir}/x"] }')).payload).toEqual({
    kind: "stream",
    command: ["run", "{jobDir}/x"],
    slotsPerProcess: 1,
    startTimeoutMs: 300_000,
    timeoutMs: 3_600_000,
    needs: noNeeds,
  });
});

it("a process may have all slots of its node", async () => {
  expect((await read("{ kind: stream, command: [run], slots: all }")).payload).toMatchObject({
    slotsPerProcess: 0,
  });
});

it("a mistake says what a stream has, and that exec has less", async () => {
  const stream = read('{ kind: stream, command: [run, "{output}"], slots: 0, startTimeut: 5m }');
  await expect(stream).rejects.toThrow(/payload.slots: expected a whole number from 1 to 65535, or "all"/);
  await expect(stream).rejects.toThrow(/startTimeut.*did you mean "startTimeout"/);
  await expect(stream).rejects.toThrow(/payload.command\[1\]: .*\{jobDir\}, found \{output\}/);
  await expect(read('{ kind: exec, command: [run, "{output}"], slots: 2 }')).rejects.toThrow(/payload.slots/);
});

it("a payload has variables set, and others passed on", async () => {
  const said = 'environment: { LANG: C, LIB: "{jobDir}/lib" }, passEnvironment: [X509_USER_PROXY]';
  expect((await read(`{ kind: stream, command: [run], ${said} }`)).payload.needs).toEqual({
    ...noNeeds,
    environment: { LANG: "C", LIB: "{jobDir}/lib" },
    passEnvironment: ["X509_USER_PROXY"],
  });
  expect((await read(`{ kind: exec, command: [run, "{output}"], ${said} }`)).payload.needs).toMatchObject({
    environment: { LANG: "C" },
  });
});

it("a range may take several cores, and be kept to them", async () => {
  expect((await read("{ kind: stream, command: [run], cores: 4, pin: cores }")).payload.needs).toMatchObject({
    cores: 4,
    pin: "cores",
  });
  const wrong = read("{ kind: stream, command: [run], cores: 0, pin: true }");
  await expect(wrong).rejects.toThrow(
    /payload.cores: expected a whole number from 1 to 65535, found the number 0/,
  );
  await expect(wrong).rejects.toThrow(/payload.pin: expected one of none, cores, found true/);
});

it("what a range may take of its node's scratch is a size", async () => {
  const of = async (said: string): Promise<unknown> =>
    (await read(`{ kind: stream, command: [run]${said} }`)).payload.needs.scratchBytesMax;
  expect(await of(", scratchMax: 1.5GB")).toBe(1_500_000_000);
  expect(await of("")).toBeUndefined();
  for (const wrong of ["5", "0B", "2GiB", "-1MB"])
    await expect(of(`, scratchMax: ${wrong}`)).rejects.toThrow(/payload.scratchMax: expected a size from 1B/);
});

it("a node may be made ready, and have copies of the inputs", async () => {
  const said = 'setup: { command: [prepare, "{jobDir}"] }, stageIn: true';
  expect((await read(`{ kind: stream, command: [run], ${said} }`)).payload.needs).toMatchObject({
    setup: { command: ["prepare", "{jobDir}"], timeoutMs: 600_000 },
    stageIn: true,
  });
  const wrong = read('{ kind: stream, command: [run], setup: { comand: ["{input}"] }, stageIn: 1 }');
  await expect(wrong).rejects.toThrow(/payload.setup.command: expected a list of a program/);
  await expect(wrong).rejects.toThrow(/comand.*did you mean "command"/);
  await expect(wrong).rejects.toThrow(/payload.stageIn: expected true or false/);
});

it("of its environment, what is no text, no variable, a secret or an unknown place is a mistake", async () => {
  const wrong: [string, RegExp][] = [
    [
      "environment: { CORES: 4 }",
      /payload.environment: .*numbers go in quotes.*, found the number 4 for "CORES"/,
    ],
    [
      "environment: { NOCTUA_JOB: x }",
      /payload.environment: expected no variable that Noctua sets .*"NOCTUA_JOB"/,
    ],
    ['environment: { LIB: "{jobdir}" }', /payload.environment: .*did you mean \{jobDir\}/],
    ["passEnvironment: HOME", /payload.passEnvironment: expected a list of names/],
    ["passEnvironment: [MY_TOKEN]", /payload.passEnvironment: expected no secret: .*found "MY_TOKEN"/],
  ];
  for (const [said, message] of wrong)
    await expect(read(`{ kind: stream, command: [run], ${said} }`)).rejects.toThrow(message);
});
