import { execFileSync, spawn } from "node:child_process";
import {
  chmod,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { adler32Of } from "../../shared/core/adler32.js";
import { StageOut, type Output, type Staged } from "./stage-out.js";
import { newFolder, removeFolders, until } from "./testing.js";
import { putHere } from "./testing-put.js";

afterAll(removeFolders);

const to = "jobs/1/outputs/00000/input1.events1-1.grant1.lhe";

/** Another file system than the temporary folder's, where this machine has one. */
const otherFileSystem = await newFolder("/dev/shm").catch(() => undefined);
const isOther =
  otherFileSystem !== undefined && (await lstat(otherFileSystem)).dev !== (await lstat(tmpdir())).dev;

const never = new AbortController().signal;

interface Place {
  readonly workdir: string;
  readonly from: string;
  store(changes?: Partial<Output>): Promise<Staged>;
}

async function place(): Promise<Place> {
  const workdir = await newFolder();
  const stageOut = new StageOut(workdir, { putOutput: await putHere(), troubleMs: 0 });
  const from = join(await newFolder(), "output.lhe");
  return {
    workdir,
    from,
    store: (changes) => stageOut.store({ from, to, durability: "strict", ...changes }, () => never),
  };
}

test.each(["strict", "relaxed"] as const)(
  "an output is moved whole, with its size and checksum (%s)",
  async (durability) => {
    const { workdir, from, store } = await place();
    await writeFile(from, "Wikipedia");
    expect(await store({ durability })).toEqual({ kind: "staged", sizeBytes: 9, adler32: 0x11e60398 });
    expect(await readFile(join(workdir, to), "utf8")).toBe("Wikipedia");
    await expect(lstat(from)).rejects.toThrow("ENOENT");
  },
);

const sizes = [9, 65_535, 65_536, 65_537, 3_000_000];

test.each(sizes)("an output of %i bytes is read to its end", async (size) => {
  const { workdir, from, store } = await place();
  const bytes = Buffer.alloc(size, "muon");
  await writeFile(from, bytes);
  expect(await store()).toEqual({ kind: "staged", sizeBytes: size, adler32: adler32Of(bytes) });
  expect(bytes.equals(await readFile(join(workdir, to)))).toBe(true);
});

test.skipIf(!isOther).each(sizes)(
  "an output of %i bytes on another file system is copied, and appears under its name at once",
  async (size) => {
    const { workdir, store } = await place();
    const from = join(otherFileSystem ?? "", "output.lhe");
    const bytes = Buffer.alloc(size, "muon");
    await writeFile(from, bytes, { mode: 0o640 });
    expect(await store({ from })).toEqual({ kind: "staged", sizeBytes: size, adler32: adler32Of(bytes) });
    expect(await readdir(join(workdir, "jobs/1/outputs/00000"))).toEqual(["input1.events1-1.grant1.lhe"]);
    expect(bytes.equals(await readFile(join(workdir, to)))).toBe(true);
    expect((await lstat(join(workdir, to))).mode & 0o777).toBe(0o640);
    await expect(lstat(from)).rejects.toThrow("ENOENT");
  },
);

test("many outputs of one folder are stored at the same time", async () => {
  const { workdir, from, store } = await place();
  const names = Array.from({ length: 50 }, (_, i) => String(i));
  await Promise.all(names.map((name) => writeFile(`${from}.${name}`, name)));
  const stored = await Promise.all(
    names.map((name) => store({ from: `${from}.${name}`, to: `jobs/1/outputs/1/${name}` })),
  );
  expect(stored.every(({ kind }) => kind === "staged")).toBe(true);
  expect(await readdir(join(workdir, "jobs/1/outputs/1"))).toHaveLength(50);
});

test("no output, an empty one, a folder and a link are the event's failure", async () => {
  const { workdir, from, store } = await place();
  const found = async (): Promise<string> => {
    const staged = await store();
    expect(staged).toMatchObject({ kind: "failure", failure: { class: "event" } });
    await rm(from, { recursive: true, force: true });
    return staged.kind === "failure" ? staged.failure.message : "";
  };
  expect(await found()).toMatch("found nothing there");
  await writeFile(from, "");
  expect(await found()).toMatch("found an empty file");
  await mkdir(from);
  expect(await found()).toMatch("found a folder");
  await symlink("/etc/passwd", from);
  expect(await found()).toMatch("found a symbolic link");
  execFileSync("mkfifo", [from]);
  expect(await found()).toMatch("found something that is no file");
  await writeFile(`${from}.2`, "events");
  await link(`${from}.2`, from);
  expect(await found()).toMatch("found a file that has another name too: a hard link");
  await expect(lstat(join(workdir, to))).rejects.toThrow("ENOENT");
});

test("an output to which somebody still writes is the event's failure, and is not stored", async () => {
  const { workdir, from, store } = await place();
  await writeFile(from, "");
  await truncate(from, 64 * 2 ** 20);
  const writer = spawn("/bin/sh", ["-c", 'while echo more >> "$0"; do :; done', from]);
  onTestFinished(() => void writer.kill());
  const { size } = await lstat(from);
  await until(async () => (await lstat(from)).size > size);
  const staged = await store();
  expect(staged).toMatchObject({
    kind: "failure",
    failure: {
      class: "event",
      message: expect.stringMatching(/^expected the payload to be done with its output/),
    },
  });
  await expect(lstat(join(workdir, to))).rejects.toThrow("ENOENT");
});

test("a workdir that cannot be written to is the node's failure", async () => {
  const { workdir, from, store } = await place();
  await writeFile(from, "events");
  await writeFile(join(workdir, "jobs"), "in the way");
  const staged = await store();
  expect(staged).toMatchObject({ kind: "failure", failure: { class: "node" } });
  expect(staged.kind === "failure" ? staged.failure.message : "").toMatch(to);
});

test("a workdir that is not seen is not made", async () => {
  const { workdir, from, store } = await place();
  await writeFile(from, "events");
  await rm(workdir, { recursive: true });
  expect(await store()).toMatchObject({ kind: "failure", failure: { class: "node" } });
  await expect(lstat(workdir)).rejects.toThrow("ENOENT");
});

test("a folder that was removed meanwhile is made again", async () => {
  const { workdir, from, store } = await place();
  await writeFile(from, "events");
  await store();
  await rm(join(workdir, "jobs"), { recursive: true });
  await writeFile(from, "events");
  expect(await store()).toMatchObject({ kind: "staged" });
});

test.skipIf(process.getuid?.() === 0)("an output that cannot be read is not stored", async () => {
  const { from, store } = await place();
  await writeFile(from, "events");
  await chmod(from, 0);
  expect(await store()).toMatchObject({ kind: "failure" });
});
