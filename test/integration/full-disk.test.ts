// File systems that are full, or read-only: what merges says so, waits, and goes on when there is room. They are real ones,
// mounted in a name space of their own, which some machines grant to root only, and some to nobody.

import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { MergeTool } from "../../services/shared/core/job-spec.js";
import { jobNumber } from "../../services/shared/core/id.js";
import { errorMessage } from "../../services/shared/io/error-code.js";
import { concat, mergeBench, shell } from "../../services/merger/io/testing-merge.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";
import { mayMount, smallDisk } from "../support/small-disk.js";

const job = jobNumber(1);
const tar: MergeTool = { kind: "tar" };
const copying = shell('xargs cat < "$1" > "$2"');
const outputs = Array.from({ length: 4 }, (_, i) => [i, `${i}`.repeat(100_000)] as const);

describe.skipIf(!mayMount()).each([
  ["concat", concat],
  ["tar", tar],
  ["a command", copying],
])("%s", (_name, tool) => {
  it("on a full file system waits, says which file has no room, and goes on when there is some", async () => {
    const disk = await smallDisk("4m");
    const { run, group, left } = await mergeBench(outputs, disk.path);
    await run(concat); // Makes the folder.
    await rm(group.temporary);
    await disk.fill();
    const said: string[] = [];
    const outcome = await run(tool, {
      roomWaitMs: 60_000,
      onWait: (error) => {
        said.push(errorMessage(error));
        if (said.length === 2) void disk.free();
      },
    });
    expect(outcome).toMatchObject({ kind: "merged", file: { events: 40 } });
    expect(said[0]).toMatch(/(cannot write|file system of) .*\/jobs\/1\/merged/);
    expect(said[0]).toMatch(/no space is left/);
    expect(await left()).toEqual([group.temporary.split("/").at(-1)]);
  });

  it("on a full file system fails in the end, leaves nothing behind, and loses no output", async () => {
    const disk = await smallDisk("4m");
    const { run, left } = await mergeBench(outputs, disk.path);
    await disk.fill();
    expect(await run(tool)).toMatchObject({
      kind: "failed",
      failure: { class: "node", message: expect.stringMatching(/no space/i) },
      lost: { first: [] },
    });
    expect(await left().catch(() => [])).toEqual([]);
  });

  it("on a read-only file system waits, and goes on when it may be written again", async () => {
    const disk = await smallDisk("4m");
    const { run } = await mergeBench(outputs, disk.path);
    await disk.remount("ro");
    const said: string[] = [];
    const onWait = (error: unknown): void => {
      said.push(errorMessage(error));
      if (said.length === 2) void disk.remount("rw");
    };
    expect(await run(tool, { roomWaitMs: 60_000, onWait })).toMatchObject({ kind: "merged" });
    expect(said[0]).toMatch(/jobs\/1\/merged/);
    expect(said[0]).toMatch(/read-only/);
  });
});

describe.skipIf(!mayMount())("a job on a file system that fills up before it is merged", () => {
  it("waits with all that it has, and ends when there is room", { timeout: 120_000 }, async () => {
    const disk = await smallDisk("16m");
    const farm = new ProcessFarm(join(disk.path, "work"));
    const shape = { inputs: 1, eventsPerInput: 20_000, eventsPerRange: 500, mergeEvery: 10 };
    const listed = await writeListedJob(join(await privateFolder(), "job"), shape);
    await farm.start("driver", "driver");
    await farm.start("actor", "actor1", "--slots", "2", "--scratch", await privateFolder());
    expect(await noctua("submit", listed.path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
    await farm.jobWhen(job, ({ ranges }) => ranges?.done === 40);
    await disk.fill();
    await farm.start("merger", "merger1", "--scratch", await privateFolder());
    const given = await noctua("credentials", join(disk.path, "given"), "--workdir", farm.workdir);
    expect(given).toMatchObject({ code: 64, stderr: expect.stringMatching(/given: .*no space/) as string });
    expect(await readdir(disk.path)).toEqual(["filling", "work"]);
    // Neither its log nor the driver's journal has room, so nothing tells; whatever it did until now, none was published.
    const reportFile = join(farm.workdir, "jobs/1/report.json");
    expect(await readFile(reportFile, "utf8").catch(() => "")).not.toContain('"ended"');
    await disk.free();
    expect(await farm.jobWhen(job, isOver)).toMatchObject({
      ranges: { merged: 40, failed: 0 },
      groupsFailed: 0,
    });
    expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...listed.events].sort());
    expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
    expect(await readFile(reportFile, "utf8")).toMatch(/"state": "finished"/);
  });
});

it("services whose logs have no room do what they are there for", async () => {
  const farm = new ProcessFarm(join(await privateFolder(), "work"));
  const shape = { inputs: 1, eventsPerInput: 40, eventsPerRange: 1, mergeEvery: 10 };
  const listed = await writeListedJob(join(await privateFolder(), "job"), shape);
  const scratch = await privateFolder();
  const nowhere = ["sh", "-c", 'exec "$0" "$@" 2> /dev/full'];
  await farm.startThrough(nowhere, "driver", "driver");
  await farm.startThrough(nowhere, "actor", "actor1", "--slots", "2", "--scratch", scratch);
  await farm.startThrough(nowhere, "merger", "merger1", "--scratch", scratch);
  expect(await noctua("submit", listed.path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  expect(await farm.jobWhen(job, isOver)).toMatchObject({ ranges: { merged: 40 } });
  expect(await farm.kill("driver", "SIGTERM")).toBe(0);
});
