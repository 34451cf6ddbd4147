import { crc32 } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { FakeJournalFolder } from "./fake-journal-folder.js";
import { JournalDamage } from "./journal-segment.js";
import { changed, flip } from "./journal-test-support.js";
import type { Journal } from "./journal.js";
import {
  factsOfWalk,
  foundIn,
  openBooks,
  snapshotOf,
  valueAfter,
  writtenWithSnapshots,
} from "./snapshot-test-support.js";

const facts = factsOfWalk(60);
const value = valueAfter(facts);
const valueWithoutLast = valueAfter(facts.slice(0, -1));
let whole: FakeJournalFolder;
let journal: Journal;
let pruned: FakeJournalFolder;

beforeAll(async () => {
  whole = new FakeJournalFolder();
  journal = await writtenWithSnapshots(whole, facts);
  const before = whole.copy();
  await journal.prune();
  pruned = whole;
  whole = before;
});

const snapshotsIn = (folder: FakeJournalFolder): string[] =>
  folder.names().filter((name) => name.endsWith(".snapshot"));
const sequenceOf = (name: string): number => Number(name.split(".")[1]);
const newestOf = (folder: FakeJournalFolder): string =>
  snapshotsIn(folder).reduce((newest, name) => (sequenceOf(name) > sequenceOf(newest) ? name : newest));
const olderOf = (folder: FakeJournalFolder): string =>
  snapshotsIn(folder).find((name) => name !== newestOf(folder)) ?? "";
const segmentsIn = (folder: FakeJournalFolder): string[] =>
  folder.names().filter((name) => name.endsWith(".log"));

function without(folder: FakeJournalFolder, ...names: string[]): FakeJournalFolder {
  const copy = new FakeJournalFolder();
  for (const name of folder.names()) if (!names.includes(name)) copy.put(name, folder.content(name));
  return copy;
}

/** Every byte of a short file, and some of a long one. */
function* places(length: number, most: number): Generator<number> {
  const stride = Math.max(1, Math.floor(length / most));
  for (let at = 0; at < length; at += stride) yield at;
}

describe("a journal with snapshots", () => {
  it("is what its facts give, before segments go and after", async () => {
    expect(snapshotsIn(whole)).toHaveLength(2);
    expect(segmentsIn(pruned).length).toBeLessThan(segmentsIn(whole).length);
    expect(await foundIn(whole)).toEqual(value);
    expect(await foundIn(pruned)).toEqual(value);
    expect((await openBooks(pruned.copy(), 1_000)).journal.recovery.snapshots).toHaveLength(2);
  });

  it("reads no more than the newest snapshot and the segments after it", async () => {
    const { recovery } = (await openBooks(pruned.copy(), 1_000)).journal;
    expect(recovery.frames).toBe(facts.length - sequenceOf(newestOf(pruned)));
    expect(recovery.snapshot?.sequence).toBe(sequenceOf(newestOf(pruned)));
  });
});

describe("a snapshot that is damaged", () => {
  it("cut at any byte, is passed over for the one before it, and said so", async () => {
    const name = newestOf(pruned);
    for (const at of places(pruned.content(name).length, 400)) {
      const cut = changed(pruned, name, (bytes) => bytes.subarray(0, at));
      expect(await foundIn(cut), `cut at ${at}`).toEqual(value);
      if (at % 50 !== 0) continue;
      const { recovery } = (await openBooks(cut, 1_000)).journal;
      expect(recovery.passedOver).toEqual([
        expect.stringMatching(new RegExp(`^/fake/journal/${name}: .*cut off`)),
      ]);
      expect(recovery.snapshots.map(({ sequence }) => sequence)).toEqual([sequenceOf(olderOf(pruned))]);
    }
  });

  it("with any bit changed or anything behind its end, too", async () => {
    const name = newestOf(pruned);
    for (const bit of places(pruned.content(name).length * 8, 800))
      expect(await foundIn(changed(pruned, name, (bytes) => flip(bytes, bit))), `bit ${bit}`).toEqual(value);
    const longer = changed(pruned, name, (bytes) => Buffer.concat([bytes, Buffer.from([0])]));
    expect((await openBooks(longer, 1_000)).journal.recovery.passedOver[0]).toContain(
      "goes on behind its end",
    );
  });

  it("and the only one since segments went, is an error that names it and what to do", async () => {
    const [newest, older] = [newestOf(pruned), olderOf(pruned)];
    const one = without(pruned, older);
    for (const at of places(pruned.content(newest).length, 60)) {
      const damage = await foundIn(changed(one, newest, (bytes) => bytes.subarray(0, at)));
      expect(damage).toBeInstanceOf(JournalDamage);
      expect(String(damage)).toMatch(
        /there is no such segment; nor is there a whole snapshot of what was before: /,
      );
      expect(String(damage)).toContain(`/fake/journal/${newest}`);
      expect(String(damage)).toContain("restore the file from a copy");
    }
    const both = changed(
      changed(pruned, newest, (bytes) => flip(bytes, 999)),
      older,
      (bytes) => flip(bytes, 999),
    );
    expect(String(await foundIn(both))).toMatch(new RegExp(`${newest}.*${older}`));
  });

  it("is passed over for the beginning where all segments are there", async () => {
    let damaged = whole;
    for (const name of snapshotsIn(whole)) damaged = changed(damaged, name, (bytes) => flip(bytes, 500));
    expect(await foundIn(damaged)).toEqual(value);
  });

  it("and passed over once, is no reason for segments to go", async () => {
    const damaged = changed(pruned, newestOf(pruned), (bytes) => flip(bytes, 777));
    const next = await openBooks(damaged, 2);
    await snapshotOf(damaged, next.journal, 2);
    await next.journal.prune();
    const newest = newestOf(damaged);
    expect(await foundIn(changed(damaged, newest, (bytes) => flip(bytes, 777)))).toEqual(value);
  });
});

