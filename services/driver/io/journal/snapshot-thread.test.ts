import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeJournalFolder } from "./fake-journal-folder.js";
import { snapshotsInThread } from "./snapshot-thread.js";

const chain = { links: [], snapshots: [], gap: undefined };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "noctua-thread-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs a program as the thread. */
async function made(program: string, signal = new AbortController().signal): Promise<unknown> {
  const path = join(folder, "program.mjs");
  await writeFile(path, `import { parentPort, workerData } from "node:worker_threads";\n${program}\n`);
  return snapshotsInThread(path)(new FakeJournalFolder(), { chain, epoch: 7 }, signal);
}

describe("a snapshot made in a thread", () => {
  it("is told by the thread, which is told the folder and the plan", async () => {
    expect(await made("parentPort.postMessage(workerData)")).toEqual({
      folder: "/fake/journal",
      plan: { chain, epoch: 7 },
    });
  });

  it("fails as the thread does", async () => {
    await expect(made('await Promise.reject(new Error("frame 7 is damaged"))')).rejects.toThrow(
      "frame 7 is damaged",
    );
    await expect(made("process.exit(3)")).rejects.toThrow(
      "the thread ended with code 3, and made no snapshot",
    );
  });

  it("is left when the driver stops, before it begins and while it is made", async () => {
    await expect(made("setInterval(() => {}, 1000)", AbortSignal.abort())).rejects.toThrow(
      "made no snapshot",
    );
    const stop = new AbortController();
    const waiting = made("setInterval(() => {}, 1000)", stop.signal);
    stop.abort();
    await expect(waiting).rejects.toThrow("made no snapshot");
  });
});
