// What an actor holds: single ranges, each under its grant, and the spans in which it tells of them.

import type { GrantNumber, JobNumber } from "../../shared/core/id.js";
import { SpansBuilder, type Spans } from "../../shared/core/spans.js";
import type { HeldGrant } from "./message.js";

/** A range, held under a grant. */
export interface HeldRange {
  readonly job: JobNumber;
  readonly grant: GrantNumber;
  readonly range: number;
}

/** Tells held ranges apart: an actor may hold a range under two grants, after an output was lost. */
export function keyOf(held: HeldRange): string {
  return `${String(held.job)}/${String(held.grant)}/${String(held.range)}`;
}

/** Whether they have one key, for where keys cost too much. */
export function isSame(one: HeldRange, other: HeldRange): boolean {
  return one.range === other.range && one.grant === other.grant && one.job === other.job;
}

/** Unlike that of any other range that is handed over here, and of this one when it was before and was taken back. */
export function handedName({ range, grant }: HeldRange, recalls: number): string {
  const name = `${range}.${grant}`;
  return recalls === 0 ? name : `${name}.${recalls}`;
}

/** The same ranges in spans, one item a grant, by job and grant. */
export function byGrant(ranges: Iterable<HeldRange>): HeldGrant[] {
  const sorted = [...ranges].sort((a, b) => a.job - b.job || a.grant - b.grant || a.range - b.range);
  const grants: HeldGrant[] = [];
  let spans = new SpansBuilder();
  let last: HeldRange | undefined;
  for (const held of sorted) {
    if (last?.job !== held.job || last.grant !== held.grant) {
      spans = new SpansBuilder();
      grants.push({ job: held.job, grant: held.grant, spans });
    }
    spans.add(held.range);
    last = held;
  }
  return grants;
}

/** At most so much do a held grant's numbers, and each of its spans, take on the wire. */
export const heldGrantBytes = 24;
export const spanBytes = 10;

/** The same grants in pieces of at most `bytesMax` each; at least one piece, and a long grant is cut. */
export function inPieces(grants: readonly HeldGrant[], bytesMax: number): HeldGrant[][] {
  let piece: HeldGrant[] = [];
  const pieces = [piece];
  let bytes = 0;
  for (const grant of grants) {
    for (let from = 0; from < grant.spans.first.length;) {
      const room = Math.floor((bytesMax - bytes - heldGrantBytes) / spanBytes);
      if (room < 1) {
        piece = [];
        pieces.push(piece);
        bytes = 0;
        continue;
      }
      const to = Math.min(grant.spans.first.length, from + room);
      const { first, count } = grant.spans;
      piece.push({ ...grant, spans: { first: first.slice(from, to), count: count.slice(from, to) } });
      bytes += heldGrantBytes + (to - from) * spanBytes;
      from = to;
    }
  }
  return pieces;
}

/** Whether the range is in ascending spans. */
export function covers(spans: Spans, range: number): boolean {
  let low = 0;
  let high = spans.first.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans.first[middle] ?? 0) <= range) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return false;
  return range < (spans.first[low - 1] ?? 0) + (spans.count[low - 1] ?? 0);
}
