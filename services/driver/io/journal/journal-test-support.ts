// What the tests of the journal share: commits told by a text, and what a next driver finds.

import { epochNumber, sessionNumber } from "../../../shared/core/id.js";
import type { DurableFact } from "../../core/facts/fact.js";
import type { FakeJournalFolder } from "./fake-journal-folder.js";
import { JournalDamage } from "./journal-segment.js";
import { Journal, type JournalOptions } from "./journal.js";

const never = new AbortController().signal;
const clock = { nowMs: () => 0, unixMs: () => 0 };

/** Facts with a text each. */
export function factsOf(...texts: readonly string[]): DurableFact[] {
  return texts.map((reason) => ({ kind: "session-ended", session: sessionNumber(1), reason }));
}

interface OpenedJournal {
  readonly journal: Journal;
  /** The texts of the commits that were found; those of one commit are joined by a comma. */
  readonly found: string[];
}

export async function openJournal(
  folder: FakeJournalFolder,
  epoch: number,
  options: Partial<JournalOptions> = {},
  signal = never,
): Promise<OpenedJournal> {
  const found: string[] = [];
  const onFacts = (facts: readonly DurableFact[]): void => {
    found.push(facts.map((fact) => (fact.kind === "session-ended" ? fact.reason : fact.kind)).join());
  };
  const waitForSpace = () => Promise.resolve();
  const all = {
    epoch: epochNumber(epoch),
    clock,
    onState: () => undefined,
    onFacts,
    waitForSpace,
    ...options,
  };
  return { journal: await Journal.open(folder, all, signal), found };
}

/** What a next driver would find: the commits, or the damage that it names. The folder stays as it is. */
export async function recovered(folder: FakeJournalFolder, epoch = 99): Promise<string[] | JournalDamage> {
  try {
    return (await openJournal(folder.copy(), epoch)).found;
  } catch (error) {
    if (error instanceof JournalDamage) return error;
    throw error;
  }
}

/** A copy in which one file is changed. */
export function changed(
  folder: FakeJournalFolder,
  name: string,
  change: (bytes: Buffer) => Buffer,
): FakeJournalFolder {
  const copy = folder.copy();
  copy.put(name, change(copy.content(name)));
  return copy;
}

/** In place. */
export function flip(bytes: Buffer, bit: number): Buffer {
  bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return bytes;
}
