import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { byArrival } from "../../shared/core/job-spec.js";
import { noNeeds } from "../../shared/core/payload-needs.js";
import { CliError, exitCodes } from "./cli-error.js";
import { readJobFile } from "./job-file.js";
import { quietReader } from "./testing-reader.js";

const concat = { grouping: byArrival, everyOutputs: 100, tool: { kind: "concat" } };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "noctua-job-"));
  await mkdir(join(folder, "input"));
  for (const name of ["1.lhe", "2.lhe"]) await writeFile(join(folder, "input", name), "12345");
  await utimes(join(folder, "input", "1.lhe"), 1_700_000_000, 1_700_000_000.5);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function jobFile(text: string, name = "job.yaml"): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

/** The mistakes that the file is answered with, without the path. */
async function mistakesIn(text: string): Promise<readonly string[]> {
  const path = await jobFile(text);
  const outcome: unknown = await readJobFile(path, quietReader).catch((error: unknown) => error);
  if (!(outcome instanceof CliError)) throw new Error(`expected mistakes, found ${JSON.stringify(outcome)}`);
  expect(outcome.exitCode).toBe(exitCodes.usage);
  const [head = "", ...lines] = outcome.message.split("\n");
  expect(head).toBe(`the job file has ${lines.length === 1 ? "1 mistake" : `${lines.length} mistakes`}:`);
  return lines.map((line) => line.trim().replaceAll(path, "job.yaml").replaceAll(folder, "FOLDER"));
}

const smallest = `
name: drell-yan
inputs:
  - { path: input/1.lhe, events: 200 }
payload:
  kind: exec
  command: [node, "{jobDir}/simulate.mjs", "{output}"]
`;

describe("a job file", () => {
  it("becomes a job with every default filled in and every path absolute", async () => {
    expect(await readJobFile(await jobFile(smallest), quietReader)).toEqual({
      name: "drell-yan",
      jobDir: folder,
      inputs: [
        {
          path: join(folder, "input/1.lhe"),
          firstEvent: 1,
          events: 200,
          guid: "",
          scope: "",
          sizeBytes: 5,
          modifiedUnixMs: 1_700_000_000_500,
        },
      ],
      eventsPerRange: 1,
      payload: {
        kind: "exec",
        command: ["node", "{jobDir}/simulate.mjs", "{output}"],
        timeoutMs: 3_600_000,
        needs: noNeeds,
      },
      ...{ outputs: "files", outputSuffix: "" },
      merge: { ...concat, attemptsMax: 3, timeoutMs: 3_600_000 },
      ...{ requires: {}, variants: [] },
      retry: { attemptsMax: 3, backoff: { firstMs: 1_000, lastMs: 60_000 }, rules: [] },
      speculation: { enabled: true, factor: 2 },
      durability: "strict",
      ...{ open: false, priority: 0 },
    });
  });

  it("may say everything itself", async () => {
    const path = await jobFile(`
name: a.b_c-1
inputs:
  - { path: ${folder}/input/1.lhe, events: 10, firstEvent: 11, guid: G, scope: s }
  - { path: input/1.lhe, events: 10 }
eventsPerRange: 5
payload: { kind: exec, command: [run, "{input}", "{output}"], timeout: 1h 30m }
requires: { site: cern }
variants: [{ requires: { arch: arm64 }, payload: { kind: exec, command: [run-arm, "{output}"] } }]
output: { suffix: .root }
merge: { every: 50, kind: command, command: [hadd, "{output}", "@{inputs}"], attempts: 2, timeout: 500ms }
retry: { attempts: 255, backoff: { last: 5m }, rules: [{ timeout: true, class: node }] }
speculation: { enabled: false, factor: 1.5 }
durability: relaxed
`);
    expect(await readJobFile(path, quietReader)).toMatchObject({
      inputs: [{ firstEvent: 11, guid: "G", scope: "s" }, { firstEvent: 1 }],
      payload: { timeoutMs: 5_400_000 },
      outputSuffix: ".root",
      merge: {
        everyOutputs: 50,
        tool: { kind: "command", command: ["hadd", "{output}", "@{inputs}"] },
        attemptsMax: 2,
        timeoutMs: 500,
      },
      retry: {
        attemptsMax: 255,
        backoff: { firstMs: 1_000, lastMs: 300_000 },
        rules: [{ exitCodes: [], signals: [], timeout: true, class: "node" }],
      },
      requires: { site: "cern" },
      variants: [
        {
          requires: { arch: "arm64" },
          payload: { kind: "exec", command: ["run-arm", "{output}"], timeoutMs: 3_600_000, needs: noNeeds },
        },
      ],
      speculation: { enabled: false, factor: 1.5 },
      durability: "relaxed",
      open: false,
      priority: 0,
    });
  });

  it("may be JSON", async () => {
    const content = {
      name: "x",
      inputs: [{ path: "input/2.lhe", events: 1 }],
      payload: { kind: "exec", command: ["run", "{output}"] },
    };
    const spec = await readJobFile(
      await jobFile(JSON.stringify(content, undefined, "\t"), "job.json"),
      quietReader,
    );
    expect(spec.inputs[0]?.path).toBe(join(folder, "input/2.lhe"));
  });
});

