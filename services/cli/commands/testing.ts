// For tests: a command line without a terminal, a workdir, a job file.

import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../shared/io/system-clock.js";
import { Terminal } from "../io/terminal.js";

/** What was printed. */
export interface Captured {
  readonly terminal: Terminal;
  stdout(): string;
  stderr(): string;
}

export function capturedTerminal(): Captured {
  const written = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr") => ({
    write: (text: string | Uint8Array) =>
      void (written[name] += typeof text === "string" ? text : Buffer.from(text).toString("latin1")),
  });
  return {
    terminal: new Terminal(sink("stdout"), sink("stderr"), systemClock),
    stdout: () => written.stdout,
    stderr: () => written.stderr,
  };
}

export interface JobFolder {
  readonly folder: string;
  readonly workdir: string;
  readonly jobFile: string;
}

/** A job file of two inputs with ten events each, merged every five, and an empty workdir. */
export async function jobFolder(): Promise<JobFolder> {
  const folder = await mkdtemp(join(tmpdir(), "noctua-cli-"));
  for (const name of ["1.lhe", "2.lhe"]) await writeFile(join(folder, name), "events");
  const jobFile = join(folder, "job.yaml");
  const inputs = ["1.lhe", "2.lhe"].map((path) => ({ path, events: 10 }));
  const payload = { kind: "exec", command: ["run", "{output}"] };
  await writeFile(jobFile, JSON.stringify({ name: "drell-yan", inputs, payload, merge: { every: 5 } }));
  const workdir = join(folder, "work");
  await mkdir(workdir);
  return { folder, workdir, jobFile };
}
