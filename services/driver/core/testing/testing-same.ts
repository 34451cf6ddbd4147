// For tests: two values that are to be equal.

import { assert } from "../../../shared/core/assert.js";

export function same(found: unknown, expected: unknown, what: string): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  assert(one === other, `${what}: ${other}, not ${one}`);
}
