import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { silentLogger, type Logger } from "../../../shared/io/logger.js";
import type { DurableFact } from "../../core/facts/fact.js";
import { FakeJournalFolder } from "./fake-journal-folder.js";
import type { Journal } from "./journal.js";
import { makeSnapshot, type MakeSnapshot } from "./snapshot-maker.js";
import { factsOfWalk, foundIn, openBooks, valueAfter } from "./snapshot-test-support.js";
import { Snapshots, type SnapshotParts } from "./snapshots.js";
import { StandingClock } from "../testing.js";

const facts = factsOfWalk(300);

interface Watched {
  readonly folder: FakeJournalFolder;
  readonly journal: Journal;
  readonly snapshots: Snapshots;
  readonly registry: Registry;
  readonly lines: string[];
  claimed: boolean;
  /** Commits facts as the engine does, and lets what follows come to rest. */
  commit(facts: readonly DurableFact[]): Promise<void>;
}

async function watched(parts: Partial<SnapshotParts> = {}): Promise<Watched> {
  const folder = new FakeJournalFolder();
  const { journal } = await openBooks(folder, 1);
  const lines: string[] = [];
  const say = (message: string): void => void lines.push(message);
  const log: Logger = { ...silentLogger, info: say, warn: say };
  const registry = new Registry();
  const state = { claimed: true };
  const claim = { isCurrent: () => Promise.resolve(state.claimed) };
  const clock = new StandingClock();
  const all = {
    folder,
    journal,
    epoch: 1,
    claim,
    clock,
    log,
    registry,
    make: makeSnapshot,
    afterBytes: 1_000,
  };
  const snapshots = new Snapshots({ ...all, ...parts });
  const commit = async (some: readonly DurableFact[]): Promise<void> => {
    for (const fact of some) {
      await journal.append([fact]);
      snapshots.look();
      await rest();
    }
  };
  return Object.assign(state, { folder, journal, snapshots, registry, lines, commit });
}

/** All that goes on by itself has gone on: nothing here waits for anything but the loop. */
async function rest(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

const made = (lines: readonly string[]): number => lines.filter((line) => line === "snapshot made").length;
const ending = (folder: FakeJournalFolder, end: string): string[] =>
  folder.names().filter((name) => name.endsWith(end));

describe("snapshots", () => {
  it("are made when so many bytes were closed, and two of them have segments go", async () => {
    const { folder, commit, lines, registry } = await watched();
    await commit(facts);
    expect(made(lines)).toBeGreaterThan(2);
    expect(ending(folder, ".snapshot")).toHaveLength(2);
    expect(folder.names()).not.toContain("0000000001.log");
    expect(await foundIn(folder)).toEqual(valueAfter(facts));
    expect(await registry.metrics()).toMatch(/noctua_snapshot_bytes \d{3,}/);
    expect(await registry.metrics()).toMatch(/noctua_snapshot_sequence [1-9]/);
  });

  it("are not made of less than the last one was large: writing them stays in proportion", async () => {
    const { commit, lines } = await watched({ afterBytes: 1 });
    await commit(facts);
    expect(made(lines)).toBeLessThan(16);
  });

  it("are made after a start that had to read much", async () => {
    const { folder, commit } = await watched({ afterBytes: 1_000_000 });
    await commit(facts);
    const { journal } = await openBooks(folder, 2);
    const next = await watched({ folder, journal, epoch: 2 });
    next.snapshots.look();
    await rest();
    expect(made(next.lines)).toBe(1);
    expect(await foundIn(folder)).toEqual(valueAfter(facts));
  });

  it("are made one at a time", async () => {
    let running = 0;
    const make: MakeSnapshot = async (...args) => {
      running += 1;
      expect(running).toBe(1);
      const result = await makeSnapshot(...args);
      running -= 1;
      return result;
    };
    const { journal, snapshots, lines } = await watched({ make });
    for (const fact of facts) {
      await journal.append([fact]);
      snapshots.look();
    }
    await rest();
    expect(made(lines)).toBeGreaterThan(0);
  });

  it("that fail are said and counted, harm nothing, and are tried again", async () => {
    let tries = 0;
    const make: MakeSnapshot = (...args) => {
      tries += 1;
      return tries === 1 ? Promise.reject(new Error("out of memory")) : makeSnapshot(...args);
    };
    const { folder, commit, lines, registry } = await watched({ make });
    await commit(facts);
    expect(lines[0]).toBe("snapshot failed");
    expect(made(lines)).toBeGreaterThan(0);
    expect(await registry.metrics()).toContain("noctua_snapshot_failures_total 1");
    expect(await foundIn(folder)).toEqual(valueAfter(facts));
  });

  it("have nothing removed by a driver that was replaced", async () => {
    const test = await watched();
    test.claimed = false;
    await test.commit(facts);
    expect(made(test.lines)).toBeGreaterThan(2);
    expect(test.folder.names()).toContain("0000000001.log");
  });

  it("that a predecessor left unfinished are removed at the start, and those of later drivers are not", async () => {
    const { folder, commit } = await watched();
    await commit(facts);
    folder.put("0000000001.7.snapshot.1.tmp", Buffer.from("half"));
    folder.put("0000000003.9.snapshot.3.tmp", Buffer.from("half"));
    const { journal } = await openBooks(folder, 2);
    const next = await watched({ folder, journal, epoch: 2, afterBytes: 1_000_000 });
    next.snapshots.look();
    await rest();
    expect(ending(folder, ".tmp")).toEqual(["0000000003.9.snapshot.3.tmp"]);
  });

  it("that are being made are left when the driver stops, and no more are begun", async () => {
    let began = 0;
    const make: MakeSnapshot = (_folder, _plan, signal) => {
      began += 1;
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("told to stop")), { once: true });
      });
    };
    const { commit, snapshots, lines } = await watched({ make });
    await commit(facts);
    await snapshots.stop();
    await commit(facts.slice(0, 0));
    snapshots.look();
    expect([began, lines]).toEqual([1, []]);
  });
});
