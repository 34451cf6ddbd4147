import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { cpusOfSlots, usableCpus } from "./node-cpus.js";
import { newFolder, removeFolders } from "./testing.js";

afterAll(removeFolders);

/** A machine whose /proc and /sys say this. */
async function aMachine(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await newFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

const status = (list: string) => ({
  "proc/self/status": `Name:\tnode\nCpus_allowed_list:\t${list}\nMems:\t1\n`,
});
const node = (number: number, list: string) => ({
  [`sys/devices/system/node/node${number}/cpulist`]: `${list}\n`,
});
const threads = (cpu: number, list: string) => ({
  [`sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`]: `${list}\n`,
});

test("only those cores count where this process may run (N1)", async () => {
  expect(usableCpus(await aMachine(status("0-2,5,8-9")))).toEqual([0, 1, 2, 5, 8, 9]);
});

test("threads of one core are neighbours, and so are cores of one memory node (N2)", async () => {
  const pairs = [0, 1, 2, 3].flatMap((cpu) => [
    threads(cpu, `${cpu},${cpu + 4}`),
    threads(cpu + 4, `${cpu},${cpu + 4}`),
  ]);
  const files = [status("0-7"), node(0, "0,2,4,6"), node(1, "1,3,5,7"), ...pairs];
  const root = await aMachine(Object.assign({}, ...files) as Record<string, string>);
  expect(usableCpus(root)).toEqual([0, 4, 2, 6, 1, 5, 3, 7]);
});

test("a system that tells nothing has as many cores as Node says", async () => {
  expect(usableCpus(await newFolder())[0]).toBe(0);
});

test("slots share the cores alike (N3)", () => {
  const cpus = [0, 4, 2, 6, 1, 5, 3, 7];
  const ofEach = (slots: number) =>
    Array.from({ length: slots }, (_, first) => cpusOfSlots(cpus, slots, { first, count: 1 }));
  expect(ofEach(8)).toEqual(cpus.map((cpu) => [cpu]));
  expect(ofEach(4)).toEqual([
    [0, 4],
    [2, 6],
    [1, 5],
    [3, 7],
  ]);
  expect(ofEach(3)).toEqual([
    [0, 4],
    [2, 6, 1],
    [5, 3, 7],
  ]);
  expect(ofEach(16).slice(0, 4)).toEqual([[0], [0], [4], [4]]);
  expect(cpusOfSlots(cpus, 8, { first: 4, count: 4 })).toEqual([1, 5, 3, 7]);
});
