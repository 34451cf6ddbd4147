import { mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { InputFile } from "../../shared/core/job-spec.js";
import { isThere, newFolder, removeFolders } from "./testing.js";
import { StagedInputs, type StagedInput } from "./staged-inputs.js";

afterAll(removeFolders);

class Place {
  readonly folder: string;
  readonly inputs: StagedInputs;
  /** Of all that may be there. */
  roomBytes = 1_000_000;
  looks = 0;

  constructor(folder: string) {
    this.folder = folder;
    this.inputs = new StagedInputs(join(folder, "staged"), async (staged) => {
      this.looks += 1;
      const names = await readdir(staged, { recursive: true });
      const sizes = await Promise.all(names.map(async (name) => stat(join(staged, name))));
      const used = sizes.reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
      return this.roomBytes - used;
    });
  }

  async input(name: string, text: string): Promise<InputFile> {
    const path = join(this.folder, name);
    await writeFile(path, text);
    const { size, mtimeMs } = await stat(path);
    const whole = { path, firstEvent: 1, events: 10, guid: "", scope: "" };
    return { ...whole, sizeBytes: size, modifiedUnixMs: Math.floor(mtimeMs) };
  }

  async staged(input: InputFile): Promise<StagedInput> {
    const staging = await this.inputs.take(input);
    if (staging.kind === "failure") throw new Error(staging.failure.message);
    return staging;
  }

  async flaw(input: InputFile): Promise<string> {
    const staging = await this.inputs.take(input);
    if (staging.kind === "staged") throw new Error("expected a failure");
    expect(staging.failure.class).toBe("node");
    return staging.failure.message;
  }
}

async function aPlace(): Promise<Place> {
  const folder = await newFolder();
  await mkdir(join(folder, "staged"));
  return new Place(folder);
}

test("an input is copied once, under its own name, however many need it (I1)", async () => {
  const place = await aPlace();
  const input = await place.input("events.lhe", "ten events");
  const all = await Promise.all([1, 2, 3].map(() => place.staged(input)));
  expect(new Set(all.map(({ path }) => path)).size).toBe(1);
  expect(all[0]?.path).toMatch(/staged\/1\/events\.lhe$/);
  expect(await readFile(all[0]?.path ?? "", "utf8")).toBe("ten events");
  expect(place.looks).toBe(1);
});

test("an input that is not what it was when the job was submitted is refused, with both sizes and times (I2)", async () => {
  const place = await aPlace();
  const input = await place.input("events.lhe", "ten events");
  await writeFile(input.path, "eleven events");
  expect(await place.flaw(input)).toMatch(
    /events.lhe to the node's scratch: expected .* 10 bytes of 20.*, found 13 bytes of 20/,
  );
  await writeFile(input.path, "ten events");
  await utimes(input.path, 1, 1);
  expect(await place.flaw(input)).toMatch(/found 10 bytes of 1970-01-01/);
  const atSeconds = (input.modifiedUnixMs + 0.5) / 1_000;
  await utimes(input.path, atSeconds, atSeconds);
  expect((await place.staged(input)).path).toMatch(/events.lhe$/); // It is looked at again.
});

test("what cannot be read is said with its reason, and leaves nothing behind (I2)", async () => {
  const place = await aPlace();
  const input = await place.input("events.lhe", "ten events");
  expect(await place.flaw({ ...input, path: `${input.path}.gone` })).toMatch(/ENOENT/);
  expect(await readdir(join(place.folder, "staged"))).toEqual([]);
});

test("copies that nobody uses make room, those used longest ago first; one in use stays (I3)", async () => {
  const place = await aPlace();
  place.roomBytes = 30;
  const [one, two, three, four] = await Promise.all(
    ["1", "2", "3", "4"].map((name) => place.input(name, "ten bytes!")),
  );
  if (one === undefined || two === undefined || three === undefined || four === undefined) return;
  const used = await place.staged(one);
  const second = await place.staged(two);
  (await place.staged(three)).giveBack();
  second.giveBack();
  (await place.staged(two)).giveBack();
  await place.staged(four);
  expect([await isThere(used.path), await isThere(second.path)]).toEqual([true, true]);
  expect((await readdir(join(place.folder, "staged"))).sort()).toEqual(["1", "2", "4"]);
});

test("where there is no room, folder and sizes are said (I3)", async () => {
  const place = await aPlace();
  place.roomBytes = 5;
  const input = await place.input("events.lhe", "ten events");
  expect(await place.flaw(input)).toMatch(/expected 10B of free space in .*\/staged, found 5B$/);
});
