// The journal, read from the disk by an onlooker: which frames count is told here anew, by the rules that
// services/driver/io/journal-recovery.ts states (V1 to V3).

import type { DurableFact } from "../../../services/driver/core/fact.js";
import { differenceBetween } from "../../../services/driver/core/spec-check.js";
import { decodeFacts } from "../../../services/driver/io/journal-codec.js";
import { parseSegmentName } from "../../../services/driver/io/journal-folder.js";
import {
  decodeFrameHeader,
  decodeSegmentHeader,
  frameHeaderBytes,
  payloadFlaw,
  segmentHeaderBytes,
} from "../../../services/driver/io/journal-frames.js";
import { isDeepStrictEqual } from "node:util";
import type { Segment } from "../journal-disk.js";
import type { Complain, Oracle } from "./oracle.js";

/** Reads durable frames, each once, in their order. */
export class JournalReader {
  readonly #segments: ReadonlyMap<string, Segment>;
  #next = 1;
  #place: { readonly name: string; readonly at: number } | undefined;

  constructor(segments: ReadonlyMap<string, Segment>) {
    this.#segments = segments;
  }

  /** The frames that became durable since the last call. */
  *read(): Generator<readonly DurableFact[]> {
    const current = this.#current();
    if (current === undefined) return;
    const bytes = current.segment.bytes.subarray(0, current.segment.syncedBytes);
    let at = this.#place?.name === current.name ? this.#place.at : segmentHeaderBytes;
    for (let frame = frameAt(bytes, at); frame !== undefined; frame = frameAt(bytes, at)) {
      at += frame.bytes;
      if (frame.sequence < this.#next) continue;
      this.#next = frame.sequence + 1;
      yield decodeFacts(frame.payload);
    }
    this.#place = { name: current.name, at };
  }

  /** The youngest segment whose header is durable: only its frames can be new, since it makes void what older ones have behind it. */
  #current(): { readonly name: string; readonly segment: Segment } | undefined {
    return [...this.#segments]
      .flatMap(([name, segment]) => {
        const id = parseSegmentName(name);
        const isBegun = segment.isEntered && segment.syncedBytes >= segmentHeaderBytes;
        return id === undefined || !isBegun || !hasHeader(segment) ? [] : [{ name, segment, ...id }];
      })
      .sort((a, b) => b.epoch - a.epoch || b.part - a.part)
      .at(0);
  }
}

function hasHeader(segment: Segment): boolean {
  return decodeSegmentHeader(segment.bytes.subarray(0, segmentHeaderBytes)).kind === "header";
}

function frameAt(
  bytes: Buffer,
  at: number,
): { bytes: number; sequence: number; payload: Buffer } | undefined {
  if (at + frameHeaderBytes > bytes.length) return undefined;
  const reading = decodeFrameHeader(bytes.subarray(at, at + frameHeaderBytes));
  if (reading.kind === "bad") return undefined;
  const end = at + frameHeaderBytes + reading.header.payloadBytes;
  const payload = bytes.subarray(at + frameHeaderBytes, end);
  if (end > bytes.length || payloadFlaw(reading.header, payload) !== undefined) return undefined;
  return { bytes: end - at, sequence: reading.header.sequence, payload };
}

/** A driver that starts reads what is on the disk: all of it, and nothing else. What snapshots hold is seen by what it gives. */
export function recoveryOracle(complain: Complain): Oracle {
  return {
    see: (sighting, books) => {
      if (sighting.kind !== "facts-recovered") return;
      const { facts, isFromSnapshot, state, stateAfter } = sighting;
      const expected = isFromSnapshot ? books.facts.slice(-facts.length) : books.facts;
      const at = expected.findIndex((fact, i) => !isDeepStrictEqual(fact, facts[i]));
      if (at >= 0)
        complain("P2", `fact ${at} was ${textOf(expected[at])} and is recovered as ${textOf(facts[at])}`);
      else if (facts.length !== expected.length)
        complain("P2", `${books.facts.length} facts were durable, and ${facts.length} are recovered`);
      else if (isFromSnapshot) {
        const flaw = differenceBetween(stateAfter(books.facts), state);
        if (flaw !== undefined) complain("P2", `with a snapshot, the farm's ${flaw}`);
      }
    },
  };
}

function textOf(fact: DurableFact | undefined): string {
  return fact === undefined ? "missing" : JSON.stringify(fact);
}
