import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { exitCodes, type CliError } from "../io/cli-error.js";
import { noctuaProgram } from "./program.js";
import { capturedTerminal, checkedAnswer, fakeRun, type JobFolder } from "./testing.js";

const { signal } = new AbortController();
let place: JobFolder;

beforeEach(async () => {
  ({ place } = await fakeRun());
});

/** What is printed when somebody types these words. */
async function printed(env: Readonly<Record<string, string>>, ...words: string[]): Promise<string> {
  const { terminal, stdout } = capturedTerminal();
  let code: number | undefined;
  const world = {
    terminal,
    stdin: process.stdin,
    stdout: { write: () => true },
    env,
    execPath: "",
    serviceCommand: (): never => {
      throw new Error("expected no service to be started");
    },
    perform: async (act: (stop: AbortSignal) => Promise<number>) => void (code = await act(signal)),
  };
  await noctuaProgram(world).parseAsync(words, { from: "user" });
  expect(code).toBe(exitCodes.ok);
  return stdout();
}

async function refusal(env: Readonly<Record<string, string>>, ...words: string[]): Promise<string> {
  const error: unknown = await printed(env, ...words).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ exitCode: exitCodes.usage });
  return (error as CliError).message;
}

async function settingsFile(text: string): Promise<string> {
  const path = join(place.workdir, "noctua.yaml");
  await writeFile(path, text);
  return path;
}

describe("a command", () => {
  it("finds its workdir in a variable and its form in the file there; flags count more", async () => {
    const env = { NOCTUA_WORKDIR: place.workdir };
    expect(await printed(env, "list")).toMatch(/^ID|^no jobs/);
    await settingsFile("output: json");
    expect(checkedAnswer(await printed(env, "list"))).toMatchObject({ schema: "noctua.jobs/v1" });
    expect(await printed(env, "list", "--output", "text")).not.toContain("{");
    const text = { NOCTUA_WORKDIR: "/nowhere", NOCTUA_OUTPUT: "text" };
    expect(await printed(text, "list", "--json", "--workdir", place.workdir)).toContain("noctua.jobs/v1");
  });

  it("says what nobody said, and all mistakes at once", async () => {
    expect(await refusal({}, "status")).toBe("--workdir (or NOCTUA_WORKDIR): expected a folder, found none");
    const path = await settingsFile("workdri: x\nactor: { sluts: 8 }");
    expect(await refusal({ NOCTUA_OUTPUT: "yaml" }, "status", "--workdir", place.workdir)).toMatch(
      new RegExp(`^the settings have 2 mistakes:\n {2}NOCTUA_OUTPUT: .*\n {2}${path}:1: workdri: .*$`),
    );
  });

  it("that starts services tells what is wrong with their settings first", async () => {
    await settingsFile("actor: { slots: 0 }");
    expect(await refusal({}, "run", place.jobFile, "--workdir", place.workdir)).toMatch(/:1: actor\.slots: /);
  });

  it("that needs no settings asks for none", async () => {
    const check = ["check", place.jobFile];
    expect(await printed({ NOCTUA_OUTPUT: "json", PATH: "/bin" }, ...check)).toContain("noctua.check/v1");
  });
});

describe("config", () => {
  const env = { NOCTUA_ACTOR_SLOTS: "8", NOCTUA_MERGER_NICE: "7" };

  it("shows each setting, who said it, and its value", async () => {
    const path = await settingsFile("# ours\nactor: { scratch: here, labels: { disk: fast } }");
    const lines = (await printed(env, "config", "actor", "--workdir", place.workdir)).split("\n");
    expect(lines.slice(0, 3)).toEqual([
      `settings file: ${path}`,
      "",
      expect.stringMatching(/^SETTING +FROM +VALUE$/),
    ]);
    const values = new Map(lines.slice(3).map((line) => [line.split(/ +/)[0], line.replace(/^\S+ +/, "")]));
    expect(values.get("workdir")).toBe(`--workdir           ${place.workdir}`);
    expect(values.get("actor.slots")).toBe("NOCTUA_ACTOR_SLOTS  8");
    expect(values.get("actor.scratch")).toBe(`line 2              ${place.workdir}/here`);
    expect(values.get("actor.labels")).toBe("line 2              disk=fast");
    expect(values.get("actor.timeLeft")).toBe("default             (as Slurm says)");
    expect([...values.keys()].filter((path) => /^(driver|merger)/.test(path ?? ""))).toEqual([]);
  });

  it("tells programs the same of all services, and asks for no workdir", async () => {
    const answer = checkedAnswer(await printed(env, "config", "--json"));
    expect(answer).not.toHaveProperty("file");
    expect(answer).toMatchObject({
      settings: expect.arrayContaining([
        { setting: "workdir", flag: "--workdir", variable: "NOCTUA_WORKDIR", source: "default" },
        {
          setting: "merger.nice",
          flag: "--nice",
          variable: "NOCTUA_MERGER_NICE",
          source: "variable",
          place: "NOCTUA_MERGER_NICE",
          value: "7",
        },
        { setting: "driver.takeOver", flag: "--take-over", source: "default", value: "false" },
      ]) as unknown,
    });
  });

  it("tells all mistakes of all services", async () => {
    const path = await settingsFile("driver: { lease: soon }\nmerger: { slots: 0 }\n");
    const message = await refusal({ NOCTUA_SLOTS: "8" }, "config", "--config", path);
    expect(message.split("\n")).toEqual([
      "the settings have 3 mistakes:",
      expect.stringMatching(/^ {2}NOCTUA_SLOTS: .*did you mean NOCTUA_ACTOR_SLOTS or NOCTUA_MERGER_SLOTS/),
      expect.stringMatching(/noctua\.yaml:1: driver\.lease: /),
      expect.stringMatching(/noctua\.yaml:2: merger\.slots: /),
    ]);
  });
});
