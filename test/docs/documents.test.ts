// Every command in every document is run as it stands, as a newcomer would paste it: those of README.md at the top of the
// repository, those of docs/ in a folder of their own; what is only shown is marked so, and is not far from the truth.

import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { noctuaProgram } from "../../services/cli/commands/program.js";
import { capturedTerminal } from "../../services/cli/commands/testing.js";
import { jobFileSchema } from "../../services/cli/io/job-schema.js";
import { noctua } from "../support/run-node.js";
import { blocksOf, callsIn, guides, pages, textOf, top } from "./documents.js";
import { metricRows } from "./metrics-table.js";
import { Shell } from "./shell.js";

/** Blocks that are not run here, by how they begin, and why. */
const elsewhere: readonly (readonly [begins: RegExp, why: string])[] = [
  [/^npm run (demo|sim)\b/, ".ci/run runs it"],
  [/^mkdir -p work\nnode generate.mjs/, "the tests beside these programs run each of them"],
  [
    /^node \.\.\/\.\.\/dist\/noctua.cjs run job.yaml/,
    "test/integration/cms-dimuon.test.ts runs it, where the data is",
  ],
  [/^apt-get install python3-grpcio/, "test/integration/feedback.test.ts runs it, where Python can"],
  [/^node dist\/noctua.cjs run examples\/payloads/, "test/integration/payload-languages.test.ts runs it"],
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
  return blocks.filter(({ text }) => !elsewhere.some(([begins]) => begins.test(text)));
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

describe.each(guides)("%s", (guide) => {
  it("has no command that nobody runs", () => {
    expect(commandsOf(guide)).toEqual([]);
  });
});

describe("docs/", () => {
  beforeAll(async () => {
    await openShell();
    await shell.run(`alias noctua="node ${top}/dist/noctua.cjs"`);
  });
  afterAll(closeShell);

  const commands = pages.flatMap((page) => commandsOf(page).map((block) => ({ page, ...block })));
  it.each(commands)("$page keeps its word: $title", { timeout: 120_000 }, keepsItsWord);

  it("has an index that leads to each page", () => {
    const index = textOf("docs/README.md");
    const names = pages.map((page) => page.replace("docs/", "")).filter((name) => name !== "README.md");
    expect(names.filter((name) => !index.includes(`](${name})`))).toEqual([]);
  });

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

describe.each(["README.md", ...pages, ...guides])("%s", (document) => {
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

it.each(["ARCHITECTURE.md", "STYLE.md"])("%s names files that are there", (document) => {
  const files = ["services", "test", "tools", "examples", "payloads", "proto", "docs"].flatMap((folder) =>
    readdirSync(join(top, folder), { recursive: true, encoding: "utf8" }).map((path) => `/${folder}/${path}`),
  );
  const named = [...textOf(document).matchAll(/`([\w./-]+\.(?:ts|mjs|md|proto))`/g)].map(
    ([, name = ""]) => name,
  );
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !files.some((file) => file.endsWith(`/${name}`)))).toEqual([]);
});
