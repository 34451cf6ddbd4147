// A file system of the workdir that is full, or read-only, while actors store their outputs there: no output is lost. It is a
// real one, mounted in a name space of its own, which some machines grant to root only, and some to nobody.

import { access, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { putHere } from "../../services/actor/io/testing-put.js";
import { StageOut, type Staged } from "../../services/actor/io/stage-out.js";
import { jobNumber } from "../../services/shared/core/id.js";
import { until } from "../../services/shared/io/testing-processes.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";
import { mayMount, smallDisk, type SmallDisk } from "../support/small-disk.js";

const job = jobNumber(1);
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

describe.skipIf(!mayMount())("a job whose folder has no room any more", () => {
  it("waits, says so, and goes on when there is some", { timeout: 120_000 }, async () => {
    const disk = await smallDisk("4m");
    const farm = new ProcessFarm(join(await privateFolder(), "work"));
    await mkdir(farm.workdir);
    await symlink(disk.path, join(farm.workdir, "jobs"));
    // Nothing is merged before all is done: what is removed then would make room.
    const shape = { inputs: 1, eventsPerInput: 30, eventsPerRange: 1, mergeEvery: 30 };
    const gate = join(await privateFolder(), "gate");
    const listed = await writeListedJob(join(await privateFolder(), "job"), {
      ...shape,
      before: `[ "$first" -lt 6 ] || until [ -e ${gate} ]; do sleep 0.05; done`, // Else a slow test fills it too late.
    });
    await farm.start("driver", "driver");
    await farm.start("merger", "merger1");
    await farm.start("actor", "actor1", "--slots", "2", "--scratch", await privateFolder());
    const inWorkdir = ["--workdir", farm.workdir];
    expect(await noctua("submit", listed.path, ...inWorkdir)).toMatchObject({ code: 0 });
    await farm.jobWhen(job, ({ ranges }) => (ranges?.done ?? 0) + (ranges?.merged ?? 0) >= 5);
    await disk.fill("completely");
    await writeFile(gate, "");
    await until(async () => (await noctua("explain", "1", ...inWorkdir)).stdout.includes("waits for room"));
    const { stdout } = await noctua("explain", "--node", "actor1", ...inWorkdir);
    expect(stdout).toMatch(/waits for room: cannot store outputs in .*jobs\/1\/outputs: no space is left/);
    expect(stdout).toMatch("Make room there");
    const status = await noctua("status", "1", ...inWorkdir);
    expect(status.stdout).toMatch(
      /^ {2}waits {6}actor actor1.*: cannot store outputs in .*: no space is left/m,
    );
    expect(await farm.log("actor1")).toMatch("outputs wait to be stored");
    await disk.free();
    expect(await farm.jobWhen(job, isOver)).toMatchObject({ ranges: { merged: 30, failed: 0 } });
    expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...listed.events].sort());
    expect(await noctua("verify", ...inWorkdir)).toMatchObject({ code: 0 });
    expect(await farm.log("actor1")).not.toMatch("range failed");
  });

  it("gives back what waits when its actor is told to leave", { timeout: 120_000 }, async () => {
    const disk = await smallDisk("4m");
    const farm = new ProcessFarm(join(await privateFolder(), "work"));
    await mkdir(farm.workdir);
    await symlink(disk.path, join(farm.workdir, "jobs"));
    const shape = { inputs: 1, eventsPerInput: 4, eventsPerRange: 1, mergeEvery: 4 };
    const listed = await writeListedJob(join(await privateFolder(), "job"), shape);
    await farm.start("driver", "driver");
    await farm.start("merger", "merger1");
    expect(await noctua("submit", listed.path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
    await disk.fill("completely");
    const scratch = await privateFolder();
    await farm.start("actor", "actor1", "--slots", "2", "--grace", "0s", "--scratch", scratch);
    await until(async () => (await farm.log("actor1")).includes("outputs wait to be stored"));
    expect(await farm.kill("actor1", "SIGTERM")).toBe(0);
    await farm.jobWhen(job, ({ ranges }) => ranges?.ready === 4);
    await disk.free();
    await farm.start("actor", "actor2", "--slots", "2", "--scratch", scratch);
    expect(await farm.jobWhen(job, isOver)).toMatchObject({ ranges: { merged: 4, failed: 0 } });
    expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...listed.events].sort());
    expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  });
});

