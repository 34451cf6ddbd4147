// What a range that is not done went through: kept for those few that failed, or that something died around.
//
//   T1. A range has a trial from its first failure, or the first death around it, until it is done or fails for good.
//   T2. What was decided of it then (when it is due, whom it avoids, whether it runs alone) stands in the fact and is
//       kept here, so that a range which comes back from a grant waits as it did before.

import type { FailureClass } from "../../../shared/core/failure.js";

/** A failure of the range's payload. */
export interface Attempt {
  readonly node: string;
  readonly class: FailureClass;
  /** It cost credit; given back when its node is quarantined. */
  counted: boolean;
}

export interface Trial {
  readonly attempts: Attempt[];
  /** It is not granted before this time; 0 when it may be at once. */
  dueUnixMs: number;
  /** Nodes that it is not granted to while there are others. */
  avoids: readonly string[];
  /** It gets a payload process of its own. */
  alone: boolean;
  /** It gets a node of its own, too: nothing else is lent to its actor meanwhile. */
  solitary: boolean;
  /** So often did its node die while it may have run there. */
  nodeDeaths: number;
  /** So often did its payload process die while others ran in it too. */
  payloadDeaths: number;
}

export type TrialView = Readonly<Omit<Trial, "attempts">> & {
  readonly attempts: readonly Readonly<Attempt>[];
};

/** Attempts on nodes that are quarantined or unheard cost nothing, so there may be any number of them: the oldest are forgotten. */
const uncountedMax = 16;

/** The trial of a range, which begins now when it has none yet (T1). */
export function trialOf(trials: Map<number, Trial>, range: number): Trial {
  const known = trials.get(range);
  if (known !== undefined) return known;
  const trial = newTrial();
  trials.set(range, trial);
  return trial;
}

export function newTrial(): Trial {
  const free = { dueUnixMs: 0, avoids: [], alone: false, solitary: false };
  return { attempts: [], ...free, nodeDeaths: 0, payloadDeaths: 0 };
}

export function addAttempt({ attempts }: Trial, attempt: Attempt): void {
  attempts.push(attempt);
  if (attempts.reduce((uncounted, { counted }) => uncounted + (counted ? 0 : 1), 0) <= uncountedMax) return;
  attempts.splice(
    attempts.findIndex(({ counted }) => !counted),
    1,
  );
}

/** Whether a range that went through this can't be given to just anybody at once. */
export function mustWait({ dueUnixMs, avoids, alone }: TrialView): boolean {
  return dueUnixMs > 0 || avoids.length > 0 || alone;
}
