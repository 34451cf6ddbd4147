// Snapshots as the shipped driver makes them: by a thread that runs the same bundle.

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { apply } from "../../services/driver/core/apply/apply.js";
import { emptyFarm } from "../../services/driver/core/state/farm.js";
import { durableValueOf } from "../../services/driver/core/testing/testing-durable.js";
import { openJournalFolder } from "../../services/driver/io/journal/journal-folder.js";
import { Journal } from "../../services/driver/io/journal/journal.js";
import { factsOfWalk } from "../../services/driver/io/journal/snapshot-test-support.js";
import { SnapshotThread } from "../../services/driver/io/journal/snapshot-thread.js";
import { epochNumber } from "../../services/shared/core/id.js";
import { systemClock } from "../../services/shared/io/system-clock.js";

const never = new AbortController().signal;
const program = join(import.meta.dirname, "..", "..", "dist", "driver.cjs");

test("the driver's bundle, run as a thread, makes snapshots that stand for the segments before them", async () => {
  const path = await mkdtemp(join(tmpdir(), "noctua-snapshots-"));
  onTestFinished(() => rm(path, { recursive: true }));
  const facts = factsOfWalk(200);
  const expected = emptyFarm();
  for (const fact of facts) apply(expected, fact);
  const open = async (epoch: number) => {
    const folder = await openJournalFolder(join(path, "journal"));
    let farm = emptyFarm();
    const options = {
      ...{ epoch: epochNumber(epoch), clock: systemClock, segmentBytesMax: 1_000 },
      onState: (state: typeof farm) => (farm = state),
      onFacts: (some: typeof facts) => {
        for (const fact of some) apply(farm, fact);
      },
    };
    const journal = await Journal.open(folder, options, never);
    return { folder, journal, farm };
  };

  const { folder, journal } = await open(1);
  const thread = new SnapshotThread(program);
  onTestFinished(() => thread.close());
  const third = Math.floor(facts.length / 3);
  for (const [i, fact] of facts.entries()) {
    await journal.append([fact]);
    if (i !== third && i !== 2 * third) continue;
    const made = await thread.make(folder, { chain: journal.chain, epoch: 1 }, never);
    journal.adopt(made.snapshots);
    await journal.prune();
  }
  await journal.close();
  const names = await readdir(join(path, "journal"));
  expect(names.filter((name) => name.endsWith(".snapshot"))).toHaveLength(2);
  expect(names).not.toContain("0000000001.log");

  const next = await open(2);
  expect(next.journal.recovery.snapshot).toBeDefined();
  expect(durableValueOf(next.farm)).toEqual(durableValueOf(expected));
  await next.journal.close();
});
