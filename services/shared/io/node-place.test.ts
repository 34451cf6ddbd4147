import { once } from "node:events";
import { rmdirSync } from "node:fs";
import { access, chmod, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { GroupRecords, groupsFile } from "./group-records.js";
import { silentLogger } from "./logger.js";
import { openPlace, type NodePlace } from "./node-place.js";
import { identityOf } from "./process-identity.js";
import { markVariable } from "./process-marks.js";
import { aFolder, cleanUp, isAlive, sleeper } from "./testing-processes.js";

afterEach(cleanUp);

const never = new AbortController().signal;
const open = (root: string, incarnation: string): Promise<NodePlace> =>
  openPlace({ root, name: "node-1", incarnation, log: silentLogger }, never);
const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** A place whose owner has died: as left by SIGKILL. */
async function orphan(place: NodePlace): Promise<void> {
  const { child, pid } = await sleeper();
  await writeFile(join(place.folder, "owner"), `${pid} ${identityOf(pid) ?? ""}\n`);
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

test("a place is private, and gone when it is closed (C1)", async () => {
  const place = await open(await aFolder(), "a");
  expect((await stat(place.folder)).mode & 0o777).toBe(0o700);
  await writeFile(join(place.folder, "something"), "");
  await place.close();
  expect(await isThere(place.folder)).toBe(false);
});

test("a folder that others can look into is refused, with what mends it (C1)", async () => {
  const root = await aFolder();
  const folder = join(root, `noctua-${process.getuid?.() ?? "user"}`);
  await mkdir(folder);
  await chmod(folder, 0o755);
  await expect(open(root, "a")).rejects.toThrow(`chmod 700 '${folder}'`);
});

test("programs that a killed predecessor left are ended, by group and by mark, and its folder is removed (C2)", async () => {
  const root = await aFolder();
  const first = await open(root, "first");
  const [grouped, marked, other] = [
    await sleeper(),
    await sleeper({ [markVariable]: "first:7" }),
    await sleeper({ [markVariable]: "firstborn:7" }),
  ];
  const records = new GroupRecords(join(first.folder, groupsFile));
  records.add(grouped.pid);
  records.close();
  await orphan(first);
  const ended = Promise.all([once(grouped.child, "exit"), once(marked.child, "exit")]);
  await open(root, "second");
  expect(await ended).toEqual([
    [null, "SIGKILL"],
    [null, "SIGKILL"],
  ]);
  expect(await isThere(first.folder)).toBe(false);
  expect(isAlive(other.pid)).toBe(true);
});

test("a service begins while another one of its name, of another run, removes what they share", async () => {
  const root = await aFolder();
  const first = await open(root, "first");
  await orphan(first);
  const log = { ...silentLogger, info: () => rmdirSync(dirname(first.folder)) }; // It was told of the sweep.
  const place = await openPlace({ root, name: "node-1", incarnation: "second", log }, never);
  expect(await isThere(join(place.folder, "owner"))).toBe(true);
});

test("a pid that means another process by now is left alone, and so are half records (C2)", async () => {
  const root = await aFolder();
  const first = await open(root, "first");
  const other = await sleeper();
  const earlier = (identityOf(other.pid) ?? "").replace(/\d+$/, "1");
  await writeFile(
    join(first.folder, groupsFile),
    `${other.pid} ${earlier}\n${other.pid} unknown\n${other.pid}`,
  );
  await orphan(first);
  await open(root, "second");
  expect(await isThere(first.folder)).toBe(false);
  expect(isAlive(other.pid)).toBe(true);
});

test("a predecessor that lives is left alone, and so are its programs (C2)", async () => {
  const root = await aFolder();
  const first = await open(root, "first");
  const program = await sleeper({ [markVariable]: "first:1" });
  const second = await open(root, "second");
  expect(isAlive(program.pid)).toBe(true);
  await second.close();
  expect(await isThere(first.folder)).toBe(true);
});

test("a place that was being made when its maker died is in nobody's way", async () => {
  const root = await aFolder();
  const first = await open(root, "first");
  await rm(join(first.folder, "owner"));
  await open(root, "second");
  expect(await isThere(first.folder)).toBe(true);
});
