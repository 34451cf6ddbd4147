import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shells } from "../core/completion.js";
import { noctuaProgram } from "./program.js";
import { capturedTerminal } from "./testing.js";

const execute = promisify(execFile);
let folder: string;

/** What a service says of itself. */
const driverHelp = `Options:
  --workdir <folder>  folder of the run
  --port <number>     port to listen on
  -h, --help          display help for command`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "noctua-completion-"));
  for (const shell of shells) await writeFile(join(folder, shell), await scriptFor(shell));
  for (const name of ["job 7.yaml", "other.txt"]) await writeFile(join(folder, name), "");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function scriptFor(shell: string): Promise<string> {
  const captured = capturedTerminal();
  const noctua = noctuaProgram({
    terminal: captured.terminal,
    stdout: { write: () => true },
    stdin: process.stdin,
    env: {},
    execPath: process.execPath,
    serviceCommand: () => ["sh", "-c", `echo "${driverHelp}"`],
    perform: async (act) => {
      await act(new AbortController().signal);
    },
  });
  await noctua.parseAsync(["completion", shell], { from: "user" });
  return captured.stdout();
}

/** What bash offers for the last word. */
async function completed(...words: readonly string[]): Promise<readonly string[]> {
  const script =
    'source ./bash; COMP_WORDS=(noctua "$@"); COMP_CWORD=$#; _noctua; printf "%s\\n" "${COMPREPLY[@]}"';
  const { stdout } = await execute("bash", ["-c", script, "bash", ...words], { cwd: folder });
  return stdout.split("\n").filter((line) => line !== "");
}

describe("completion for bash", () => {
  it("knows commands, their options, and what these may be", async () => {
    expect(await completed("wa")).toEqual(["watch", "wait"]);
    expect(await completed("wait", "--ti")).toEqual(["--timeout"]);
    expect(await completed("list", "--output", "")).toEqual(["text", "json", "jsonl"]);
    expect(await completed("init", "--kind", "s")).toEqual(["stream"]);
    expect(await completed("cancel", "")).toEqual(["last", "all"]);
    expect(await completed("completion", "")).toEqual(["bash", "zsh", "fish"]);
    expect(await completed("help", "ver")).toEqual(["verify"]);
    expect(await completed("wait", "--timeout", "")).toEqual([]);
  });

  it("offers files where a job file is wanted, whatever they are called, and folders for a workdir", async () => {
    expect(await completed("run", "jo")).toEqual(["job 7.yaml"]);
    expect(await completed("run", "job 7.yaml", "--workdir", "")).toEqual([]);
  });

  it("knows the options of services by what they say themselves", async () => {
    expect(await completed("driver", "--")).toEqual(["--workdir", "--port", "--help"]);
  });
});

it.each(shells)("completion for %s is a script that the shell can read", async (shell) => {
  const isThere = await execute("sh", ["-c", `command -v ${shell}`]).catch(() => undefined);
  if (isThere !== undefined) await execute(shell, ["-n", join(folder, shell)]);
});
