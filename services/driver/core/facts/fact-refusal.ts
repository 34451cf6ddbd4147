// Why a request of a client is refused.

/** What a client is told whose request makes no sense. */
export interface Invalid {
  readonly kind: "refused";
  readonly why: "invalid";
  /** Each names a field, what was expected and what was found; at least one. */
  readonly flaws: readonly string[];
}

/** What a client is told when the program is wrong, and nothing was changed. */
export interface Failed {
  readonly kind: "refused";
  readonly why: "failed";
  readonly message: string;
}

/** What there may be so much of, and no more (io/limits.ts). */
export type LimitName = "jobs" | "ranges" | "inputs" | "added_inputs" | "drained_nodes";

/** What a client is told who wants too much. */
export interface TooLarge {
  readonly kind: "refused";
  readonly why: "too-large";
  readonly limit: LimitName;
  readonly message: string;
}

/** Why ranges are not taken in. */
export type Unfit = Invalid | TooLarge | Failed;
