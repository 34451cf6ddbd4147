// What the driver and the thread that makes its snapshots say to each other. It comes from the same program in the same
// process, so it is believed.

import type { MadeSnapshot, SnapshotPlan } from "./snapshot-maker.js";

/** What such a thread is told at its start. */
export const snapshotWords = "make snapshots";

export interface SnapshotOrder {
  /** Of the journal. */
  readonly folder: string;
  readonly plan: SnapshotPlan;
}

/** What the thread says of an order. */
export type SnapshotAnswer =
  { readonly kind: "made"; readonly made: MadeSnapshot } | { readonly kind: "failed"; readonly why: string };

export function parseOrder(message: unknown): SnapshotOrder {
  return message as SnapshotOrder;
}

export function parseAnswer(message: unknown): SnapshotAnswer {
  return message as SnapshotAnswer;
}