describe("a segment beside snapshots", () => {
  it("with any bit changed: what comes back is right, or damage, or lacks the last commit that may have been in flight", async () => {
    for (const folder of [whole, pruned]) {
      const last = segmentsIn(folder).sort((a, b) => partOf(b) - partOf(a))[0];
      for (const name of segmentsIn(folder)) {
        for (const bit of places(folder.content(name).length * 8, 40)) {
          const found = await foundIn(changed(folder, name, (bytes) => flip(bytes, bit)));
          if (found instanceof JournalDamage) continue;
          if (name === last) expect([value, valueWithoutLast]).toContainEqual(found);
          else expect(found).toEqual(value);
        }
      }
    }
  });

  it("that is missing between the newest snapshot and the last segment is named", async () => {
    const names = segmentsIn(pruned).sort((a, b) => partOf(a) - partOf(b));
    for (const name of names.slice(0, -1)) {
      const found = await foundIn(without(pruned, name));
      if (found instanceof JournalDamage) expect(String(found)).toContain("there is no such segment");
      else expect(found).toEqual(value); // The newest snapshot holds it.
    }
    expect(await foundIn(without(pruned, names.at(-2) ?? ""))).toBeInstanceOf(JournalDamage);
  });

  it("and all after it missing, are missed by the snapshot that they had gone on from", async () => {
    const sequence = sequenceOf(newestOf(pruned));
    const found = await foundIn(without(pruned, ...segmentsIn(pruned)));
    expect(String(found)).toMatch(
      new RegExp(
        `segments that go on from commit ${sequence} were there when it was made, and there is no segment`,
      ),
    );
  });
});

describe("a snapshot that does not belong here", () => {
  it("of a driver that was replaced is as void as what it wrote", async () => {
    const folder = new FakeJournalFolder();
    const old = await openBooks(folder, 1);
    for (const fact of facts.slice(0, 10)) await old.journal.append([fact]);
    const next = await openBooks(folder, 2);
    for (const fact of facts.slice(10, 20)) await old.journal.append([fact]);
    for (const fact of facts.slice(10)) await next.journal.append([fact]);
    const void_ = folder.copy();
    await snapshotOf(folder, old.journal, 1);
    expect(snapshotsIn(folder)).toHaveLength(1);
    expect(await foundIn(folder)).toEqual(await foundIn(void_));
    expect((await openBooks(folder, 3)).journal.recovery.snapshot).toBeUndefined();
  });

  it("since it has another one's name, is damaged", async () => {
    const [newest, older] = [newestOf(whole), olderOf(whole)];
    const renamed = changed(whole, newest, () => Buffer.from(whole.content(older)));
    const { recovery } = (await openBooks(renamed.copy(), 1_000)).journal;
    expect(recovery.passedOver[0]).toMatch(/it says that it holds commits up to \d+ of epoch 1/);
    expect(await foundIn(renamed)).toEqual(value);
  });

  it("since it is unfinished, is not looked at", async () => {
    const copy = whole.copy();
    copy.put(`${newestOf(whole)}.1.tmp`, Buffer.from("half"));
    expect(await foundIn(copy)).toEqual(value);
  });

  it("since a newer Noctua wrote it, is an error that says so", async () => {
    const newer = changed(pruned, newestOf(pruned), (bytes) => {
      bytes.writeUInt8(9, 7);
      bytes.writeUInt32LE(crc32(bytes.subarray(0, 24)), 24);
      return bytes;
    });
    await expect(foundIn(newer)).rejects.toThrow(
      "expected snapshot version 1, found 9: a newer Noctua wrote it",
    );
  });
});

function partOf(name: string): number {
  return Number(/-(\d+)\.log$/.exec(name)?.[1] ?? 0);
}
