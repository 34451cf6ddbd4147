// What clients had nodes do.

import type { Failed, TooLarge } from "./fact-refusal.js";

/** What a user may ask of a node. */
export const nodeControls = ["drain", "undrain"] as const;
export type NodeControl = (typeof nodeControls)[number];

export type NodeFact =
  /** From now on nothing is lent to the node, whichever processes are there. */
  | {
      readonly kind: "drain-begun";
      readonly requestId: string;
      readonly node: string;
      /** In the user's words; may be empty. */
      readonly reason: string;
      readonly atUnixMs: number;
    }
  | { readonly kind: "drain-ended"; readonly requestId: string; readonly node: string };

/** What a client is told of what it asked of a node. */
export type NodeAnswer =
  | { readonly kind: "done"; readonly node: string }
  | TooLarge
  | Failed
  | { readonly kind: "refused"; readonly why: "unknown" | "conflict"; readonly message: string };
