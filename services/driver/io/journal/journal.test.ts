import { describe, expect, it } from "vitest";
import { sleep } from "../../../shared/io/system-clock.js";
import { FakeJournalFolder, systemError, type FakeOperation } from "./fake-journal-folder.js";
import { encodeFrame, encodeSegmentHeader } from "./journal-frames.js";
import { factsOf, openJournal } from "./journal-test-support.js";
import type { CommitCost, Journal } from "./journal.js";

const append = (journal: Journal, ...texts: string[]): Promise<void> => journal.append(factsOf(...texts));

const firstHeader = { id: { epoch: 1, part: 0 }, after: undefined, firstSequence: 1 };

/** Fails the next operation that fits, once for each code. */
function failing(codes: string[], fits: (operation: FakeOperation) => boolean) {
  return (operation: FakeOperation): void => {
    const code = fits(operation) ? codes.shift() : undefined;
    if (code !== undefined) throw systemError(code);
  };
}

describe("a journal", () => {
  it("gives back what was committed, in order, over many epochs", async () => {
    const folder = new FakeJournalFolder();
    const committed: string[] = [];
    for (let epoch = 1; epoch <= 12; epoch += 1) {
      const { journal, found } = await openJournal(folder, epoch);
      expect(found).toEqual(committed);
      expect(journal.lastSequence).toBe(committed.length);
      for (let i = 0; i < epoch % 4; i += 1) {
        const batch = [`${epoch}.${i} a`, `${epoch}.${i} b`];
        await append(journal, ...batch);
        committed.push(batch.join());
      }
      await journal.close();
    }
    expect(committed).toHaveLength(18);
  });

  it("says what it found", async () => {
    const folder = new FakeJournalFolder();
    const first = await openJournal(folder, 1);
    expect(first.journal.recovery).toMatchObject({
      nextSequence: 1,
      segments: [],
      snapshots: [],
      snapshot: undefined,
      frames: 0,
      tornTail: undefined,
    });
    await append(first.journal, "a");
    await append(first.journal, "b");
    const second = await openJournal(folder, 2);
    const bytes = folder.content("0000000001.log").length;
    expect(second.journal.recovery).toEqual({
      nextSequence: 3,
      segments: [{ id: { epoch: 1, part: 0 }, firstSequence: 1, end: 3, bytes }],
      snapshots: [],
      gap: undefined,
      snapshot: undefined,
      passedOver: [],
      frames: 2,
      tornTail: undefined,
    });
  });

  it("a commit without facts needs no frame", async () => {
    const { journal } = await openJournal(new FakeJournalFolder(), 1);
    await append(journal);
    expect(journal.lastSequence).toBe(0);
  });

  it("one commit is in flight at a time", async () => {
    const { journal } = await openJournal(new FakeJournalFolder(), 1);
    const first = append(journal, "a");
    await expect(append(journal, "b")).rejects.toThrow("the journal is ready for a commit, not writing");
    await first;
    await append(journal, "b");
    await journal.close();
    await expect(append(journal, "c")).rejects.toThrow("not over");
  });

  it("a commit is durable before it resolves, and so is its segment", async () => {
    const folder = new FakeJournalFolder();
    const { journal } = await openJournal(folder, 1);
    await append(journal, "a");
    folder.crash(() => Buffer.alloc(0));
    expect((await openJournal(folder, 2)).found).toEqual(["a"]);
  });

  it("writes that are cut short are gone on with", async () => {
    const folder = new FakeJournalFolder();
    folder.writeBytesMax = 7;
    const { journal } = await openJournal(folder, 1);
    await append(journal, "a");
    expect((await openJournal(folder, 2)).found).toEqual(["a"]);
  });

  it("tells what each commit cost", async () => {
    const costs: CommitCost[] = [];
    let nowMs = 0;
    const ticking = { nowMs: () => (nowMs += 5), unixMs: () => 0 };
    const folder = new FakeJournalFolder();
    const { journal } = await openJournal(folder, 1, {
      clock: ticking,
      onCommit: (cost) => costs.push(cost),
    });
    await append(journal, "a", "b");
    const bytes = folder.content("0000000001.log").length - encodeSegmentHeader(firstHeader).length;
    expect(costs).toEqual([{ sequence: 1, facts: 2, bytes, ms: 5 }]);
  });

  it("refuses a workdir where a later driver has begun", async () => {
    const folder = new FakeJournalFolder();
    await openJournal(folder, 7);
    await expect(openJournal(folder, 7)).rejects.toThrow(
      "expected only segments of epochs before 7, found 0000000007.log",
    );
    await expect(openJournal(folder, 6)).rejects.toThrow(
      "expected only segments of epochs before 6, found 0000000007.log",
    );
  });

  it("names the frame that a newer version wrote", async () => {
    const folder = new FakeJournalFolder();
    const header = encodeSegmentHeader(firstHeader);
    folder.put(
      "0000000001.log",
      Buffer.concat([header, encodeFrame(1, Buffer.from("0a05c23e02080a", "hex"))]),
    );
    await expect(openJournal(folder, 2)).rejects.toThrow(
      /^\/fake\/journal\/0000000001.log: frame 1 at byte 36: facts\[0\]: .* found number 1000/,
    );
  });

  it("stops reading when told to", async () => {
    const folder = new FakeJournalFolder();
    await append((await openJournal(folder, 1)).journal, "a");
    await expect(openJournal(folder, 2, {}, AbortSignal.abort(new Error("told to stop")))).rejects.toThrow(
      "told to stop",
    );
  });
});

