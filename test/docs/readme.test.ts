// The commands of README and of docs/, each block run as it stands, as a newcomer would paste it.
//
// `npm test` is what runs this; `npm run demo` is run by .ci/run as a step of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

const top = join(import.meta.dirname, "..", "..");
const documents = ["README.md", "docs/job-file.md"];

/** Run elsewhere, as said above. */
const elsewhere = /^npm (run demo|test)\b/m;

interface Block {
  readonly title: string;
  readonly script: string;
}

function blocksOf(markdown: string): Block[] {
  return markdown.split(/^#{2,3} /m).flatMap((section) => {
    const title = section.slice(0, section.indexOf("\n"));
    return [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, script = ""]) => ({ title, script }));
  });
}

interface ScriptEnd {
  readonly code: unknown;
  readonly output: string;
}

/** Runs a script as bash would run it from a terminal, and leaves nothing of it behind. */
async function runScript(script: string): Promise<ScriptEnd> {
  const child = spawn("bash", ["-eu", "-o", "pipefail", "-m", "-c", script], { cwd: top, detached: true });
  let output = "";
  child.stdout.on("data", (bytes: Buffer) => (output += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (output += bytes.toString()));
  const [code] = await once(child, "close");
  return { code, output };
}

describe.each(documents)("%s", async (document) => {
  const text = await readFile(join(top, document), "utf8");

  beforeAll(async () => {
    for (const name of ["run1", "run2", "run3", "first"])
      await rm(join(top, "build", name), { recursive: true, force: true });
  });

  it.each(blocksOf(text).filter(({ script }) => !elsewhere.test(script)))(
    "keeps its word: $title",
    { timeout: 240_000 },
    async ({ script }) => {
      const { code, output } = await runScript(script);
      expect(code, output).toBe(0);
    },
  );

  it("links to files that are there", () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, path = ""]) => path);
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((path) => !existsSync(join(top, dirname(document), path)))).toEqual([]);
  });
});
