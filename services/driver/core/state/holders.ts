// Who holds a range: the grant that the table names, and now and then a second one that has a copy of it (speculate.ts).
//
//   C1. A range that has a copy is held. Its two holders are of two sessions.
//   C2. One holder lets go without the other: whoever is left is the range's holder, and the range has no copy.
//   C3. `copies` is small or empty: the ordinary path asks the table, and looks here only when something is copied.

import { assert } from "../../../shared/core/assert.js";
import type { GrantNumber } from "../../../shared/core/id.js";
import type { Job, JobView } from "./job.js";

/** Whether the range is lent under the grant, be it as a copy. */
export function isHolder(job: JobView, range: number, grant: GrantNumber): boolean {
  return job.table.isHeldBy(range, grant) || job.copies.get(range) === grant;
}

/** The other grant under which the range is lent, or undefined when there is none. */
export function otherHolder(job: JobView, range: number, grant: GrantNumber): GrantNumber | undefined {
  const copy = job.copies.get(range); // (C3)
  return copy === grant ? job.table.holderOf(range) : copy;
}

/** One of its holders lets a range go (C2). Returns whether nobody holds it now: then the table calls it ready. */
export function letGo(job: Job, range: number, grant: GrantNumber): boolean {
  const copy = job.copies.get(range);
  if (copy === grant) {
    job.copies.delete(range);
    return false;
  }
  assert(job.table.isHeldBy(range, grant), () => `range ${String(range)} is held by grant ${String(grant)}`);
  job.table.free(range);
  if (copy === undefined) return true;
  job.copies.delete(range);
  job.table.hold(range, copy);
  return false;
}

/** Lends a range that is held once more (C1). */
export function copy(job: Job, range: number, grant: GrantNumber): void {
  assert(job.table.holderOf(range) !== undefined, () => `range ${String(range)} is held when it is copied`);
  assert(!job.copies.has(range), () => `range ${String(range)} has no copy yet`);
  job.copies.set(range, grant);
}

/** Ends the range's copy, and tells which grant had it. */
export function dropCopy(job: Job, range: number): GrantNumber | undefined {
  if (job.copies.size === 0) return undefined; // (C3)
  const grant = job.copies.get(range);
  job.copies.delete(range);
  return grant;
}
