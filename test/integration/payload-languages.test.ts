// The examples of stream payloads, under the whole of Noctua, by the commands that their files name.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { languages } from "../payloads/languages.js";
import { noctua, runNode } from "../support/run-node.js";
import { privateFolder } from "../support/private-folder.js";

const examples = join(import.meta.dirname, "..", "..", "examples");

/** Runs a job to its end, and returns its merged files. */
async function mergedBy(jobFile: string): Promise<readonly string[]> {
  const workdir = join(await privateFolder(), "work");
  const { code, stdout, stderr } = await noctua("run", jobFile, "--workdir", workdir);
  expect(code, stdout + stderr).toBe(0);
  const merged = join(workdir, "jobs", "1", "merged");
  return (await readdir(merged)).map((name) => join(merged, name));
}

async function sortedLines(path: string): Promise<readonly string[]> {
  return (await readFile(path, "utf8")).split("\n").sort();
}

for (const { name, missing } of languages) {
  const title = missing === undefined ? `masses in ${name}` : `masses in ${name}, for lack of ${missing}`;
  describe.skipIf(missing !== undefined)(title, () => {
    it("are made by its job, each once", { timeout: 120_000 }, async () => {
      const jobFile = join(examples, "payloads", `${name}.yaml`);
      // What the job file says has to be done first.
      const [, first] = /^# (mkdir .*)$/m.exec(await readFile(jobFile, "utf8")) ?? [];
      if (first !== undefined) execFileSync("sh", ["-c", first], { cwd: join(examples, "payloads") });

      const texts = await Promise.all((await mergedBy(jobFile)).map((path) => readFile(path, "utf8")));

      const lines = texts.join("").trim().split("\n");
      expect(new Set(lines.map((line) => Number(line.split(" ")[0]))).size).toBe(100);
      expect(lines).toHaveLength(100);
    });
  });
}

const collisions = join(examples, "..", "..", "shared", "data", "cms-zmumu.root");
const hasJsroot = existsSync(join(examples, "..", "node_modules", "jsroot"));

describe.skipIf(!(hasJsroot && existsSync(collisions)))(`CMS dimuons, of ${collisions}, by jsroot`, () => {
  it("are each in one merged file, once", { timeout: 120_000 }, async () => {
    const example = join(examples, "cms-dimuon");
    const folder = await privateFolder();
    await mkdir(folder, { recursive: true });
    const text = await readFile(join(example, "job.yaml"), "utf8");
    const jobFile = join(folder, "job.yaml");
    await writeFile(jobFile, text.replace("input/cms-zmumu.root", collisions).replace("{jobDir}", example));

    const merged = await mergedBy(jobFile);

    const { stdout } = await runNode(join(example, "count.mjs"), "--input", collisions, ...merged);
    expect(stdout).toBe("2304 entries expected, 2304 found once, 0 missing, 0 twice, 0 foreign\n");
  });
});

describe("a simulation by a long-lived process", () => {
  it("gives the same bytes as one by a process for each range", { timeout: 120_000 }, async () => {
    const example = join(examples, "drell-yan");
    const folder = await privateFolder();
    await runNode(
      join(example, "generate.mjs"),
      ...["--events", "6", "--files", "1", "--seed", "5", "--folder", join(folder, "input")],
    );
    const input = join(folder, "input", "drell-yan-1.lhe");
    const jobFile = join(folder, "job.yaml");
    await writeFile(
      jobFile,
      `name: same
inputs: [{ path: ${JSON.stringify(input)}, events: 6 }]
eventsPerRange: 2
payload: { kind: stream, command: [node, ${JSON.stringify(join(example, "simulate-stream.mjs"))}] }
output: { suffix: .jsonl }
merge: { kind: concat, every: 3 }
`,
    );

    const [merged = "", ...others] = await mergedBy(jobFile);

    expect(others).toEqual([]);
    const output = join(folder, "one.jsonl");
    await runNode(
      join(example, "simulate.mjs"),
      ...["--input", input, "--first", "1", "--last", "6", "--output", output],
    );
    expect(await sortedLines(merged)).toEqual(await sortedLines(output));
  });
});
