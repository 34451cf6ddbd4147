import { execFile, type ChildProcess } from "node:child_process";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noctuaVersion } from "../shared/core/version.js";
import { exitCodes } from "./io/cli-error.js";

/** As it ships, since it starts in a tenth of the time; a copy, which has no service beside it. */
const shipped = fileURLToPath(new URL("../../dist/noctua.cjs", import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "noctua-main-"));
  await copyFile(shipped, join(folder, "noctua.cjs"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function noctua(...args: readonly string[]): Promise<Ended> {
  return noctuaTold(() => undefined, ...args);
}

/** Where something is done to it when it says the first word. */
function noctuaTold(onWord: (child: ChildProcess) => void, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(folder, "noctua.cjs"), ...args],
      (_error, stdout, stderr) => resolve({ exitCode: child.exitCode, stdout, stderr }),
    );
    child.stderr?.once("data", () => onWord(child));
  });
}

describe("the command line", () => {
  it("teaches how to begin, and what its exit codes mean", async () => {
    const { exitCode, stdout } = await noctua("--help");
    expect(exitCode).toBe(exitCodes.ok);
    expect(stdout).toContain("noctua run job.yaml --workdir work");
    for (const code of Object.values(exitCodes)) expect(stdout).toMatch(new RegExp(`^ {2}${code} +\\w`, "m"));
    for (const command of [
      "init",
      "check",
      "run",
      "submit",
      "status",
      "explain",
      "logs",
      "verify",
      "driver",
      "actor",
      "merger",
    ]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${command} \\[`, "m"));
    }
  });

  it("stops counting events when it is told to, and ends as a program does that a signal ends", async () => {
    const counting = '{ command: [sh, -c, "sleep 600", sh, "{input}"] }';
    const path = join(folder, "counting.yaml");
    const payload = '{ kind: exec, command: [sh, "{output}"] }';
    await writeFile(
      path,
      `name: x\ninputs: [{ path: counting.yaml, events: ${counting} }]\npayload: ${payload}\n`,
    );
    const ended = await noctuaTold((child) => child.kill("SIGINT"), "check", path);
    expect(ended.stderr).toBe("noctua: counting the events of 1 input\nnoctua: asked to stop by SIGINT\n");
    expect(ended.exitCode).toBe(130);
  });

  it("tells its version", async () => {
    expect((await noctua("--version")).stdout).toBe(`${noctuaVersion}\n`);
  });

  it.each<[string, readonly string[], number, RegExp]>([
    [
      "no such command",
      ["sttus"],
      exitCodes.usage,
      /^noctua: expected a command that is known, found "sttus" \(did you mean status\?\)/,
    ],
    [
      "a missing option",
      ["status"],
      exitCodes.usage,
      /^noctua: --workdir \(or NOCTUA_WORKDIR\): expected a folder/,
    ],
    [
      "an option out of bounds",
      ["run", "x", "--slots", "0"],
      exitCodes.usage,
      /^noctua: --slots: expected a whole number from 1 to 4096, found "0"$/m,
    ],
    [
      "a credential that has ended when it is made",
      ["credentials", "x", "--workdir", "x", "--valid", "0s"],
      exitCodes.usage,
      /^noctua: --valid: expected at least 1s, found "0s"$/m,
    ],
    [
      "no such job file",
      ["run", "none.yaml"],
      exitCodes.usage,
      /^noctua: expected a job file at .*none.yaml, found none$/m,
    ],
    [
      "no driver",
      ["status", "--workdir", "none"],
      exitCodes.driverUnavailable,
      /^noctua: no driver has been started on/,
    ],
    ["no logs", ["logs", "1", "--workdir", "none"], exitCodes.usage, /^noctua: expected jobs in .*none/],
    ["no run", ["verify", "--workdir", "none"], exitCodes.usage, /^noctua: expected jobs in .*none/],
    [
      "no bundle",
      ["driver", "--workdir", "x"],
      exitCodes.internal,
      /expected the driver's bundle at .*driver\.cjs/,
    ],
  ])("ends with one clear sentence and an exit code: %s", async (_name, args, exitCode, message) => {
    const ended = await noctua(...args.map((arg) => arg.replace("none", join(folder, "none"))));
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).not.toMatch(/\n {4}at /);
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.stdout).toBe("");
  });
});
