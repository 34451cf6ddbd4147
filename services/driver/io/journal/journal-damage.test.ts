import { describe, expect, it } from "vitest";
import { windowBytes } from "./file-window.js";
import { FakeJournalFolder, systemError } from "./fake-journal-folder.js";
import { encodeFacts } from "./journal-codec.js";
import { encodeFrame, encodeSegmentHeader, frameHeaderBytes, segmentHeaderBytes } from "./journal-frames.js";
import { JournalDamage } from "./journal-segment.js";
import { changed, factsOf, flip, openJournal, recovered } from "./journal-test-support.js";

interface Written {
  readonly folder: FakeJournalFolder;
  readonly commits: string[];
  /** Where each commit of the last segment ends. */
  readonly ends: number[];
  readonly last: string;
}

/** Two epochs: the first ends in a torn frame, the second is whole. */
async function written(perEpoch = 4): Promise<Written> {
  const folder = new FakeJournalFolder();
  const commits: string[] = [];
  const ends: number[] = [];
  for (const epoch of [1, 2]) {
    const { journal } = await openJournal(folder, epoch);
    for (let i = 0; i < perEpoch; i += 1) {
      commits.push(`commit ${i} of epoch ${epoch}`);
      await journal.append(factsOf(commits.at(-1) ?? ""));
      if (epoch === 2) ends.push(folder.content("0000000002.log").length);
    }
    const torn = encodeFrame(commits.length + 1, Buffer.from("in flight when it died")).subarray(0, 30);
    if (epoch === 1) folder.put("0000000001.log", Buffer.concat([folder.content("0000000001.log"), torn]));
  }
  return { folder, commits, ends, last: "0000000002.log" };
}

describe("a journal that was cut off", () => {
  it("at any byte recovers to the last whole commit, and goes on from there for good", async () => {
    const { folder, commits, ends, last } = await written();
    for (let at = 0; at <= folder.content(last).length; at += 1) {
      const cut = changed(folder, last, (bytes) => bytes.subarray(0, at));
      const whole = 4 + ends.filter((end) => end <= at).length;
      const { journal, found } = await openJournal(cut, 3);
      expect(found).toEqual(commits.slice(0, whole));
      expect(journal.recovery.tornTail === undefined).toBe(at === segmentHeaderBytes || ends.includes(at));
      await journal.append(factsOf("after the cut"));
      expect(await recovered(cut)).toEqual([...commits.slice(0, whole), "after the cut"]);
    }
  });

  it("and whose last frame was only half kept recovers to the last whole commit", async () => {
    const { folder, commits, ends, last } = await written();
    const begin = ends.at(-2) ?? 0;
    for (let at = begin + 1; at < folder.content(last).length; at += 1) {
      const lostFront = changed(folder, last, (bytes) => bytes.fill(0, begin, at));
      expect(await recovered(lostFront)).toEqual(commits.slice(0, -1));
      const lostBack = changed(folder, last, (bytes) => bytes.fill(0, at));
      expect(await recovered(lostBack)).toEqual(commits.slice(0, -1));
    }
  });

  it("in a segment that others went on from names the frame that is missing", async () => {
    const { folder, commits } = await written();
    const name = "0000000001.log";
    const wholeBytes = folder.content(name).length - 30;
    for (let at = 0; at < wholeBytes; at += 1) {
      const damage = await recovered(changed(folder, name, (bytes) => bytes.subarray(0, at)));
      if (!(damage instanceof JournalDamage)) throw new Error(`cut at ${at}: found ${damage.length} commits`);
      if (at >= segmentHeaderBytes)
        expect(damage.message).toMatch(/^\/fake\/journal\/0000000001.log: frame [1-4] at byte/);
      if (at >= segmentHeaderBytes) expect(damage.message).toContain("a later segment goes on from frame 5");
    }
    for (let at = wholeBytes; at < wholeBytes + 30; at += 1) {
      expect(await recovered(changed(folder, name, (bytes) => bytes.subarray(0, at)))).toEqual(commits);
    }
  });
});

