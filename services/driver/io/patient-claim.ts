// The claim of a driver that may find no file descriptor to look at it with.
//
//   P1. A claim that cannot be looked at is looked at again, until it can: as long as nobody knows whether the workdir is still
//       this driver's, it publishes nothing, acknowledges nothing, and waits as it would for a full disk.

import type { Claim } from "./claims.js";
import { whenSpace, type SpaceOptions } from "./when-space.js";

export function patientClaim(
  claim: Pick<Claim, "isCurrent">,
  options: Omit<SpaceOptions, "of">,
  signal: AbortSignal,
): Pick<Claim, "isCurrent"> {
  const of = "a look at this driver's claim on the workdir";
  return { isCurrent: () => whenSpace(() => claim.isCurrent(), { ...options, of }, signal) };
}
