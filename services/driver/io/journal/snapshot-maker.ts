// Makes a snapshot of what stands fast in a journal, beside the driver that writes on.
//
//   K1. It is made of the facts themselves, by the same `apply` that made the driver's own farm: what the driver has in
//       memory is not asked.
//   K2. It gets its name only when it is durable and was read back, and what came back is equal. One that is not whole
//       has another name, and means nothing to anybody.
//   K3. One farm is in memory at a time.
//   K4. No snapshot is made of a job that can't be made of its facts, unless they say that it is out of service: it would
//       take the place of the facts.

import { join } from "node:path";
import { present } from "../../../shared/core/assert.js";
import { apply } from "../../core/apply/apply.js";
import { containOld } from "../../core/apply/contain.js";
import { emptyFarm, type Farm } from "../../core/state/farm.js";
import type { Chain } from "./journal-chain.js";
import { snapshotName, unfinishedName, type JournalFolder } from "./journal-folder.js";
import type { SnapshotId } from "./journal-frames.js";
import { readChain } from "./journal-recovery.js";
import { digestOf, readState, writeState, type SnapshotSource } from "./snapshot-file.js";

/** What is to be made. Plain data: it is sent to a thread. */
export interface SnapshotPlan {
  /** Of closed segments only; the snapshot is of the last one's end. */
  readonly chain: Chain;
  /** Of the driver. */
  readonly epoch: number;
}

/** What was made, and is durable. Plain data, too. */
export interface MadeSnapshot {
  readonly id: SnapshotId;
  readonly bytes: number;
  /** It, and those before it that are not known to be damaged: the newest first. */
  readonly snapshots: readonly SnapshotId[];
  /** What is wrong with snapshots that should have been gone on from. */
  readonly passedOver: readonly string[];
}

export type MakeSnapshot = (
  folder: JournalFolder,
  plan: SnapshotPlan,
  signal: AbortSignal,
) => Promise<MadeSnapshot>;

/** Makes it here, on the loop of whoever calls. The simulator plants its mutants in place of `enter`. */
export async function makeSnapshot(
  folder: JournalFolder,
  { chain, epoch }: SnapshotPlan,
  signal: AbortSignal,
  enter = apply,
): Promise<MadeSnapshot> {
  const state: { farm: Farm } = { farm: emptyFarm() };
  const { nextSequence, snapshots, passedOver } = await readChain(
    folder,
    chain,
    {
      onState: (farm) => (state.farm = farm),
      onFacts: (facts) => {
        for (const fact of facts) containOld(state.farm, fact, enter); // (K1)
      },
    },
    signal,
  );
  for (const [job, { reason, doing }] of state.farm.faults)
    throw new Error(`job ${job} can't be taken over: ${reason} (while ${doing})`); // (K4)
  const segment = present(chain.links.at(-1), "a closed segment").id;
  const id = { segment, sequence: nextSequence - 1 };
  const name = unfinishedName(id, epoch);
  await folder.remove(name); // An earlier try of the same driver.
  try {
    const bytes = await writeAndReadBack({ folder, name, id, state }, signal);
    await folder.rename(name, snapshotName(id));
    await folder.sync();
    return { id, bytes, snapshots: [id, ...snapshots], passedOver };
  } catch (error) {
    await folder.remove(name).catch(() => undefined); // The failure itself says more.
    throw error;
  }
}

interface Draft {
  readonly folder: JournalFolder;
  readonly name: string;
  readonly id: SnapshotId;
  readonly state: { farm: Farm };
}

/** How many bytes it has (K2). */
async function writeAndReadBack({ folder, name, id, state }: Draft, signal: AbortSignal): Promise<number> {
  const file = await folder.create(name, "synced-later");
  const written = await closing(file, () => writeState(file, id, state.farm, signal));
  state.farm = emptyFarm(); // (K3)
  const path = join(folder.path, name);
  const source: SnapshotSource = { file: await folder.open(name), path, id };
  const digest = digestOf(await closing(source.file, () => readState(source, signal)));
  if (digest === written.digest) return written.bytes;
  throw new Error(`${path}: expected to read back a state with digest ${written.digest}, found ${digest}`);
}

async function closing<Result>(
  file: { close(): Promise<void> },
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } finally {
    await file.close();
  }
}