describe("a journal with a bit changed", () => {
  it("in the last segment: damage is named, and only the last commit can be taken for one in flight", async () => {
    const { folder, commits, ends, last } = await written();
    const lastBegins = ends.at(-2) ?? 0;
    for (let bit = 0; bit < folder.content(last).length * 8; bit += 1) {
      const found = await recovered(changed(folder, last, (bytes) => flip(bytes, bit)));
      if (bit >> 3 >= lastBegins) expect(found).toEqual(commits.slice(0, -1));
      else expect(found).toBeInstanceOf(JournalDamage);
    }
  });

  it("in an earlier segment: damage is named, unless it is in what was void already", async () => {
    const { folder, commits } = await written();
    const name = "0000000001.log";
    const wholeBytes = folder.content(name).length - 30;
    for (let bit = 0; bit < folder.content(name).length * 8; bit += 1) {
      const found = await recovered(changed(folder, name, (bytes) => flip(bytes, bit)));
      if (bit >> 3 >= wholeBytes) expect(found).toEqual(commits);
      else expect(found).toBeInstanceOf(JournalDamage);
    }
  });

  it("the message says which file, frame and byte, what was expected and found, and what to do", async () => {
    const { folder, ends, last } = await written();
    const at = (ends[1] ?? 0) + 40;
    const damage = await recovered(changed(folder, last, (bytes) => flip(bytes, at * 8)));
    expect(String(damage)).toMatch(
      new RegExp(
        `^JournalDamage: /fake/journal/${last}: frame 7 at byte ${ends[1]}: checksum [0-9a-f]+, computed [0-9a-f]+, ` +
          `and the file goes on behind it, at byte ${ends[2]}. Nothing was changed. .* restore the file from a copy`,
      ),
    );
  });

  it("a frame after a garbled header is found wherever it begins, also across the reader's windows", async () => {
    const header = encodeSegmentHeader({ id: { epoch: 1, part: 0 }, after: undefined, firstSequence: 1 });
    for (let before = 0; before <= frameHeaderBytes; before += 1) {
      // The next header begins so many bytes before the end of the window that begins behind the garbled byte.
      const payload = Buffer.alloc(windowBytes + 1 - before - frameHeaderBytes, "x");
      const garbled = flip(encodeFrame(1, payload), 9);
      const folder = new FakeJournalFolder();
      folder.put("0000000001.log", Buffer.concat([header, garbled, encodeFrame(2, Buffer.from("y"))]));
      const next = segmentHeaderBytes + garbled.length;
      const damage = String(await recovered(folder));
      expect(damage).toContain("frame 1 at byte 36: header checksum");
      expect(damage).toContain(`a later frame begins at byte ${next.toLocaleString("en-US")}`);
    }
  });

  it("a commit that is longer than the reader's window is read, and so is what follows it", async () => {
    const folder = new FakeJournalFolder();
    const { journal } = await openJournal(folder, 1);
    const commits = ["small", "x".repeat(3 * 1024 * 1024 + 17), "y"];
    for (const commit of commits) await journal.append(factsOf(commit));
    expect(await recovered(folder)).toEqual(commits);
  });
});

describe("a journal that is not as it was left", () => {
  it("a missing segment is named by the one after it", async () => {
    const { folder } = await written();
    const without = new FakeJournalFolder();
    without.put("0000000002.log", folder.content("0000000002.log"));
    expect(String(await recovered(without))).toMatch(
      /0000000002.log: it goes on from 0000000001.log with frame 5, and there is no such segment/,
    );
  });

  it.each([
    [{ after: undefined, firstSequence: 2 }, "it begins with frame 2, and goes on from no segment"],
    [
      { after: { epoch: 3, part: 0 }, firstSequence: 9 },
      "goes on from 0000000003.log with frame 9, which is not before",
    ],
    [
      { after: { epoch: 2, part: 0 }, firstSequence: 4 },
      "from 0000000002.log with frame 4, which begins with frame 5",
    ],
  ])("a segment that says %j is refused", async (start, flaw) => {
    const { folder } = await written();
    folder.put("0000000003.log", encodeSegmentHeader({ id: { epoch: 3, part: 0 }, ...start }));
    expect(String(await recovered(folder))).toContain(flaw);
  });

  it("a segment under another name is told by its header", async () => {
    const { folder } = await written();
    const renamed = folder.copy();
    renamed.put("0000000003.log", folder.content("0000000002.log"));
    expect(String(await recovered(renamed))).toMatch(
      /0000000003.log: the header says that this is 0000000002.log/,
    );
  });

  it("a frame in the wrong place is damage, not a torn tail", async () => {
    const { folder, last } = await written();
    const twice = changed(folder, last, (bytes) =>
      Buffer.concat([bytes, encodeFrame(8, Buffer.from("again"))]),
    );
    expect(String(await recovered(twice))).toMatch(/frame 9 at byte .*: expected this frame, found frame 8/);
  });

  it("files that are no segments are left alone", async () => {
    const { folder, commits } = await written();
    folder.put(".nfs0000000001", Buffer.from("a file that somebody has open"));
    folder.put("0000000001.log.bak", Buffer.from("a copy"));
    expect(await recovered(folder)).toEqual(commits);
  });
});

describe("a driver that was replaced", () => {
  it("and wakes up late changes nothing, whatever it writes", async () => {
    const folder = new FakeJournalFolder();
    const old = await openJournal(folder, 1);
    await old.journal.append(factsOf("a"));
    const next = await openJournal(folder, 2);
    await old.journal.append(factsOf("late"));
    expect(await recovered(folder)).toEqual(["a"]);
    await next.journal.append(factsOf("b"));
    folder.fault = (operation) => {
      folder.fault = () => undefined;
      throw systemError(operation.kind === "write" ? "EIO" : "ENOSPC");
    };
    await old.journal.append(factsOf("later, in a segment that is made for it"));
    expect(folder.names()).toContain("0000000001-1.log");
    expect(await recovered(folder)).toEqual(["a", "b"]);
  });

  it("and one that was replaced while it started change nothing between them", async () => {
    const id = (epoch: number) => ({ epoch, part: 0 });
    const segment = (epoch: number, after: number | undefined, first: number, ...texts: string[]): Buffer =>
      Buffer.concat([
        encodeSegmentHeader({
          id: id(epoch),
          after: after === undefined ? after : id(after),
          firstSequence: first,
        }),
        ...texts.map((text, i) => encodeFrame(first + i, encodeFacts(factsOf(text)))),
      ]);
    const folder = new FakeJournalFolder();
    // Epoch 2 read two frames of the first, was replaced, and wrote; epoch 3 had read three by then, and not epoch 2's.
    folder.put("0000000001.log", segment(1, undefined, 1, "a", "b", "c", "late"));
    folder.put("0000000002.log", segment(2, 1, 3, "of the one in between"));
    folder.put("0000000003.log", segment(3, 1, 4, "d"));
    expect(await recovered(folder)).toEqual(["a", "b", "c", "d"]);
  });
});
