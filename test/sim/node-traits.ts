// What is odd about a node, for as long as it is lent.

import type { Labels } from "../../services/shared/core/labels.js";
import { Dice } from "./dice.js";
import type { NodesProfile } from "./profile.js";

/** Of the actor in the first place, until that node is lost. */
export const firstNode = "a1";

export interface NodeTraits {
  readonly labels: Labels;
  /** How much longer everything takes than elsewhere. */
  readonly slowness: number;
  /** Whether all payloads fail here at once, and all merges. */
  readonly isBlackHole: boolean;
}

/** `number`: of the place that the node takes. */
export function traitsOf(
  seed: number,
  { node, number }: { readonly node: string; readonly number: number },
  { slowChance, blackHoleChance, isFirstBroken }: NodesProfile,
): NodeTraits {
  const dice = new Dice(seed, `node ${node}`);
  return {
    labels: { kind: number % 2 === 1 ? "odd" : "even" },
    slowness: dice.chance(slowChance) ? dice.between([2, 8]) : 1,
    isBlackHole: dice.chance(blackHoleChance) || (isFirstBroken && node === firstNode),
  };
}
