// How an actor or a merger leaves.

/** Everything is handed in; something is not; another process has its place. */
export type ExitKind = "drained" | "left-behind" | "fenced";
