import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Removals, removeHere } from "./removals.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "noctua-removals-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Threads that answer each order as the program says; by default well. What they did is in the answers' errors. */
async function threadsThat(program: string): Promise<Removals> {
  const path = join(folder, "program.mjs");
  await writeFile(
    path,
    `import { parentPort, threadId, workerData } from "node:worker_threads";
    parentPort.on("message", (paths) => { ${program} });`,
  );
  const removals = new Removals(path);
  onTestFinished(() => removals.close());
  return removals;
}

/** Why each of so many orders, which are given at once, was not done. */
async function reasons(removals: Removals, orders: number): Promise<string[]> {
  const given = Array.from({ length: orders }, (_, i) => removals.remove([String(i)]));
  return (await Promise.allSettled(given)).map((order) =>
    order.status === "rejected" ? (order.reason as Error).message : "",
  );
}

test("files go, and folders, and what is gone already is passed over", async () => {
  const at = (name: string): string => join(folder, name);
  await writeFile(at("file"), "");
  await mkdir(at("folder/within"), { recursive: true });
  await removeHere([at("file"), at("nothing"), at("folder")]);
  for (const name of ["file", "folder"]) await expect(access(at(name))).rejects.toThrow("ENOENT");
  await writeFile(at("file"), "");
  await expect(removeHere([at("file/within")])).rejects.toThrow("ENOTDIR");
});

test("every order gets its own answer (W1)", async () => {
  const removals = await threadsThat(
    "parentPort.postMessage({ why: paths[0] === '7' ? undefined : workerData + paths[0], tookMs: 0 });",
  );
  const expected = Array.from({ length: 20 }, (_, i) => (i === 7 ? "" : `remove files${String(i)}`));
  expect(await reasons(removals, 20)).toEqual(expected);
});

test("what goes fast goes through one thread, and what takes long through four (W2)", async () => {
  const threadsOf = async (tookMs: number): Promise<number> => {
    const removals = await threadsThat(
      `parentPort.postMessage({ why: String(threadId), tookMs: ${String(tookMs)} });`,
    );
    await reasons(removals, 1); // Now it is known how long one takes.
    return new Set(await reasons(removals, 200)).size;
  };
  expect(await threadsOf(0.1)).toBe(1);
  expect(await threadsOf(100)).toBe(4);
});

test("a thread that ends is told of what it worked on, and followed by another (W1)", async () => {
  const removals = await threadsThat(
    "if (paths[0] === '1') throw new Error('out of memory'); parentPort.postMessage({ tookMs: 0 });",
  );
  expect(await reasons(removals, 3)).toEqual(["", expect.stringMatching("ended: out of memory"), ""]);
  expect(await reasons(removals, 1)).toEqual([""]);
});
