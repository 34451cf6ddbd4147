import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { FakeJournalFolder } from "./fake-journal-folder.js";
import { snapshotWords } from "./parse-snapshot-talk.js";
import { SnapshotThread } from "./snapshot-thread.js";

const chain = { links: [], snapshots: [], gap: undefined };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "noctua-thread-"));
});
afterEach(() => rm(folder, { recursive: true }));

type Make = (epoch?: number, signal?: AbortSignal) => Promise<unknown>;

/** Threads that answer each order as the program says. */
async function threadThat(program: string, tookMsMax?: number): Promise<Make> {
  const path = join(folder, "program.mjs");
  await writeFile(
    path,
    `import { parentPort, threadId, workerData } from "node:worker_threads";
    const made = (made) => parentPort.postMessage({ kind: "made", made });
    parentPort.on("message", (order) => { ${program} });`,
  );
  const thread = new SnapshotThread(path, tookMsMax);
  onTestFinished(() => thread.close());
  return (epoch = 7, signal = new AbortController().signal) =>
    thread.make(new FakeJournalFolder(), { chain, epoch }, signal);
}

describe("a snapshot made in a thread", () => {
  it("is told by the thread, which is told the folder and the plan", async () => {
    const make = await threadThat("made({ ...order, workerData })");
    const plan = { chain, epoch: 7 };
    expect(await make()).toEqual({ folder: "/fake/journal", plan, workerData: snapshotWords });
  });

  it("is made by the same thread as those before it, also after one that could not be made (T1)", async () => {
    const make = await threadThat(
      `order.plan.epoch === 3 ? parentPort.postMessage({ kind: "failed", why: "no space" }) : made(threadId)`,
    );
    const first = await make(0);
    for (let epoch = 1; epoch < 20; epoch += 1)
      if (epoch === 3) await expect(make(epoch)).rejects.toThrow("no space");
      else expect(await make(epoch)).toBe(first);
  });

  it("fails when the thread ends, and the next one is made by another (T2)", async () => {
    const make = await threadThat(
      `if (order.plan.epoch === 1) throw new Error("out of memory");
      if (order.plan.epoch === 2) process.exit(3);
      made(threadId);`,
    );
    const first = await make(0);
    await expect(make(1)).rejects.toThrow("out of memory");
    const second = await make(0);
    expect(second).not.toBe(first);
    await expect(make(2)).rejects.toThrow("the thread ended with code 3, and made no snapshot");
    expect(await make(0)).not.toBe(second);
  });

  it("fails when it takes too long, and so does the next one, by another thread (T2)", async () => {
    const make = await threadThat("", 10);
    for (let i = 0; i < 2; i += 1)
      await expect(make()).rejects.toThrow("expected a snapshot within 0.01 s, found none");
  });

  it("is left when the driver stops, before it begins and while it is made", async () => {
    const make = await threadThat("setInterval(() => {}, 1000)");
    await expect(make(7, AbortSignal.abort())).rejects.toThrow("made no snapshot");
    const stop = new AbortController();
    const waiting = make(7, stop.signal);
    stop.abort();
    await expect(waiting).rejects.toThrow("made no snapshot");
  });
});
