// All attacks, in the order in which they are made.

import type { Attack } from "./attack.js";
import { floods } from "./floods.js";
import { frameAttacks } from "./frames.js";
import { fuzzes } from "./fuzz.js";
import { sizeAttacks } from "./sizes.js";

export const attacks: readonly Attack[] = [...fuzzes, ...sizeAttacks, ...frameAttacks, ...floods];
