// The driver, put together from the parts of its turn, so that each can be another one.

import { advance } from "../../../services/driver/core/advance.js";
import { apply } from "../../../services/driver/core/apply/apply.js";
import { decide } from "../../../services/driver/core/decide/decide.js";
import { turnWith, type TurnParts } from "../../../services/driver/core/turn.js";
import { realPieces, type DriverPieces } from "../driver-pieces.js";

/** The driver with some parts of its turn changed. Without changes it is the driver that ships, which a test holds it to. */
export function driverWith(parts: Partial<TurnParts>, pieces: Partial<DriverPieces> = {}): DriverPieces {
  const changed: TurnParts = { decide, advance, apply, ...parts };
  return { ...realPieces, takeTurn: turnWith(changed), apply: changed.apply, isLookedInto: false, ...pieces };
}
