// Reads one segment from its first frame to its last, in windows: a segment may be larger than the memory.
//
// What is wrong is either a torn tail, which is what a killed driver leaves behind, or damage, which nobody may pass over.
// A driver has one frame in flight and syncs it before it writes the next; nothing acknowledged rests on a frame that is
// not whole. So behind the last whole frame there may be a part of one frame, and never anything more:
//
//   W1. In a segment that others go on from (`end` is given) every frame before `end` was whole when they did: a bad or
//       missing one is damage. What stands from `end` on was void from the beginning, and is not looked at.
//   W2. Elsewhere a bad frame is damage if a header of a later frame stands anywhere behind it (that frame was begun, so
//       the bad one was durable), if its own header is whole and the file goes on beyond its end, or if more stands
//       behind it than one frame can have. Else it is a torn tail.
//   W3. A whole frame header that does not belong here (another sequence, an impossible length) is always damage.

import { FileWindow, windowBytes } from "./file-window.js";
import type { ReadableSegment } from "./journal-folder.js";
import {
  decodeFrameHeader,
  findLaterHeader,
  frameHeaderBytes,
  payloadBytesMax,
  payloadFlaw,
  segmentHeaderBytes,
  type FrameHeaderReading,
} from "./journal-frames.js";

/** The journal is not what a driver leaves behind, whenever it dies. Names file, frame, byte and what to do. */
export class JournalDamage extends Error {
  override readonly name = "JournalDamage";
  readonly where: string;
  readonly flaw: string;

  constructor(where: string, flaw: string, options?: ErrorOptions) {
    const advice =
      "Nothing was changed. Acknowledged work is in what is damaged, so Noctua does not go on without it: " +
      "restore the file from a copy, or begin on a new workdir.";
    super(`${where}: ${flaw}. ${advice}`, options);
    this.where = where;
    this.flaw = flaw;
  }
}

/** Which frames of which segment. */
export interface SegmentWalk {
  /** For messages. */
  readonly path: string;
  readonly firstSequence: number;
  /** The first sequence that is void, when a later segment goes on from it (W1). */
  readonly end: number | undefined;
  /** The payload is read before it returns: its bytes are used again. */
  readonly onFrame: (payload: Uint8Array, sequence: number, at: number) => void;
}

/** Where a walk ended. */
export interface SegmentEnd {
  readonly nextSequence: number;
  /** Bytes of header and whole frames. */
  readonly bytes: number;
  /** What is wrong with the frame behind them, if there is a part of one. */
  readonly torn: string | undefined;
}

/** Reads the segment's frames in their order. Throws `JournalDamage` (W1 to W3). */
export async function walkSegment(
  file: ReadableSegment,
  walk: SegmentWalk,
  signal: AbortSignal,
): Promise<SegmentEnd> {
  const window = new FileWindow(file, signal);
  let sequence = walk.firstSequence;
  let at = segmentHeaderBytes;
  while (sequence !== walk.end) {
    const place: Place = { walk, sequence, at };
    const head = window.peek(at, frameHeaderBytes) ?? (await window.view(at, frameHeaderBytes));
    if (head.length === 0 && walk.end === undefined) break;
    const reading = readHead(place, head);
    if (reading.kind === "bad") return settle(place, reading.flaw, await laterFrame(window, place));
    const { payloadBytes } = reading.header;
    const payloadAt = at + frameHeaderBytes;
    const payload = window.peek(payloadAt, payloadBytes) ?? (await window.view(payloadAt, payloadBytes));
    const flaw = payload.length < payloadBytes ? cutOff(payload) : payloadFlaw(reading.header, payload);
    if (flaw !== undefined) return settle(place, flaw, await laterByte(window, payloadAt + payloadBytes));
    walk.onFrame(payload, sequence, at);
    sequence += 1;
    at = payloadAt + payloadBytes;
  }
  return { nextSequence: sequence, bytes: at, torn: undefined };
}

/** Where the walk stands. */
interface Place {
  readonly walk: SegmentWalk;
  readonly sequence: number;
  readonly at: number;
}

/** For messages: `<path>: frame 812 at byte 91,244`. */
export function frameAt(path: string, sequence: number, at: number): string {
  return `${path}: frame ${sequence} at byte ${at.toLocaleString("en-US")}`;
}

function readHead(place: Place, head: Buffer): FrameHeaderReading {
  const where = frameAt(place.walk.path, place.sequence, place.at);
  if (head.length === 0) {
    throw new JournalDamage(
      where,
      `the file ends, and a later segment goes on from frame ${place.walk.end ?? 0}`,
    );
  }
  if (head.length < frameHeaderBytes) return { kind: "bad", flaw: cutOff(head) };
  const reading = decodeFrameHeader(head);
  if (reading.kind === "bad") return reading;
  const { sequence, payloadBytes } = reading.header; // (W3)
  if (sequence !== place.sequence)
    throw new JournalDamage(where, `expected this frame, found frame ${sequence}`);
  if (payloadBytes > payloadBytesMax) {
    throw new JournalDamage(
      where,
      `expected at most ${payloadBytesMax} bytes of payload, found ${payloadBytes}`,
    );
  }
  return reading;
}

/** For messages. */
export function cutOff(bytes: Buffer): string {
  return `cut off after ${bytes.length} bytes`;
}

/** A bad frame is a torn tail or damage (W1, W2); `behind` says what stands behind it that must not. */
function settle(place: Place, flaw: string, behind: string | undefined): SegmentEnd {
  const { walk, sequence, at } = place;
  const after = walk.end === undefined ? behind : `a later segment goes on from frame ${walk.end}`;
  if (after === undefined) return { nextSequence: sequence, bytes: at, torn: flaw };
  throw new JournalDamage(frameAt(walk.path, sequence, at), `${flaw}, and ${after}`);
}

/** What shows that a frame whose header is bad was followed by another one (W2). */
async function laterFrame(window: FileWindow, { sequence, at }: Place): Promise<string | undefined> {
  const oneFrameEnds = at + frameHeaderBytes + payloadBytesMax;
  for (let from = at + 1; from < oneFrameEnds; from += windowBytes - frameHeaderBytes + 1) {
    const bytes = await window.view(from, windowBytes);
    const later = findLaterHeader(bytes, sequence);
    if (later !== undefined) return `a later frame begins at byte ${(from + later).toLocaleString("en-US")}`;
    if (bytes.length < windowBytes) return undefined;
  }
  return laterByte(window, oneFrameEnds);
}

/** What shows that a frame which ends at byte `end` was followed by something (W2). */
async function laterByte(window: FileWindow, end: number): Promise<string | undefined> {
  const bytes = await window.view(end, 1);
  return bytes.length === 0
    ? undefined
    : `the file goes on behind it, at byte ${end.toLocaleString("en-US")}`;
}
