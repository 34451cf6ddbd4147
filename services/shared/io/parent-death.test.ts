import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { willStart } from "./parent-death.js";
import { aFolder, cleanUp } from "./testing-processes.js";

afterEach(cleanUp);

const env = { PATH: "/usr/bin:/bin" };

test("what the system would start is told from what it would not (D1)", async () => {
  const cwd = await aFolder();
  const script = async (name: string, text: string, mode = 0o755): Promise<string> => {
    const path = join(cwd, name);
    await writeFile(path, text);
    await chmod(path, mode);
    return path;
  };
  const good = await script("good", "#!/bin/sh\n");
  await mkdir(join(cwd, "folder"));
  expect(willStart(["sh"], { cwd, env })).toBe(true);
  expect(willStart(["/bin/sh", "-c"], { cwd, env })).toBe(true);
  expect(willStart([good], { cwd, env: {} })).toBe(true);
  expect(willStart(["./good"], { cwd, env })).toBe(true);
  expect(willStart(["good"], { cwd, env: { PATH: `/nowhere:${cwd}` } })).toBe(true);

  expect(willStart(["./good"], { cwd: "/", env })).toBe(false);
  expect(willStart(["good"], { cwd, env })).toBe(false);
  expect(willStart(["sh"], { cwd: "/", env: {} })).toBe(false);
  expect(willStart(["/no/such/program"], { cwd, env })).toBe(false);
  expect(willStart([await script("plain", "data", 0o644)], { cwd, env })).toBe(false);
  expect(willStart([await script("lost", "#! /no/such/interpreter -x\n")], { cwd, env })).toBe(false);
  expect(willStart([join(cwd, "folder")], { cwd, env })).toBe(false);
  expect(willStart([], { cwd, env })).toBe(false);
});
