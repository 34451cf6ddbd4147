// Of JavaScript ROOT, which brings types for its drawing only, what dimuon-tree.mjs uses.

declare module "jsroot/io" {
  import type { TTree } from "jsroot/tree";

  interface RootFile {
    /** Rejects when there is no such object. */
    readObject(name: string): Promise<TTree>;
  }

  /** A path is written as `file://PATH`. Null when it can't be opened. */
  function openFile(address: string): Promise<RootFile | null>;
}

declare module "jsroot/tree" {
  interface TTree {
    readonly _typename: string;
    readonly fEntries: number;
  }

  class TSelector {
    /** What was read of the entry that Process is called for; the same object each time. */
    readonly tgtobj: Readonly<Record<string, unknown>>;
    addBranch(name: string): void;
  }

  interface Entries {
    /** From 0. */
    readonly firstentry: number;
    readonly numentries: number;
  }

  function treeProcess(tree: TTree, selector: TSelector, entries: Entries): Promise<TSelector>;
}
