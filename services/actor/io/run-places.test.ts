import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { JobSpec } from "../../shared/core/job-spec.js";
import { heldRange, job1, specOf } from "../core/testing.js";
import { noNeeds } from "../../shared/core/payload-needs.js";
import type { PayloadRun } from "./payload.js";
import { RunPlaces } from "./run-places.js";
import { isThere, newFolder, removeFolders, until } from "./testing.js";
import { aRun } from "./testing-run.js";

afterAll(removeFolders);

async function placesIn(): Promise<{
  readonly places: RunPlaces;
  readonly root: string;
  readonly made: string[];
}> {
  const root = await newFolder();
  const made: string[] = [];
  const runFolder = async (name: string): Promise<string> => {
    made.push(name);
    await mkdir(join(root, name));
    return join(root, name);
  };
  return { places: new RunPlaces({ runFolder }), root, made };
}

const exec = specOf();
const timeouts = { startTimeoutMs: 1, timeoutMs: 1 };
const stream = specOf({
  payload: { kind: "stream", command: ["x"], slotsPerProcess: 1, ...timeouts, needs: noNeeds },
});

function runOf(grant: number, range: number, spec: JobSpec, recalls = 0): PayloadRun {
  return aRun({ held: heldRange(grant, range), spec, recalls });
}

test("a program of its own has an empty folder, which goes with all that is in it", async () => {
  const { places } = await placesIn();
  const one = await places.placeFor(runOf(4, 2, exec));
  const other = await places.placeFor(runOf(5, 2, exec));
  expect(one.output).toBe(join(one.folder ?? "", "output.lhe"));
  expect(other.folder).not.toBe(one.folder);
  await writeFile(one.output ?? "", "an event");
  await writeFile(`${one.output}.log`, "and more");
  one.leave(false);
  other.leave(true);
  await until(async () => !(await isThere(one.folder ?? "")) && !(await isThere(other.folder ?? "")));
});

test("outputs of programs that live on lie beside each other, and cost no folder each", async () => {
  const { places, made } = await placesIn();
  const again = await places.placeFor(runOf(4, 2, stream, 1));
  const all = await Promise.all([2, 3, 4].map(async (range) => places.placeFor(runOf(4, range, stream))));
  expect(new Set([...all, again].map(({ output }) => output)).size).toBe(4);
  expect(all.map(({ folder }) => folder)).toEqual([undefined, undefined, undefined]);
  expect(made).toHaveLength(1);
  await Promise.all(all.map(({ output }) => writeFile(output ?? "", "an event")));
  all[0]?.leave(false);
  all[1]?.leave(true);
  await until(async () => !(await isThere(all[0]?.output ?? "")));
  expect(await isThere(all[1]?.output ?? "")).toBe(true); // It was said to be gone, so nobody looks.
});

test("what is left of a job goes with it, and a job that goes on has a new folder", async () => {
  const { places, root } = await placesIn();
  const { output } = await places.placeFor(runOf(4, 2, stream));
  await writeFile(`${output}.more`, "forgotten");
  places.endJob(job1);
  const again = await places.placeFor(runOf(5, 2, stream));
  expect(again.output).not.toBe(output);
  await until(async () => (await readdir(root)).length === 1);
});

test("a folder that could not be made is tried again for the next range", async () => {
  const root = await newFolder();
  const places = new RunPlaces({
    runFolder: async (name) => {
      await mkdir(join(root, "scratch", name));
      return join(root, "scratch", name);
    },
  });
  await expect(places.placeFor(runOf(4, 2, stream))).rejects.toThrow("ENOENT");
  await mkdir(join(root, "scratch"));
  expect(await places.placeFor(runOf(4, 3, stream))).toMatchObject({ folder: undefined });
});

test("a job without outputs needs no place but that of its programs", async () => {
  const { places, made } = await placesIn();
  const outputs = "none";
  expect(await places.placeFor(runOf(4, 2, { ...exec, outputs }))).toMatchObject({ output: undefined });
  expect(await places.placeFor(runOf(4, 2, { ...stream, outputs }))).toMatchObject({ output: undefined });
  expect(made).toHaveLength(1);
});
