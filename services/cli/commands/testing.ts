// For tests: a command line without a terminal, a workdir, a job file.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { systemClock } from "../../shared/io/system-clock.js";
import { testFolder } from "../../shared/io/testing-folder.js";
import { answerSchemas } from "../io/answer-schemas.js";
import { Terminal } from "../io/terminal.js";
import { emptyBooks, FakeDriver, type FakeBooks } from "../io/wire-fake-driver.js";

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

/** A job file of two inputs with ten events each, merged every five, and an empty workdir; they go when the test is over. */
export async function jobFolder(): Promise<JobFolder> {
  const folder = await testFolder();
  for (const name of ["1.lhe", "2.lhe"]) await writeFile(join(folder, name), "events");
  const jobFile = join(folder, "job.yaml");
  const inputs = ["1.lhe", "2.lhe"].map((path) => ({ path, events: 10 }));
  const payload = { kind: "exec", command: ["run", "{output}"] };
  await writeFile(jobFile, JSON.stringify({ name: "drell-yan", inputs, payload, merge: { every: 5 } }));
  const workdir = join(folder, "work");
  await mkdir(workdir);
  return { folder, workdir, jobFile };
}

/** A file of the workdir; returns where it lies. */
export async function put({ workdir }: JobFolder, path: string, text: string): Promise<string> {
  const absolute = join(workdir, path);
  await mkdir(dirname(absolute), { recursive: true });
  await writeFile(absolute, text);
  return absolute;
}

export interface FakeRun {
  readonly place: JobFolder;
  readonly captured: Captured;
  readonly books: FakeBooks;
  readonly driver: FakeDriver;
}

/** A job folder whose workdir has a driver, process `pid` by its address; both go when the test is over. */
export async function fakeRun(pid = process.pid): Promise<FakeRun> {
  const place = await jobFolder();
  const books = emptyBooks();
  const driver = await FakeDriver.start({ workdir: place.workdir, books, pid });
  onTestFinished(() => driver.stop());
  return { place, captured: capturedTerminal(), books, driver };
}

/** What a command printed, once it is held against the schema that it names. Throws where it is not as that says. */
export function checkedAnswer(text: string): unknown {
  const answer: unknown = JSON.parse(text);
  const named =
    typeof answer === "object" && answer !== null && "schema" in answer ? answer.schema : undefined;
  const [, name = ""] = /^noctua\.(\w+)\/v1$/.exec(String(named)) ?? [];
  const schema = answerSchemas[name];
  if (schema === undefined) throw new Error(`expected the name of a schema, found ${JSON.stringify(named)}`);
  return schema.parse(answer);
}
