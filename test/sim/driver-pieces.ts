// The driver's pieces, each of which can be another one: mutants are made so (mutants.ts).

import { apply } from "../../services/driver/core/apply/apply.js";
import type { Effect } from "../../services/driver/core/facts/effect.js";
import type { Farm } from "../../services/driver/core/state/farm.js";
import { takeTurn } from "../../services/driver/core/turn.js";
import type { Journal } from "../../services/driver/io/journal/journal.js";

/** The pieces of the driver that a mutant may put others in the place of. */
export interface DriverPieces {
  readonly takeTurn: typeof takeTurn;
  /** What replays the journal. */
  readonly apply: typeof apply;
  /** What the engine appends to, made of the real journal. */
  readonly journal: (journal: Pick<Journal, "append">) => Pick<Journal, "append">;
  /** What becomes of a farm that a snapshot held. */
  readonly restore: (farm: Farm) => Farm;
  /** What becomes of effects just before they are performed. */
  readonly effects: (effects: readonly Effect[]) => readonly Effect[];
  /** Whether a driver takes its claim for the last one. */
  readonly isCurrent: (own: number, highest: number) => boolean;
  /** Whether who reads waits for the commit that is under way. */
  readonly readsWait: boolean;
  /** Whether the farm is looked into after each turn. */
  readonly isLookedInto: boolean;
  /** In which jobs a bug is planted that takes them out of service. */
  readonly mayBreak: (job: number) => boolean;
}

export const realPieces: DriverPieces = {
  takeTurn,
  apply,
  journal: (journal) => journal,
  restore: (farm) => farm,
  effects: (effects) => effects,
  isCurrent: (own, highest) => own === highest,
  readsWait: true,
  isLookedInto: true,
  mayBreak: () => false,
};
