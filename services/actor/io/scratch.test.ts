import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { silentLogger } from "../../shared/io/logger.js";
import { identityOf } from "../../shared/io/process-identity.js";
import { openScratch, type Scratch } from "./scratch.js";
import { isThere, newFolder, removeFolders, until } from "./testing.js";

afterAll(removeFolders);

const never = new AbortController().signal;
const open = (root: string, incarnation: string): Promise<Scratch> =>
  openScratch({ root, actor: "node-1", incarnation, log: silentLogger }, never);

/** A process that has a group of its own, as payloads do. */
async function sleeper(): Promise<{ child: ChildProcess; pid: number }> {
  const child = spawn("sleep", ["1000"], { detached: true, stdio: "ignore" });
  await once(child, "spawn");
  return { child, pid: child.pid ?? 0 };
}

/** A scratch folder whose owner has died: as left by SIGKILL. */
async function orphan(scratch: Scratch): Promise<void> {
  const { child, pid } = await sleeper();
  await writeFile(join(scratch.folder, "owner"), `${pid} ${identityOf(pid) ?? ""}\n`);
  child.kill("SIGKILL");
  await once(child, "exit");
}

test("the scratch folder is private, and gone when it is closed", async () => {
  const root = await newFolder();
  const scratch = await open(root, "a");
  const run = await scratch.runFolder("1.2.3");
  for (const folder of [scratch.folder, run]) expect((await stat(folder)).mode & 0o777).toBe(0o700);
  await writeFile(join(run, "output"), "events");
  await scratch.close();
  expect(await isThere(scratch.folder)).toBe(false);
});

test("a folder that others can look into is refused, with what mends it", async () => {
  const root = await newFolder();
  const folder = join(root, `noctua-${process.getuid?.() ?? "user"}`);
  await mkdir(folder);
  await chmod(folder, 0o755);
  await expect(open(root, "a")).rejects.toThrow(`chmod 700 '${folder}'`);
});

test("process groups that a killed predecessor left are ended, and its folder is removed", async () => {
  const root = await newFolder();
  const first = await open(root, "first");
  const [old, young] = [await sleeper(), await sleeper()];
  first.recordGroup(0, old.pid);
  first.recordGroup(0, young.pid); // The slot's next run: only this one runs still.
  await orphan(first);
  const ended = once(young.child, "exit");
  await open(root, "second");
  expect(await ended).toEqual([null, "SIGKILL"]);
  expect(await isThere(first.folder)).toBe(false);
  expect(identityOf(old.pid)).toBeDefined();
  old.child.kill("SIGKILL");
});

test("a pid that means another process by now is left alone", async () => {
  const root = await newFolder();
  const first = await open(root, "first");
  const other = await sleeper();
  await writeFile(
    join(first.folder, "group1"),
    `${other.pid} ${(identityOf(other.pid) ?? "").replace(/\d+$/, "1")}\n`,
  );
  await writeFile(join(first.folder, "group2"), `${other.pid} unknown\n`);
  await writeFile(join(first.folder, "group3"), "");
  await orphan(first);
  await open(root, "second");
  expect(await isThere(first.folder)).toBe(false);
  expect(identityOf(other.pid)).toBeDefined();
  other.child.kill("SIGKILL");
});

test("a predecessor that lives is left alone, and so are its processes", async () => {
  const root = await newFolder();
  const first = await open(root, "first");
  const payload = await sleeper();
  first.recordGroup(0, payload.pid);
  const second = await open(root, "second");
  expect(identityOf(payload.pid)).toBeDefined();
  await second.close();
  expect(await isThere(first.folder)).toBe(true);
  payload.child.kill("SIGKILL");
});

test("a record is replaced in one piece", async () => {
  const scratch = await open(await newFolder(), "a");
  scratch.recordGroup(0, process.pid);
  scratch.recordGroup(0, 1);
  const text = await readFile(join(scratch.folder, "group1"), "utf8");
  expect(text.trimEnd()).toBe(`1 ${identityOf(1) ?? "unknown"}`);
});

test("a process that has ended has no identity, though nobody has noticed yet", async () => {
  const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 1000"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  await until(() => identityOf(Number(line)) === undefined);
  parent.kill("SIGKILL");
});
