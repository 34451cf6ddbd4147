// What the cores of actor and merger have in common of what they are told, and want done.

/** What both are told. */
export type PeerEvent =
  | { readonly kind: "link-up" }
  /** `fenced`: the driver refused the hello, since another process of this name has taken over. */
  | { readonly kind: "link-down"; readonly reason: string; readonly fenced: boolean }
  | { readonly kind: "drain-requested"; readonly reason: string; readonly graceMs: number }
  /** Time has passed. */
  | { readonly kind: "tick" };

/** How they leave: everything is handed in; something is not; another process has their place. */
export type ExitKind = "drained" | "left-behind" | "fenced";

/** What both want done. */
export type PeerAction =
  /** Close the link and dial again; it counts as down already. */
  | { readonly kind: "close-link"; readonly reason: string }
  /** End all that runs, and the process. Nothing follows. */
  | { readonly kind: "exit"; readonly exit: ExitKind; readonly reason: string };

/** Where actions are put, in their order. */
export interface Out<Action> {
  readonly push: (action: Action) => unknown;
}
