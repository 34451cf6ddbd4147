// What the driver and the thread that makes its snapshots say to each other. It comes from the same program in the same
// process, so it is believed.

import type { MadeSnapshot, SnapshotPlan } from "./snapshot-maker.js";

/** What a thread is told at its start. */
export interface SnapshotOrder {
  /** Of the journal. */
  readonly folder: string;
  readonly plan: SnapshotPlan;
}

export function parseOrder(data: unknown): SnapshotOrder {
  return data as SnapshotOrder;
}

export function parseMade(message: unknown): MadeSnapshot {
  return message as MadeSnapshot;
}
