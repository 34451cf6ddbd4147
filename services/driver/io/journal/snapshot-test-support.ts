// What the tests of snapshots share: a journal of a driver that was told all kinds of things, and what comes of it.

import { epochNumber } from "../../../shared/core/id.js";
import { seededRng } from "../../../shared/core/rng.js";
import { apply } from "../../core/apply/apply.js";
import type { DurableFact } from "../../core/facts/fact.js";
import { emptyFarm, type Farm } from "../../core/state/farm.js";
import { durableValueOf } from "../../core/testing/testing-durable.js";
import { Walk, weights, type Action } from "../../core/testing/testing-walk.js";
import type { FakeJournalFolder } from "./fake-journal-folder.js";
import { JournalDamage } from "./journal-segment.js";
import { Journal, type JournalOptions } from "./journal.js";
import { makeSnapshot } from "./snapshot-maker.js";

const never = new AbortController().signal;
/** Each as often as its weight says. */
const actions = Object.keys(weights)
  .filter((action): action is Action => action in weights)
  .flatMap((action) => Array.from({ length: weights[action] }, () => action));

/** Facts of a run with jobs, sessions, failures and merges. */
export function factsOfWalk(steps: number, seed = 1): readonly DurableFact[] {
  const rng = seededRng(seed);
  const draw = (below: number): number => Math.floor(rng.next() * below);
  const walk = new Walk();
  for (let i = 0; i < steps; i += 1)
    walk.take({ action: actions[draw(actions.length)] ?? "ask", dice: draw(2 ** 31) });
  return walk.driver.journal;
}

/** What the farm is after these facts. */
export function valueAfter(facts: readonly DurableFact[]): unknown {
  const farm = emptyFarm();
  for (const fact of facts) apply(farm, fact);
  return durableValueOf(farm);
}

export interface OpenedBooks {
  readonly journal: Journal;
  readonly farm: Farm;
}

export async function openBooks(
  folder: FakeJournalFolder,
  epoch: number,
  options: Partial<JournalOptions> = {},
): Promise<OpenedBooks> {
  let farm = emptyFarm();
  const all: JournalOptions = {
    epoch: epochNumber(epoch),
    clock: { nowMs: () => 0, unixMs: () => 0 },
    segmentBytesMax: 400,
    onState: (state) => (farm = state),
    onFacts: (facts) => {
      for (const fact of facts) apply(farm, fact);
    },
    ...options,
  };
  const journal = await Journal.open(folder, all, never);
  return { journal, farm };
}

/** What a next driver would find: the farm as a value, or the damage that it names. The folder stays as it is. */
export async function foundIn(folder: FakeJournalFolder, epoch = 1_000): Promise<unknown> {
  try {
    return durableValueOf((await openBooks(folder.copy(), epoch)).farm);
  } catch (error) {
    if (error instanceof JournalDamage) return error;
    throw error;
  }
}

/** Makes a snapshot of all that is closed, as the driver's thread does, and takes it in. */
export async function snapshotOf(folder: FakeJournalFolder, journal: Journal, epoch: number): Promise<void> {
  const made = await makeSnapshot(folder, { chain: journal.chain, epoch }, never);
  journal.adopt(made.snapshots);
}

/** Writes the facts, each as a commit, with two snapshots on the way: after a third of them, and after two thirds. */
export async function writtenWithSnapshots(
  folder: FakeJournalFolder,
  facts: readonly DurableFact[],
): Promise<Journal> {
  const { journal } = await openBooks(folder, 1);
  const third = Math.floor(facts.length / 3);
  for (const [i, fact] of facts.entries()) {
    await journal.append([fact]);
    if (i === third || i === 2 * third) await snapshotOf(folder, journal, 1);
  }
  return journal;
}
