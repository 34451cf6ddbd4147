// The content of a simulated file: the outputs that it is made of, so that an oracle can look into it.

import type { GrantNumber, JobNumber } from "../../services/shared/core/id.js";

/** What a payload wrote for a range: the grant tells one try from another. */
export interface OutputCopy {
  readonly job: JobNumber;
  readonly range: number;
  readonly grant: GrantNumber;
}

export interface SimFile {
  /** In the order in which they lie in the file. */
  readonly copies: readonly OutputCopy[];
  /** Cut off or overwritten. */
  readonly isDamaged: boolean;
}

export function sizeOf(file: SimFile): number {
  let bytes = file.isDamaged ? 1 : 0;
  for (const { range } of file.copies) bytes += 100 + range;
  return bytes;
}

/** Tells contents apart as well as a checksum does. */
export function checksumOf(file: SimFile): number {
  let hash = file.isDamaged ? 7 : 1;
  for (const { job, range, grant } of file.copies) {
    for (const number of [job, range, grant]) hash = Math.imul(hash ^ number, 0x01000193) ^ (hash >>> 15);
  }
  return hash >>> 0;
}
