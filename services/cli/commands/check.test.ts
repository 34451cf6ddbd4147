// What `noctua check` says of a good job file and of a bad one, to people and to programs.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { checkAnswerSchema } from "../io/check-answer.js";
import { CliError, exitCodes } from "../io/cli-error.js";
import { check } from "./check.js";
import { capturedTerminal, jobFolder, type JobFolder } from "./testing.js";

const signal = new AbortController().signal;
let place: JobFolder;

beforeEach(async () => {
  place = await jobFolder();
});

interface Checked {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function checked(output: "text" | "json" | "jsonl" = "text", file = place.jobFile): Promise<Checked> {
  const captured = capturedTerminal();
  const options = { jobFile: file, output, env: { PATH: "/usr/bin:/bin" } };
  const code = await check(options, captured.terminal, signal);
  const here = (text: string): string => text.replaceAll(place.folder, "F");
  return { code, stdout: here(captured.stdout()), stderr: here(captured.stderr()) };
}

const job = {
  name: "x",
  inputs: [{ path: "*.lhe", events: 10 }],
  payload: { kind: "exec", command: ["sh", "it's", "{input}", "{first}-{last}", "{output}"] },
};

const write = (content: object): Promise<void> => writeFile(place.jobFile, JSON.stringify(content));

describe("check", () => {
  it("says what would run, with everything filled in, within eighty columns", async () => {
    await write({
      ...{ ...job, eventsPerRange: 4, output: { suffix: ".txt" }, merge: { every: 2, grouping: "range" } },
      requires: { arch: "x64" },
      payload: {
        ...job.payload,
        ...{
          cores: 2,
          timeout: "90s",
          environment: { LIB: "{jobDir}/l b" },
          passEnvironment: ["X509_USER_PROXY"],
        },
        setup: { command: ["sh", "{jobDir}/setup"] },
      },
    });
    expect(await checked()).toEqual({
      code: exitCodes.ok,
      stdout: `F/job.yaml is good. It would run

  job      x
  inputs   2 files, 20 events, 12B
  ranges   6, each of 4 events at most
  payload  exec, a process for each range; 2 cores; 1m 30s at most
  nodes    those with arch=x64
  outputs  4 merged files of at most 2 outputs each, in their order, by concat:
           x.0001.txt …

On each node, first:
  sh F/setup

The first range, events 1-4 of F/1.lhe, in an empty folder:
  sh 'it'\\''s' F/1.lhe 1-4 output.txt

With these variables:
  LIB='F/l b'
  X509_USER_PROXY, as the actor has it
`,
      stderr: "",
    });
  });

  it.each<[string, object, readonly RegExp[]]>([
    [
      "a stream",
      { payload: { kind: "stream", command: ["sh", "{jobDir}/x"] } },
      [/^ {2}payload {2}stream, processes/m, /^Each process, .*:\n {2}sh F\/x$/m],
    ],
    [
      "no outputs",
      { payload: { kind: "exec", command: ["sh"] }, outputs: "none" },
      [/^ {2}outputs {2}none$/m],
    ],
    ["outputs that are kept", { merge: "none" }, [/^ {2}outputs {2}20 files, kept as they are$/m]],
    [
      "one merged file",
      { merge: { every: "all", kind: "tar" } },
      [/1 merged file of all outputs, as they are done, by tar:\n +x.0001$/m],
    ],
    [
      "nobody knows how many files",
      { merge: { maxDelay: "1m" } },
      [/^ {2}outputs {2}merged files of all outputs/m],
    ],
    [
      "an open job",
      { inputs: [], open: true },
      [/x, open: /, /inputs {3}none yet/, /^For each range:\n {2}sh .* '\{input\}'/m],
    ],
    [
      "variants",
      { variants: [{ requires: { arch: "arm64" }, payload: job.payload }] },
      [/any; other payloads on some \(1 variant\)/],
    ],
  ])("tells of %s", async (_name, changes, patterns) => {
    await write({ ...job, ...changes });
    const { stdout, code } = await checked();
    expect(code).toBe(exitCodes.ok);
    for (const pattern of patterns) expect(stdout).toMatch(pattern);
    expect(checkAnswerSchema.parse(JSON.parse((await checked("json")).stdout))).toMatchObject({
      isGood: true,
    });
  });

  it("notes programs that this machine has not, which may be no mistake", async () => {
    await write({
      ...job,
      payload: { kind: "exec", command: ["no-such", "{output}"], setup: { command: ["./x"] } },
    });
    const { code, stderr } = await checked();
    expect(code).toBe(exitCodes.ok);
    expect(stderr).toBe(
      'noctua: "./x" is looked for in a folder that is empty; write "{jobDir}/x"\n' +
        'noctua: this machine has no program "no-such"; the nodes must have it\n',
    );
  });

  it("answers programs in one document, or in one line", async () => {
    await write(job);
    const { stdout } = await checked("json");
    const answer = checkAnswerSchema.parse(JSON.parse(stdout));
    expect(answer).toMatchObject({
      ...{ schema: "noctua.check/v1", file: "F/job.yaml", isGood: true, mistakes: [] },
      job: {
        ranges: 20,
        firstRange: { firstEvent: 1, lastEvent: 1 },
        merge: { files: 1, firstFile: "x.0001" },
      },
    });
    const { stdout: line } = await checked("jsonl");
    expect(line.trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(line)).toEqual(answer);
  });

  it("tells people all mistakes, and programs too, with their lines", async () => {
    await writeFile(
      place.jobFile,
      'name: x y\ninputs: []\npayload: { kind: exec, command: [run, "{output}"] }\n',
    );
    await expect(checked()).rejects.toThrow(CliError);
    const { code, stdout, stderr } = await checked("json");
    expect(code).toBe(exitCodes.usage);
    const answer = checkAnswerSchema.parse(JSON.parse(stdout));
    expect(answer.isGood).toBe(false);
    expect(answer.mistakes.map(({ line, field }) => `${line} ${field}`)).toEqual(["1 name", "2 inputs"]);
    expect(stderr).toBe("");
    const none = checkAnswerSchema.parse(
      JSON.parse((await checked("json", join(place.folder, "none"))).stdout),
    );
    expect(none.mistakes).toEqual([{ field: "", expected: "a job file", found: "none" }]);
  });
});
