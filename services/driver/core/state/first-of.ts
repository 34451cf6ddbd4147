// The item of a set that stands first.

import { present } from "../../../shared/core/assert.js";

/** The first item of a set that is not empty. */
export function firstOf<Item>(items: ReadonlySet<Item>): Item {
  const { value, done } = items.values().next();
  return present(done === true ? undefined : value, "an item of a set that is not empty");
}
