// What stands first.

import { present } from "../../../shared/core/assert.js";

/** The first of some items, which are not none. */
export function firstOf<Item>(items: Iterable<Item>): Item {
  const [first] = items;
  return present(first, "an item of what is not empty");
}
