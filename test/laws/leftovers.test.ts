// A test file that leaves something behind fails, and says what; one that leaves nothing, or what goes by itself, does not.

import { expect, onTestFinished, test, vi } from "vitest";
import { plantTree } from "./planted-tree.js";

const start = `const start = (options) =>
  spawn("/bin/sleep", ["1000"], { detached: true, stdio: "ignore", ...options }).unref();`;
const head = `import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
${start}
`;
/** Shell words that start something whose parent is gone at once. */
const orphan = (words: string): string => `spawn("/bin/sh", ["-c", ${JSON.stringify(`${words} &`)}]`;

const leavers = {
  nothing: `mkdtempSync(join(tmpdir(), "tsx-"));`,
  "what-ends": `spawn("/bin/sleep", ["0.3"]);`,
  child: `start({ env: {} });`,
  "orphan-with-environment": `${orphan("exec sleep 1001")}, { stdio: "ignore" });`,
  "orphan-in-its-folder": `${orphan("exec sleep 1002")}, { stdio: "ignore", env: {}, cwd: mkdtempSync(join(tmpdir(), "x-")) });`,
  listener: `await new Promise((listening) => createServer().listen(0, listening));`,
  folder: `mkdtempSync(join(tmpdir(), "forgotten-"));`,
  "file-in-repository": `writeFileSync(join(import.meta.dirname, "forgotten.txt"), "");`,
} as const;

/** Where each file has a process of its own, and where they share one. */
const folders = ["test/laws", "services/shared/core"];

test("a test file that leaves something behind fails, and says what", async () => {
  vi.stubEnv("NOCTUA_TEST_LOOKS", "10");
  onTestFinished(() => void vi.unstubAllEnvs());
  const files = folders.flatMap((folder) =>
    Object.entries(leavers).map(([name, leave]) => [
      `${folder}/${name}.test.ts`,
      `${head}test("leaves ${name}", async () => { ${leave} });\n`,
    ]),
  );
  const tree = plantTree(Object.fromEntries(files) as Record<string, string>, ["tools", "vitest.config.ts"]);
  onTestFinished(() => tree.remove());
  const { isOk, output } = await tree.run("node_modules/.bin/vitest", "run", ...folders, "--no-color");
  expect(isOk).toBe(false);
  const failures = [...output.matchAll(/FAIL .* (\S+)\/([\w-]+)\.test\.ts [^\n]*\nError: ([^\n]*)/g)];
  const found = "expected this file's tests to leave nothing behind, found ";
  for (const folder of folders) {
    const ofFolder = failures.filter(([, where]) => where === folder);
    expect(Object.fromEntries(ofFolder.map(([, , name = "", reason = ""]) => [name, reason]))).toEqual({
      child: expect.stringMatching(RegExp(`^${found}process \\d+ \\(/bin/sleep 1000\\)$`)),
      "orphan-with-environment": expect.stringMatching(RegExp(`^${found}process \\d+ \\(sleep 1001\\)$`)),
      "orphan-in-its-folder": expect.stringMatching(
        RegExp(`^${found}process \\d+ \\(sleep 1002\\); x-\\w+ in TMPDIR$`),
      ),
      listener: `${found}a socket that listens (TCPServerWrap)`,
      folder: expect.stringMatching(RegExp(`^${found}forgotten-\\w+ in TMPDIR$`)),
    });
    expect(output).toContain(`${folder}/forgotten.txt in the repository`);
  }
}, 120_000);
