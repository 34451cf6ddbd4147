// What the merged file of a group is called.

import { placeOfGroup } from "../../../shared/core/fixed-groups.js";
import type { GroupNumber } from "../../../shared/core/id.js";
import { mergedPath } from "../../../shared/core/names.js";
import type { JobView } from "./job.js";

/** Relative to the workdir. */
export function mergedPathOf({ number, spec, rangeGroups }: JobView, group: GroupNumber): string {
  return mergedPath(number, placeOfGroup(rangeGroups?.fixed, group), spec);
}
