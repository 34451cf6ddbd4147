// What the driver's decisions are bounded by. Set once at its start.

export interface Rules {
  /** What a session holds returns when nothing was heard of it for so long. */
  readonly leaseMs: number;
  /** When the clock strikes so late, the driver itself stood still, and nobody is to blame for silence. */
  readonly stallMs: number;
  /** Jobs in one run, over or not: some ten kilobytes each. */
  readonly jobsMax: number;
  /** Ranges in one job. */
  readonly rangesMax: number;
  /** Inputs in one job: some 300 bytes each. */
  readonly inputsMax: number;
  /** Inputs that one request may add. */
  readonly addedInputsMax: number;
  /** Ranges in one grant. */
  readonly grantRangesMax: number;
  /** Ranges that one message may name without an output each: many times what a node holds, and soon walked through. */
  readonly namedRangesMax: number;
  readonly copies: CopyRules;
  /** A node gets no more ranges when so many failed there, and on no other node, since the last success. */
  readonly quarantineAfter: number;
  /** Where nothing was done yet, a node must have been there for so long before its word alone is final (unproven.ts). */
  readonly witnessWaitMs: number;
  /** Nodes that are gone, and of which something is remembered: some hundred bytes each. */
  readonly goneNodesMax: number;
  /** Nodes that are drained at a time, gone or not. */
  readonly drainedNodesMax: number;
  /** A range that may have killed its node, or the payload process that it shared, so often is granted alone. */
  readonly suspicionsMax: number;
  /** A range fails for good when its node died so often while it may have run there. */
  readonly nodeDeathsMax: number;
  /** A range fails for good when its output was lost so often. */
  readonly outputLostMax: number;
}

/** What bounds the copies of ranges that run for very long (speculate.ts). */
export interface CopyRules {
  /** What was lent for less is not copied, however short its kind is: starting a copy takes about as long. */
  readonly afterMs: number;
  /** So many measured ranges tell how long the rest take; fewer would take every second job's longest for a straggler. */
  readonly measuredMin: number;
  /** In small jobs so many, when they are half of the job. */
  readonly measuredLeast: number;
  /** At most such a part of the slots that are there works on copies, and always one. */
  readonly slotPart: number;
  /** Copies that one tick makes, so that a turn stays short. */
  readonly perTickMax: number;
  /** Ranges that one tick looks at. */
  readonly lookedAtMax: number;
}

/** How often the clock is to strike. */
export const tickMs = 1_000;

export const defaultRules: Rules = {
  leaseMs: 120_000,
  stallMs: 10_000,
  jobsMax: 100_000,
  rangesMax: 100_000_000,
  inputsMax: 1_000_000,
  addedInputsMax: 10_000,
  grantRangesMax: 4_096,
  namedRangesMax: 1_000_000,
  copies: {
    afterMs: 5_000,
    measuredMin: 30,
    measuredLeast: 10,
    slotPart: 0.1,
    perTickMax: 64,
    lookedAtMax: 262_144,
  },
  quarantineAfter: 5,
  witnessWaitMs: 60_000,
  goneNodesMax: 10_000,
  drainedNodesMax: 100_000,
  suspicionsMax: 2,
  nodeDeathsMax: 5,
  outputLostMax: 5,
};

/** Rules with these. A stall that uses up half of the lease counts as one, unless it is no more than a late tick. */
export function rulesFor({ leaseMs, witnessWaitMs }: Pick<Rules, "leaseMs" | "witnessWaitMs">): Rules {
  const stallMs = Math.max(2 * tickMs, Math.min(defaultRules.stallMs, leaseMs / 2));
  return { ...defaultRules, leaseMs, stallMs, witnessWaitMs };
}
