// What `noctua init` writes is good, says nothing that is not so, and takes nobody's file.

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CliError, exitCodes } from "../io/cli-error.js";
import { readJobFile } from "../io/job-file.js";
import { jobJsonSchema } from "../io/job-json-schema.js";
import { quietReader } from "../io/testing-reader.js";
import { init } from "./init.js";
import { capturedTerminal } from "./testing.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "noctua-init-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function initAt(
  name: string,
  kind: "exec" | "stream" = "exec",
  path = process.env["PATH"],
): Promise<string> {
  const captured = capturedTerminal();
  const options = { file: join(folder, name), kind, path, execPath: "/opt/node" };
  expect(await init(options, captured.terminal)).toBe(exitCodes.ok);
  return captured.stdout();
}

const said = (name: string, kind?: "exec" | "stream"): Promise<string> =>
  initAt(name, kind).then(
    () => "nothing",
    (error: unknown) =>
      error instanceof CliError && error.exitCode === exitCodes.usage ? error.message : "?",
  );

describe("init", () => {
  it.each(["exec", "stream"] as const)(
    "writes a good job file of kind %s, as wide as a screen",
    async (kind) => {
      expect(await initAt("job.yaml", kind)).toMatch(/next: noctua check .*job.yaml, then noctua run/);
      const spec = await readJobFile(join(folder, "job.yaml"), quietReader);
      expect(spec).toMatchObject({
        payload: { kind },
        inputs: [{ path: join(folder, "job.yaml"), events: 12 }],
      });
      const text = await readFile(join(folder, "job.yaml"), "utf8");
      expect(text.split("\n").filter((line) => line.length > 110)).toEqual([]);
    },
  );

  it.each(["exec", "stream"] as const)("shows fields that are good too, of kind %s", async (kind) => {
    await initAt("job.yaml", kind);
    const text = await readFile(join(folder, "job.yaml"), "utf8");
    const shown = text.replace(/^( *)# (?=\w+: \S)(?!Yours: )/gm, "$1");
    expect(shown).toMatch(/^priority: 0/m);
    await writeFile(join(folder, "job.yaml"), shown);
    await expect(readJobFile(join(folder, "job.yaml"), quietReader)).resolves.toMatchObject({
      ...{ priority: 0, requires: { arch: "x64" } },
      payload: { needs: { environment: { LIB: "{jobDir}/lib" }, setup: { timeoutMs: 600_000 } } },
      retry: { rules: [{ exitCodes: [2, 3] }] },
    });
  });

  it("puts the schema beside it that its first line names", async () => {
    await initAt("a b.yaml");
    const [first] = (await readFile(join(folder, "a b.yaml"), "utf8")).split("\n");
    expect(first).toBe("# yaml-language-server: $schema=noctua-job.schema.json");
    const schema: unknown = JSON.parse(await readFile(join(folder, "noctua-job.schema.json"), "utf8"));
    expect(schema).toEqual(jobJsonSchema());
    await writeFile(join(folder, "noctua-job.schema.json"), "an older one");
    await initAt("other.yml");
    expect(await readFile(join(folder, "noctua-job.schema.json"), "utf8")).toContain("Noctua job file");
  });

  it("calls Node by its path where nobody finds it by its name", async () => {
    await initAt("job.yaml", "stream", folder);
    const { payload } = await readJobFile(join(folder, "job.yaml"), quietReader);
    expect(payload.command).toEqual(["/opt/node", "{jobDir}/payload.mjs"]);
  });

  it("writes nothing over, and then nothing at all", async () => {
    await writeFile(join(folder, "payload.mjs"), "mine");
    const found = (name: string): string =>
      `expected nothing at ${join(folder, name)}, found a file: choose another name, or move it away; nothing was written`;
    expect(await said("job.yaml", "stream")).toBe(found("payload.mjs"));
    expect(await readdir(folder)).toEqual(["payload.mjs"]);
    await initAt("job.yaml");
    expect(await said("job.yaml")).toBe(found("job.yaml"));
    expect(await said("job.json")).toMatch(/^expected the path of a new .yaml file, found /);
    expect(await said("none/job.yaml")).toMatch(/^cannot write .*none\/job.yaml: there is no such folder$/);
  });
});
