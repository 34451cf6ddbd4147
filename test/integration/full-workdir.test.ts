// A file system of the workdir that is full, or read-only, while actors store their outputs there: no output is lost. It is a
// real one, mounted in a name space of its own, which some machines grant to root only, and some to nobody.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { putHere } from "../../services/actor/io/testing-put.js";
import { StageOut, type Staged } from "../../services/actor/io/stage-out.js";
import { privateFolder } from "../support/private-folder.js";
import { mayMount, smallDisk, type SmallDisk } from "../support/small-disk.js";

const never = new AbortController().signal;
const to = "jobs/1/outputs/00000/input1.events1-1.grant1.txt";
/** Larger than what is read by one call, and smaller. */
const sizes = [200_000, 9];

interface Place {
  readonly disk: SmallDisk;
  readonly said: (string | undefined)[];
  /** Does so when an output waits for the nth time. */
  mend: { readonly at: number; readonly by: () => Promise<void> };
  store(sizeBytes: number, signal?: AbortSignal): Promise<Staged>;
  /** What lies in the workdir. */
  left(): Promise<readonly string[]>;
}

async function place(durability: "strict" | "relaxed"): Promise<Place> {
  const disk = await smallDisk("2m");
  const scratch = await privateFolder();
  const said: (string | undefined)[] = [];
  const at: Place = {
    disk,
    said,
    mend: { at: 1, by: () => disk.free() },
    store: async (sizeBytes, signal = never) => {
      const from = join(scratch, "output.txt");
      await writeFile(from, "x".repeat(sizeBytes));
      return stageOut.store({ from, to, durability }, () => signal);
    },
    left: async () => {
      const names = await readdir(join(disk.path, "jobs"), { recursive: true });
      return names.filter((name) => name.endsWith(".txt") || name.endsWith(".tmp"));
    },
  };
  const onWait = (why: string | undefined): void => {
    said.push(why);
    if (why !== undefined && said.length === at.mend.at) void at.mend.by();
  };
  const stageOut = new StageOut(disk.path, { putOutput: await putHere(), troubleMs: 0, onWait });
  return at;
}

function abort(stop: AbortController): Promise<void> {
  stop.abort();
  return Promise.resolve();
}

describe.skipIf(!mayMount()).each(["strict", "relaxed"] as const)("an output (%s)", (durability) => {
  it.each(sizes)(
    "of %i bytes waits on a full file system, and is stored when there is room",
    async (size) => {
      const { disk, store, said, left } = await place(durability);
      await store(1); // Makes the folder.
      await disk.fill("completely");
      expect(await store(size)).toMatchObject({ kind: "staged", sizeBytes: size });
      expect(said).toEqual([
        expect.stringMatching(/^cannot store outputs in .*jobs\/1\/outputs: no space is left/),
        undefined,
      ]);
      expect(await left()).toEqual(["1/outputs/00000/input1.events1-1.grant1.txt"]);
      expect(await readFile(join(disk.path, to), "utf8")).toBe("x".repeat(size));
    },
  );

  it("waits for its folder too", async () => {
    const { disk, store } = await place(durability);
    await disk.fill("completely");
    expect(await store(9)).toMatchObject({ kind: "staged" });
  });

  it("waits on a read-only file system, and is stored when it may be written again", async () => {
    const at = await place(durability);
    at.mend = { at: 1, by: () => at.disk.remount("rw") };
    await at.disk.remount("ro");
    expect(await at.store(200_000)).toMatchObject({ kind: "staged" });
    expect(at.said[0]).toMatch(/read-only/);
  });

  it("leaves nothing behind when it is told to wait no longer", async () => {
    const at = await place(durability);
    const stop = new AbortController();
    await at.store(1);
    at.mend = { at: 1, by: () => abort(stop) };
    await at.disk.fill();
    expect(await at.store(200_000, stop.signal)).toEqual({ kind: "aborted" });
    expect(await at.left()).toEqual(["1/outputs/00000/input1.events1-1.grant1.txt"]); // The first.
    expect(at.said).toEqual([expect.any(String), undefined]);
  });
});