describe("where there is no space", () => {
  it("the same batch waits, says why, and goes on", async () => {
    const folder = new FakeJournalFolder();
    const stalls: (string | undefined)[] = [];
    const waitForSpace = () => Promise.resolve();
    const { journal } = await openJournal(folder, 1, { onStall: (why) => stalls.push(why), waitForSpace });
    await append(journal, "a");
    folder.writeBytesMax = 9;
    folder.fault = failing(["ENOSPC", "EDQUOT", "ENOSPC"], ({ kind }) => kind === "write" || kind === "sync");
    await append(journal, "b");
    await append(journal, "c");
    expect(stalls).toEqual([
      ...Array<unknown>(3).fill(expect.stringMatching(/no space .*0000000001.log: E/)),
      undefined,
    ]);
    expect((await openJournal(folder, 2)).found).toEqual(["a", "b", "c"]);
    expect(folder.names()).toEqual(["0000000001.log", "0000000002.log"]);
  });

  it("a sync that fails for want of space is followed by a whole new write", async () => {
    const folder = new FakeJournalFolder();
    const { journal } = await openJournal(folder, 1, { waitForSpace: () => Promise.resolve() });
    folder.fault = failing(["ENOSPC"], ({ kind }) => kind === "sync");
    await append(journal, "a");
    folder.crash(() => Buffer.alloc(0));
    expect((await openJournal(folder, 2)).found).toEqual(["a"]);
  });

  it("the wait ends when told to stop, and the batch is not acknowledged", async () => {
    const folder = new FakeJournalFolder();
    const stop = new AbortController();
    const stalls: (string | undefined)[] = [];
    const options = {
      onStall: (why: string | undefined) => {
        stalls.push(why);
        stop.abort(new Error("told to stop"));
      },
      waitForSpace: (signal: AbortSignal) => sleep(1_000_000, signal),
    };
    const { journal } = await openJournal(folder, 1, options, stop.signal);
    folder.fault = failing(["ENOSPC"], ({ kind }) => kind === "write");
    await expect(append(journal, "a")).rejects.toThrow("told to stop");
    expect(stalls).toHaveLength(1);
    await expect(append(journal, "b")).rejects.toThrow("not over");
    await journal.close();
  });
});

describe("after any other failure", () => {
  it.each(["write", "sync"])("a failed %s leads into a new segment", async (kind) => {
    const folder = new FakeJournalFolder();
    const { journal } = await openJournal(folder, 1);
    await append(journal, "a");
    folder.fault = failing(["EIO"], (operation) => operation.kind === kind);
    await append(journal, "b");
    await append(journal, "c");
    expect(folder.names()).toEqual(["0000000001-1.log", "0000000001.log"]);
    folder.crash(() => Buffer.alloc(0));
    expect((await openJournal(folder, 2)).found).toEqual(["a", "b", "c"]);
  });

  it("each segment may fail in its turn, and there may be more than nine", async () => {
    const folder = new FakeJournalFolder();
    const { journal } = await openJournal(folder, 1);
    const committed: string[] = [];
    for (let i = 0; i < 12; i += 1) {
      folder.fault = failing(["EIO"], ({ kind }) => kind === "sync");
      await append(journal, String(i));
      committed.push(String(i));
    }
    expect(folder.names()).toHaveLength(13);
    expect((await openJournal(folder, 2)).found).toEqual(committed);
  });

  it("the new segment waits where there is no space for it", async () => {
    const folder = new FakeJournalFolder();
    const { journal } = await openJournal(folder, 1, { waitForSpace: () => Promise.resolve() });
    const codes = ["EIO", "ENOSPC", "ENOSPC"];
    folder.fault = failing(codes, ({ kind }) => kind === "create" || kind === "sync");
    await append(journal, "a");
    expect(codes).toEqual([]);
    expect((await openJournal(folder, 2)).found).toEqual(["a"]);
  });

  it("a second one in a row is the end, and says where", async () => {
    const folder = new FakeJournalFolder();
    const { journal } = await openJournal(folder, 1);
    await append(journal, "a");
    folder.fault = failing(["EIO", "EIO"], ({ kind }) => kind === "sync");
    await expect(append(journal, "b")).rejects.toThrow(
      /0000000001-1.log: commit 2 could be written neither here nor into the segment before: EIO/,
    );
    await expect(append(journal, "c")).rejects.toThrow("not over");
    expect((await openJournal(folder, 2)).found).toEqual(["a"]);
  });
});