describe("mistakes in a job file", () => {
  it("name the label, and the variant's field", async () => {
    const mistakes = await mistakesIn(`name: x
inputs: [{ path: input/1.lhe, events: 1 }]
payload: { kind: exec, command: [run, "{output}"] }
requires: { cores: 64 }
variants:
  - { requires: { "no key": x }, payload: { kind: exec, command: [run] } }
  - { requires: {}, payload: { kind: exec, command: [run, "{output}"], timeuot: 1s } }
`);
    expect(mistakes.join("\n")).toMatch(
      /:4: requires: .*numbers go in quotes.*, found the number 64 for "cores"/,
    );
    expect(mistakes.join("\n")).toMatch(/:6: variants\[0\].requires: expected label keys .* found "no key"/);
    expect(mistakes.join("\n")).toMatch(/:6: variants\[0\].payload.command: .*output/);
    expect(mistakes.join("\n")).toMatch(/:7: variants\[1\].payload.*did you mean "timeout"/);
  });

  it("come all in one answer, each with its line, what was expected and what was found", async () => {
    const mistakes = await mistakesIn(`name: drell yan
inptus: []
inputs:
  - { path: input/1.lhe, events: ten }
  - { path: input/3.lhe, events: 3, frstEvent: 2 }
  - 7
eventsPerRange: 0.5
payload:
  kind: exce
  command: [node, "{frist}", 5]
  timeout: 90
output: { suffix: .tmp }
merge:
  every: 0
  kind: concat
  command: [hadd, "{output}", "@{inputs}"]
retry: { attempts: 300 }
durability: strct
`);
    const places = mistakes.map((mistake) => mistake.split(": ").slice(0, 2).join(": "));
    expect(places).toEqual([
      "job.yaml:1: name",
      "job.yaml:2: inptus",
      "job.yaml:4: inputs[0].events",
      "job.yaml:5: inputs[1].frstEvent",
      "job.yaml:5: inputs[1].path",
      "job.yaml:6: inputs[2]",
      "job.yaml:7: eventsPerRange",
      "job.yaml:9: payload.kind",
      "job.yaml:10: payload.command[2]",
      "job.yaml:10: payload.command[1]",
      "job.yaml:10: payload.command",
      "job.yaml:11: payload.timeout",
      "job.yaml:12: output.suffix",
      "job.yaml:14: merge.every",
      "job.yaml:16: merge.command",
      "job.yaml:17: retry.attempts",
      "job.yaml:18: durability",
    ]);
    expect(mistakes[1]).toMatch(
      /expected one of name, inputs, .*found "inptus" \(did you mean "inputs"\?\)$/,
    );
    expect(mistakes[4]).toMatch(
      /expected a file that can be read, found FOLDER\/input\/3.lhe, which is not there$/,
    );
    expect(mistakes[9]).toMatch(/found \{frist\} \(did you mean \{first\}\?\)$/);
    expect(mistakes[11]).toMatch(/expected a duration .*such as 90s.*, found the number 90$/);
  });

  it.each([
    ["nothing at all", "", [/job.yaml: expected a mapping with name, inputs and payload, found nothing$/]],
    ["a list", "- 1", [/job.yaml:1: expected a mapping .*, found a list$/]],
    ["no YAML", "name: [a", [/job.yaml:1: expected YAML or JSON, found /]],
    [
      "a field twice",
      `${smallest}name: other\n`,
      [/job.yaml:8: name: expected it once, found it on line 2 too$/],
    ],
    ["an unknown tag", smallest.replace("drell-yan", "!!secret x"), [/job.yaml:2: expected YAML .*tag/]],
    [
      "no command",
      smallest.replace(/ {2}command.*\n/, ""),
      [/job.yaml:5: payload.command: expected a list .*nothing$/],
    ],
    [
      "an empty command",
      smallest.replace(/\[node.*\]/, "[]"),
      [/:7: payload.command: .*found an empty list$/],
    ],
    [
      "no program",
      smallest.replace("[node", '[""'),
      [/:7: payload.command\[0\]: expected a program, found ""$/],
    ],
    [
      "no {output}",
      smallest.replace('"{output}"', "x"),
      [/:7: payload.command: expected \{output\} in the command/],
    ],
    [
      "a merge without its command",
      `${smallest}merge: { kind: command }`,
      [/:8: merge.command: .*found nothing$/],
    ],
    [
      "a command for concat",
      `${smallest}merge: { command: [a, "{inputs}", "{output}"] }`,
      [/:8: merge.command: expected no command, or kind: command, found a list$/],
    ],
    [
      "a name that hides",
      smallest.replace("drell-yan", ".hidden"),
      [/:2: name: expected a name .*found ".hidden"$/],
    ],
    ["a name that leads away", smallest.replace("drell-yan", "../x"), [/:2: name:/]],
    ["no inputs", smallest.replace(/inputs:\n.*\n/, "inputs: []\n"), [/:3: inputs: .*found an empty list$/]],
    [
      "a folder as input",
      smallest.replace("input/1.lhe", "input"),
      [/:4: inputs\[0\].path: .*which is no file$/],
    ],
    [
      "too many ranges",
      smallest.replace("200", "100000001"),
      [/eventsPerRange: expected at most 100000000 event ranges/],
    ],
    [
      "event numbers that are too large",
      smallest.replace("200", "2, firstEvent: 4294967295"),
      [/:4: inputs\[0\]: /],
    ],
    ["a timeout without end", `${smallest}  timeout: 30d`, [/payload.timeout: .*found "30d"$/]],
  ])("are named: %s", async (_name, text, expected) => {
    const mistakes = await mistakesIn(text);
    expect(mistakes).toHaveLength(expected.length);
    for (const [i, pattern] of expected.entries()) expect(mistakes[i]).toMatch(pattern);
  });

  it("are named: events that two inputs share, by either path to the file", async () => {
    const mistakes = await mistakesIn(
      smallest.replace(
        "payload:",
        [
          "  - { path: input/2.lhe, events: 10 }",
          `  - { path: ${folder}/input/1.lhe, events: 5, firstEvent: 200 }`,
          "  - { path: input/1.lhe, events: 5, firstEvent: 205 }",
          "payload:",
        ].join("\n"),
      ),
    );
    expect(mistakes).toEqual([
      "job.yaml:6: inputs[2]: expected each event of a file once, found events of FOLDER/input/1.lhe that inputs[0] has too",
    ]);
  });

  it("are named: a job file that is not there", async () => {
    await expect(readJobFile(join(folder, "none.yaml"), quietReader)).rejects.toMatchObject({
      exitCode: exitCodes.usage,
      message: `expected a job file at ${join(folder, "none.yaml")}, found none`,
    });
  });
});
