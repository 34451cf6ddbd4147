// For tests: nodes that run ranges, each at its own speed, in simulated time. They ask for more as real actors do: what
// waits on a node is to last for some seconds, and is at least one range a slot.

import { present } from "../../../shared/core/assert.js";
import type { Rng } from "../../../shared/core/rng.js";

export interface NodeTraits {
  readonly slots: number;
  /** Mean; a range takes up to a fifth more or less. */
  readonly eventMs: number;
}

/** Who lends ranges to nodes, by their index. */
export interface Lender {
  /** A node has done some ranges, each in so many milliseconds, and now wants so many more. Others may be given some too. */
  report(node: number, done: Iterable<readonly [range: number, wallMs: number]>, wanted: number): void;
  /** Called by the lender for each range that it lends. */
  onLent: (node: number, range: number) => void;
}

/** What became of a node. */
export interface NodeStory {
  readonly done: number;
  readonly endedAtMs: number;
}

const prefetchMs = 5_000;

interface Node {
  readonly traits: NodeTraits;
  readonly waiting: number[];
  running: number;
  done: number;
  endedAtMs: number;
  meanMs: number;
}

interface End {
  readonly atMs: number;
  readonly node: number;
  readonly range: number;
  readonly wallMs: number;
}

/** Runs all that the lender lends, to the end. */
export function runNodes(traits: readonly NodeTraits[], lender: Lender, rng: Rng): NodeStory[] {
  const nodes = traits.map((of): Node => ({
    traits: of,
    waiting: [],
    running: 0,
    done: 0,
    endedAtMs: 0,
    meanMs: 0,
  }));
  const ends: End[] = [];
  let nowMs = 0;
  const begin = (at: number): void => {
    const node = present(nodes[at], "node");
    while (node.running < node.traits.slots) {
      const range = node.waiting.shift();
      if (range === undefined) return;
      node.running += 1;
      const wallMs = Math.round(node.traits.eventMs * (0.8 + 0.4 * rng.next()));
      ends.push({ atMs: nowMs + wallMs, node: at, range, wallMs });
    }
  };
  lender.onLent = (at, range) => {
    present(nodes[at], "node").waiting.push(range);
    begin(at);
  };
  nodes.forEach((node, at) => lender.report(at, [], wanted(node)));
  while (ends.length > 0) {
    const next = ends.reduce((first, end) => (end.atMs < first.atMs ? end : first));
    ends.splice(ends.indexOf(next), 1);
    nowMs = next.atMs;
    const node = present(nodes[next.node], "node");
    node.running -= 1;
    node.done += 1;
    node.endedAtMs = nowMs;
    node.meanMs = node.meanMs === 0 ? next.wallMs : node.meanMs + (next.wallMs - node.meanMs) / 8;
    begin(next.node);
    lender.report(next.node, [[next.range, next.wallMs]], wanted(node));
  }
  return nodes.map(({ done, endedAtMs }) => ({ done, endedAtMs }));
}

/** As services/actor/core/prefetch.ts has it. */
function wanted({ traits: { slots }, meanMs, waiting }: Node): number {
  const lasting = meanMs === 0 ? slots : Math.ceil((slots * prefetchMs) / meanMs);
  return Math.max(0, Math.max(slots, lasting) - waiting.length);
}
