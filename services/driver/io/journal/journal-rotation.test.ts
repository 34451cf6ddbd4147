import { describe, expect, it } from "vitest";
import { FakeJournalFolder, systemError } from "./fake-journal-folder.js";
import { factsOf, openJournal } from "./journal-test-support.js";

const commits = Array.from({ length: 6 }, (_, i) => `commit ${i} ${"x".repeat(100)}`);

describe("a segment that has grown to its limit", () => {
  it("is closed, and the next commit begins a new one of the same epoch", async () => {
    const folder = new FakeJournalFolder();
    const { journal } = await openJournal(folder, 1, { segmentBytesMax: 300 });
    for (const commit of commits) await journal.append(factsOf(commit));
    expect(folder.names()).toEqual(["0000000001-1.log", "0000000001-2.log", "0000000001.log"]);
    const { journal: next, found } = await openJournal(folder, 2);
    expect(found).toEqual(commits);
    expect(next.recovery.segments.map(({ id, firstSequence, end }) => [id.part, firstSequence, end])).toEqual(
      [
        [0, 1, 3],
        [1, 3, 5],
        [2, 5, 7],
      ],
    );
  });

  it("counts as closed only when the segment after it is durable", async () => {
    const folder = new FakeJournalFolder();
    const { journal } = await openJournal(folder, 1, { segmentBytesMax: 1 });
    await journal.append(factsOf("a"));
    expect(journal.closed).toEqual([]);
    await journal.append(factsOf("b"));
    const bytes = folder.content("0000000001.log").length;
    expect(journal.closed).toEqual([{ id: { epoch: 1, part: 0 }, firstSequence: 1, end: 2, bytes }]);
    folder.fault = ({ kind }) => {
      if (kind !== "write") throw systemError("EIO");
    };
    await expect(journal.append(factsOf("c"))).rejects.toThrow("EIO");
    expect(journal.closed).toHaveLength(1);
  });

  it("is left also where the next one cannot be made at once", async () => {
    const folder = new FakeJournalFolder();
    const { journal } = await openJournal(folder, 1, { segmentBytesMax: 1 });
    const codes = ["ENOSPC", "EIO"];
    for (const [i, commit] of commits.entries()) {
      const code = codes[i % codes.length] ?? "";
      folder.fault = ({ kind }) => {
        if (kind !== "create") return;
        folder.fault = () => undefined;
        throw systemError(code);
      };
      await journal.append(factsOf(commit));
    }
    expect((await openJournal(folder, 2)).found).toEqual(commits);
  });

  it("is what earlier epochs wrote, too", async () => {
    const folder = new FakeJournalFolder();
    await (await openJournal(folder, 1)).journal.append(factsOf("a"));
    const { journal } = await openJournal(folder, 2);
    expect(journal.closed).toEqual(journal.recovery.segments);
    expect(journal.closed).toHaveLength(1);
  });
});
