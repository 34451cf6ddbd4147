// Every command in every document is run as it stands, as a newcomer would paste it: those of README.md at the top of the
// repository, those of docs/ in a folder of their own; what is only shown is marked so, and is not far from the truth.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { noctuaProgram } from "../../services/cli/commands/program.js";
import { capturedTerminal } from "../../services/cli/commands/testing.js";
import { jobFileSchema } from "../../services/cli/io/job-schema.js";
import { noctua } from "../support/farm-of-processes.js";
import { blocksOf, callsIn, others, pages, textOf, top } from "./documents.js";
import { metricRows } from "./metrics-table.js";
import { Shell } from "./shell.js";

/** Blocks that are not run here, by what they begin with, and why. */
const notRun: readonly (readonly [begins: RegExp, why: string])[] = [
  [/^npm run demo\b/, ".ci/run runs it"],
  [/^npm run sim\b/, ".ci/run runs it, with more seeds"],
  [/^mkdir -p work\nnode generate.mjs/, "the tests beside these programs run each of them"],
  [/^node count.mjs/, "test/integration/cms-dimuon.test.ts runs it, where the data is"],
];

const services = ["driver", "actor", "merger"] as const;

let folder: string;
let shell: Shell;

/** A terminal whose scripts and files are gone with it. */
async function openShell(cwd?: string): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), "noctua-docs-"));
  for (const inside of ["scripts", "run"]) await mkdir(join(folder, inside));
  shell = new Shell(cwd ?? join(folder, "run"), join(folder, "scripts"));
}

async function closeShell(): Promise<void> {
  await shell.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

function commandsOf(document: string): { title: string; text: string }[] {
  const blocks = blocksOf(document).filter(({ language }) => language === "sh");
  return blocks.filter(({ text }) => !notRun.some(([begins]) => begins.test(text)));
}

async function keepsItsWord({ text }: { readonly text: string }): Promise<void> {
  const { isGood, output } = await shell.run(text);
  expect(isGood, output).toBe(true);
}

describe("README.md", () => {
  beforeAll(async () => {
    await rm(join(top, "build", "first"), { recursive: true, force: true });
    await openShell(top);
  });
  afterAll(closeShell);

  it.each(commandsOf("README.md"))("keeps its word: $title", { timeout: 120_000 }, keepsItsWord);
});

describe("docs/", () => {
  beforeAll(async () => {
    await openShell();
    await shell.run(`alias noctua="node ${top}/dist/noctua.cjs"`);
  });
  afterAll(closeShell);

  const commands = pages.flatMap((page) => commandsOf(page).map((block) => ({ page, ...block })));
  it.each(commands)("$page keeps its word: $title", { timeout: 120_000 }, keepsItsWord);

  it.each(services)("has each metric of the %s, as it is exposed", async (service) => {
    const exposed = await readFile(join(folder, "run", `${service}-metrics.txt`), "utf8");
    const section = textOf("docs/metrics.md")
      .split(/^### /m)
      .find((part) => part.startsWith(`The ${service}'s`));
    const rows = (section ?? "").split("\n").filter((line) => line.startsWith("| `"));
    expect(rows).toEqual(metricRows(exposed, rows));
  });
});

/** Of each command. */
const options = new Map<string, readonly string[]>();

beforeAll(async () => {
  const { terminal } = capturedTerminal();
  const noctuaItself = noctuaProgram({
    ...{ terminal, stdin: process.stdin, stdout: { write: () => true }, env: {}, execPath: "node" },
    ...{ serviceCommand: (service) => [service], perform: () => Promise.resolve() },
  });
  for (const command of noctuaItself.commands)
    options.set(
      command.name(),
      command.options.map(({ long }) => long ?? ""),
    );
  for (const service of services) {
    const { stdout } = await noctua(service, "--help");
    options.set(
      service,
      [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, long = ""]) => long),
    );
  }
});

describe.each([...pages, ...others])("%s", (document) => {
  const blocks = blocksOf(document);

  it("says of each block what it is", () => {
    for (const { language, title } of blocks)
      expect(["sh", "text", "yaml", "json", "python"], title).toContain(language);
  });

  it("shows parts of job files that are taken", () => {
    const payload = { kind: "exec", command: ["run", "{output}"] };
    for (const { text } of blocks.filter(({ language }) => language === "yaml"))
      expect(jobFileSchema.safeParse({ name: "x", payload, ...parse(text) }), text).toMatchObject({
        success: true,
      });
  });

  it("names commands and options that there are", () => {
    for (const { command, flags } of callsIn(document)) {
      expect([...options.keys()], document).toContain(command);
      for (const flag of flags) expect(options.get(command), `noctua ${command}`).toContain(flag);
    }
  });

  it("links to files that are there", () => {
    const links = [...textOf(document).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(
      ([, path = ""]) => path,
    );
    expect(links.filter((path) => !existsSync(join(top, dirname(document), path)))).toEqual([]);
  });
});
