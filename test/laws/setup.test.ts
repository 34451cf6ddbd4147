// A fresh clone is set up by one command, which does nothing when there is nothing to do, and harms nobody beside it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exclusively } from "../../tools/setup/exclusive.mjs";
import { nodeVersionProblem } from "../../tools/setup/node-version.mjs";
import { type PlantedTree, plantTree } from "./planted-tree.js";

let tree: PlantedTree;
const setup = () => tree.run("node", "tools/setup.mjs");
const at = (path: string) => join(tree.root, path);

beforeEach(() => {
  tree = plantTree(
    {
      "services/driver/io/wire.ts": `export { Job } from "../../../gen/noctua/v1/job.js";\n`,
      "services/driver/main.ts": `import { Job } from "./io/wire.js";\nprocess.stdout.write(JSON.stringify(Job.create()));\n`,
    },
    ["tools"],
  );
  rmSync(at("gen"), { recursive: true });
});

afterEach(() => tree.remove());

test("a fresh clone gets code and bundles; the next setup does nothing and says nothing", async () => {
  const first = await setup();
  expect(first).toMatchObject({ isOk: true });
  expect(first.output).toContain("generating code");
  expect(first.output).toContain("bundling");
  expect((await tree.run("node", "dist/driver.cjs")).output).toBe(`{"jobId":""}`);
  expect(await setup()).toMatchObject({ isOk: true, output: "" });
});

test("only what changed is made again, and what is gone is removed", async () => {
  await setup();
  tree.write({ "services/driver/core/decide.test.ts": "// Another test.\n", "README.md": "# Planted\n" });
  expect((await setup()).output).toBe("");
  tree.write({ "services/driver/core/decide.ts": "// Another decision.\n" });
  const bundled = (await setup()).output;
  expect(bundled).toContain("bundling");
  expect(bundled).not.toContain("generating");
  tree.write({ "dist/gone.cjs": "", "gen/noctua/v1/gone.ts": "" });
  const proto = readFileSync(at("proto/noctua/v1/job.proto"), "utf8");
  tree.write({ "proto/noctua/v1/job.proto": proto.replace("job_id", "name") });
  expect((await setup()).output).toMatch(/generating[^]*bundling/);
  expect((await tree.run("node", "dist/driver.cjs")).output).toBe(`{"name":""}`);
  expect(readdirSync(at("gen/noctua/v1"))).toEqual(["job.ts"]);
  expect(readdirSync(at("dist")).filter((name) => name.endsWith(".cjs"))).toEqual([
    "actor.cjs",
    "driver.cjs",
    "merger.cjs",
    "noctua.cjs",
  ]);
});

test("three at once do the work once", async () => {
  const results = await Promise.all([setup(), setup(), setup()]);
  expect(results.map(({ isOk }) => isOk)).toEqual([true, true, true]);
  expect(results.filter(({ output }) => output.includes("generating"))).toHaveLength(1);
  expect((await tree.run("node", "dist/driver.cjs")).isOk).toBe(true);
  expect(readdirSync(at("build"))).toEqual([]);
});

test("a broken proto fails with its place, and leaves what was there", async () => {
  await setup();
  const before = readFileSync(at("gen/noctua/v1/job.ts"), "utf8");
  tree.write({ "proto/noctua/v1/job.proto": `syntax = "proto3";\nmessage {\n` });
  const { isOk, output } = await setup();
  expect(isOk).toBe(false);
  expect(output).toContain("proto/noctua/v1/job.proto:2:9:");
  expect(readFileSync(at("gen/noctua/v1/job.ts"), "utf8")).toBe(before);
  expect(readdirSync(at("build"))).toEqual([]);
});

test("an interrupted build is not taken for a finished one", async () => {
  await setup();
  rmSync(at("gen/.inputs"));
  rmSync(at("gen/noctua/v1/job.ts"));
  expect((await setup()).output).toContain("generating");
  expect(existsSync(at("gen/noctua/v1/job.ts"))).toBe(true);
});

test("a setup that was killed does not block the next one", async () => {
  tree.write({ "build/setup.lock": `${hostname()} ${process.pid} 1` });
  expect(await setup()).toMatchObject({ isOk: true });
  expect(existsSync(at("build/setup.lock"))).toBe(false);
});

test("a setup waits for one that lives, says for whom, and goes on", async () => {
  const child = await exclusively(at("build/setup.lock"), async () => {
    const waiting = spawn(process.execPath, ["tools/setup.mjs"], {
      cwd: tree.root,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const [said] = await once(waiting.stderr, "data");
    expect(String(said)).toBe(
      `setup: waiting for another setup (${readFileSync(at("build/setup.lock"), "utf8")})\n`,
    );
    expect(waiting.exitCode).toBeNull();
    expect(existsSync(at("gen"))).toBe(false);
    waiting.stderr.resume();
    return waiting;
  });
  expect(await once(child, "close")).toEqual([0, null]);
  expect(existsSync(at("gen"))).toBe(true);
});

test("waiting for a lock has a limit, and the error names the file", async () => {
  tree.write({ "build/setup.lock": "another-host 1 1" });
  const waiting = exclusively(at("build/setup.lock"), async () => "never", { waitMs: 0 });
  await expect(waiting).rejects.toThrow(/build\/setup\.lock is held by another-host 1 1/);
});

test("packages that do not fit the lock file are installed, with npm's own words when that fails", async () => {
  const lock = JSON.parse(readFileSync(at("package-lock.json"), "utf8"));
  lock.packages["node_modules/zod"].version = "0.0.1";
  writeFileSync(at("package-lock.json"), JSON.stringify(lock));
  tree.writeNpm(`echo "called with $*"; echo "the shelf is empty" >&2; exit 3`);
  const { isOk, output } = await setup();
  expect(isOk).toBe(false);
  expect(output).toContain("called with ci --include=dev\n");
  expect(output).toContain("the shelf is empty\n");
  expect(output).toContain("npm ci failed (exit code 3)");
  expect(existsSync(at("gen"))).toBe(false);
});

test("a Node that is too old is told so before anything else", async () => {
  const manifest = readFileSync(at("package.json"), "utf8");
  writeFileSync(at("package.json"), manifest.replace(">=20.20 <21 || >=22.2", ">=99.1"));
  const { isOk, output } = await setup();
  expect(isOk).toBe(false);
  expect(output).toContain(`setup: Noctua needs Node >=99.1, found ${process.versions.node} (`);
});

test.for([
  ["18.20.1", false],
  ["20.19.9", false],
  ["20.20.0", true],
  ["21.9.0", false],
  ["22.1.0", false],
  ["22.2.0", true],
  ["24.0.0", true],
] as const)("Node %s fits: %s", ([version, fits]) => {
  expect(nodeVersionProblem(tree.root, version) === undefined).toBe(fits);
});
