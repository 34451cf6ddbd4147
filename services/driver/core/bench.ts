// What a decision is taken against.

import type { Moment } from "../../shared/core/clock.js";
import type { FarmView } from "./state/farm.js";
import type { Rules } from "./rules.js";

/** What is decided against: the farm as it stands, when, and within which bounds. */
export interface Bench {
  readonly farm: FarmView;
  readonly moment: Moment;
  readonly rules: Rules;
}
