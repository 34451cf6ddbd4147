// A newcomer's first minute: noctua init, check, run, as they are typed, in an empty folder.

import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { privateFolder } from "../support/private-folder.js";

const execute = promisify(execFile);
const program = join(import.meta.dirname, "..", "..", "dist", "noctua.cjs");

/** What a shell says in the folder, where `noctua` is Noctua. */
async function typed(folder: string, line: string): Promise<string> {
  const script = `noctua() { "${process.execPath}" "${program}" "$@"; }; ${line}`;
  const options = { cwd: folder, env: { PATH: process.env["PATH"], NO_COLOR: "1" } };
  const { stdout, stderr } = await execute("sh", ["-c", script], options);
  return stdout + stderr;
}

it.each(["exec", "stream"])("what init writes runs at once, of kind %s", async (kind) => {
  const folder = await privateFolder();
  const said = await typed(
    folder,
    `noctua init --kind ${kind} && noctua check job.yaml && noctua run job.yaml`,
  );
  expect(said).toMatch(/^wrote job.yaml/);
  expect(said).toMatch(/job.yaml is good/);
  expect(said).toMatch(/12 ranges of 1 input/);
  const merged = join(folder, "noctua-first-job/jobs/1/merged");
  const files = await readdir(merged);
  expect(files).toHaveLength(3);
  const texts = await Promise.all(files.map((file) => readFile(join(merged, file), "utf8")));
  const lines = (await readFile(join(folder, "job.yaml"), "utf8")).split("\n").slice(0, 12);
  expect(texts.join("").split("\n").filter(Boolean).sort()).toEqual(lines.filter(Boolean).sort());
  expect(await typed(folder, "noctua run job.yaml")).toMatch(/goes on with job 1/);
});

it("a job whose events are counted is counted again when it is run again, and refused when they are others", async () => {
  const folder = await privateFolder();
  await writeFile(join(folder, "1.txt"), "7 events\n");
  await writeFile(join(folder, "count"), "7\n");
  const job = {
    name: "counted",
    inputs: [{ path: "[0-9].txt", events: { command: ["cat", "{jobDir}/count", "{input}"] } }],
    payload: { kind: "exec", command: ["sh", "-c", 'echo "$1" > "$2"', "sh", "{first}", "{output}"] },
  };
  await writeFile(join(folder, "job.json"), JSON.stringify(job));
  expect(await typed(folder, "noctua run job.json")).toMatch(
    /counting the events of 1 input\n[^]*7 ranges of 1 input/,
  );
  expect(await typed(folder, "noctua run job.json")).toMatch(/goes on with job 1/);
  await writeFile(join(folder, "count"), "8\n");
  const refused = await typed(folder, "noctua run job.json || echo $?");
  expect(refused).toMatch(/holds another job \(.*1.txt\): events was 7 and is now 8/);
  expect(refused).toMatch(/^64$/m);
});
