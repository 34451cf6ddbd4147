// The journal, read from the disk by an onlooker: which frames count is told here anew, by the rules that
// services/driver/io/journal/journal-recovery.ts states (V1 to V3).

import type { DurableFact } from "../../../services/driver/core/facts/fact.js";
import { differenceBetween } from "../../../services/driver/core/decide/spec-check.js";
import { decodeFacts } from "../../../services/driver/io/journal/journal-codec.js";
import { parseSegmentName } from "../../../services/driver/io/journal/journal-folder.js";
import {
  decodeFrameHeader,
  decodeSegmentHeader,
  frameHeaderBytes,
  payloadFlaw,
  segmentHeaderBytes,
  type SegmentHeader,
} from "../../../services/driver/io/journal/journal-frames.js";
import { isDeepStrictEqual } from "node:util";
import type { Segment } from "../journal-disk.js";
import type { Complain, Oracle } from "./oracle.js";

interface Begun {
  readonly name: string;
  readonly segment: Segment;
  readonly header: SegmentHeader;
}

/** Reads durable frames, each once, in their order. */
export class JournalReader {
  readonly #segments: ReadonlyMap<string, Segment>;
  /** The epoch that was claimed last: nobody is told any more of what older drivers write. */
  readonly #claims: { readonly highest: number };
  #next = 1;
  #place: { readonly name: string; readonly at: number } | undefined;

  constructor(segments: ReadonlyMap<string, Segment>, claims: { readonly highest: number }) {
    this.#segments = segments;
    this.#claims = claims;
  }

  /**
   * The frames that became durable since the last call. What a driver writes after it was replaced is in doubt until its
   * successor's first segment says from where on it is void.
   */
  *read(): Generator<readonly DurableFact[]> {
    const begun = this.#begun();
    if ((begun.at(-1)?.header.id.epoch ?? 0) < this.#claims.highest) return;
    for (const [part, end] of chainOf(begun, this.#next)) yield* this.#readFrom(part, end);
  }

  *#readFrom({ name, segment }: Begun, end: number): Generator<readonly DurableFact[]> {
    const bytes = segment.bytes.subarray(0, segment.syncedBytes);
    let at = this.#place?.name === name ? this.#place.at : segmentHeaderBytes;
    for (let frame = frameAt(bytes, at); frame !== undefined; frame = frameAt(bytes, at)) {
      if (frame.sequence >= end) break;
      at += frame.bytes;
      if (frame.sequence < this.#next) continue;
      this.#next = frame.sequence + 1;
      yield decodeFacts(frame.payload);
    }
    this.#place = { name, at };
  }

  /** Segments whose header is durable, the youngest last. */
  #begun(): readonly Begun[] {
    return [...this.#segments]
      .flatMap(([name, segment]) => {
        const isBegun = segment.isEntered && segment.syncedBytes >= segmentHeaderBytes;
        if (parseSegmentName(name) === undefined || !isBegun) return [];
        const reading = decodeSegmentHeader(segment.bytes.subarray(0, segmentHeaderBytes));
        return reading.kind === "header" ? [{ name, segment, header: reading.header }] : [];
      })
      .sort(({ header: { id: a } }, { header: { id: b } }) => a.epoch - b.epoch || a.part - b.part);
  }
}

/** The segments that go on from each other up to the youngest, from the one that has frame `next`; and where each is void. */
function chainOf(begun: readonly Begun[], next: number): readonly (readonly [Begun, number])[] {
  const chain: [Begun, number][] = [];
  let end = Infinity;
  for (let link = begun.at(-1); link !== undefined && end > next;) {
    chain.unshift([link, end]);
    const { after, firstSequence } = link.header;
    end = firstSequence;
    link = begun.find(({ header: { id } }) => id.epoch === after?.epoch && id.part === after.part);
  }
  return chain;
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