describe.skipIf(!mayMount())("a run whose whole workdir is full", () => {
  /** Its logs are elsewhere, so that they tell. */
  async function emptyFarmOn(disk: SmallDisk): Promise<ProcessFarm> {
    const farm = new ProcessFarm(join(disk.path, "work"));
    await mkdir(farm.workdir);
    await symlink(await privateFolder(), join(farm.workdir, "logs"));
    return farm;
  }

  async function farmOn(disk: SmallDisk): Promise<ProcessFarm> {
    const farm = await emptyFarmOn(disk);
    await farm.start("driver", "driver");
    return farm;
  }

  it("begins when there is room, and until then says why not", { timeout: 120_000 }, async () => {
    const disk = await smallDisk("4m");
    const farm = await emptyFarmOn(disk);
    await disk.fill("completely");
    const waits = (name: string): Promise<void> =>
      until(async () =>
        /waits to begin.*no space for a driver on .*work: ENOSPC/.test(await farm.log(name).catch(() => "")),
      );
    const told = farm.start("driver", "told");
    await Promise.all([
      expect(told).rejects.toThrow(/found that it ended/),
      waits("told").then(() => farm.kill("told", "SIGTERM")),
    ]);
    const patient = farm.start("driver", "patient");
    await waits("patient");
    await disk.free();
    await patient;
    expect(await noctua("status", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
    expect(await readdir(join(farm.workdir, "driver", "claims"))).toEqual([expect.not.stringMatching("tmp")]);
    await disk.fill("completely");
    expect(await farm.kill("patient", "SIGKILL")).toBe(null);
    const next = farm.start("driver", "next");
    await waits("next");
    await disk.free();
    await next;
  });

  it("goes on when what a payload filled it with is removed", { timeout: 120_000 }, async () => {
    const disk = await smallDisk("16m");
    const farm = await farmOn(disk);
    const filler = join(disk.path, "filler");
    const before = `sleep 0.1; [ "$first" != 8 ] || head -c 50000000 /dev/zero > ${filler} || true`;
    const shape = { inputs: 1, eventsPerInput: 40, eventsPerRange: 1, mergeEvery: 6 };
    const listed = await writeListedJob(join(await privateFolder(), "job"), { ...shape, before });
    await farm.start("merger", "merger1", "--scratch", await privateFolder());
    await farm.start("actor", "actor1", "--slots", "2", "--scratch", await privateFolder());
    expect(await noctua("submit", listed.path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
    await until(async () => (await farm.log("actor1")).includes("outputs wait to be stored"));
    await rm(filler);
    expect(await farm.jobWhen(job, isOver)).toMatchObject({ ranges: { merged: 40, failed: 0 } });
    expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...listed.events].sort());
    expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  });

  it("takes in actors and mergers that are started meanwhile", { timeout: 120_000 }, async () => {
    const disk = await smallDisk("16m");
    const farm = await farmOn(disk);
    const shape = { inputs: 1, eventsPerInput: 20, eventsPerRange: 1, mergeEvery: 6 };
    const listed = await writeListedJob(join(await privateFolder(), "job"), shape);
    expect(await noctua("submit", listed.path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
    await disk.fill("completely");
    await farm.start("merger", "merger1", "--scratch", await privateFolder());
    await farm.start("actor", "actor1", "--slots", "2", "--scratch", await privateFolder());
    for (const name of ["merger1", "actor1"])
      await until(async () => (await farm.log(name)).includes("it is tried again"));
    await disk.free();
    expect(await farm.jobWhen(job, isOver)).toMatchObject({ ranges: { merged: 20, failed: 0 } });
    expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...listed.events].sort());
    expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
    for (const name of ["merger1", "actor1"])
      await until(() =>
        access(join(farm.workdir, "run", `${name}.json`)).then(
          () => true,
          () => false,
        ),
      );
  });
});
