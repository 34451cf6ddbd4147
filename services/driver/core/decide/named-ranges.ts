// Ranges that a peer names without an output for each: a span of a few bytes may be any number of them.

import { rangesIn } from "../../../shared/core/spans.js";
import type { GrantedSpans } from "../facts/fact.js";
import type { Rules } from "../rules.js";

/** What is wrong with how many there are, or undefined when nothing is (P7). */
export function flawOfNamed(named: readonly GrantedSpans[], { namedRangesMax }: Rules): string | undefined {
  let ranges = 0;
  for (const { spans } of named) ranges += rangesIn(spans);
  if (ranges <= namedRangesMax) return undefined;
  return `${String(ranges)} ranges are named, more than ${String(namedRangesMax)}`;
}
