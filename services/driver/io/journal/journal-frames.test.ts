import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeFrameHeader,
  decodeSegmentHeader,
  encodeFrame,
  encodeSegmentHeader,
  findLaterHeader,
  formatVersion,
  frameHeaderBytes,
  payloadFlaw,
} from "./journal-frames.js";

const seed = 20_261_102;
const u32 = fc.nat({ max: 2 ** 32 - 1 });
const sequence = fc.oneof(
  fc.integer({ min: 1, max: 100 }),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
);
const id = fc.record(
  { epoch: fc.integer({ min: 1, max: 2 ** 32 - 1 }), part: u32 },
  { noNullPrototype: true },
);
const payload = fc.uint8Array({ maxLength: 60 });

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return copy;
}

describe("the bytes of the journal", () => {
  it("a segment's header comes back equal", () => {
    fc.assert(
      fc.property(id, fc.option(id, { nil: undefined }), sequence, (of, after, firstSequence) => {
        const header = { id: of, after, firstSequence };
        expect(decodeSegmentHeader(encodeSegmentHeader(header))).toEqual({ kind: "header", header });
      }),
      { seed },
    );
  });

  it("a frame's header tells sequence and length, and its payload is believed", () => {
    fc.assert(
      fc.property(sequence, payload, (number, bytes) => {
        const frame = encodeFrame(number, bytes);
        const reading = decodeFrameHeader(frame);
        expect(reading).toMatchObject({
          kind: "header",
          header: { sequence: number, payloadBytes: bytes.length },
        });
        if (reading.kind === "bad") throw new Error(reading.flaw);
        expect(payloadFlaw(reading.header, frame.subarray(frameHeaderBytes))).toBeUndefined();
      }),
      { seed },
    );
  });

  it("no bit of a segment's header can change unseen", () => {
    const header = encodeSegmentHeader({
      id: { epoch: 3, part: 0 },
      after: { epoch: 2, part: 1 },
      firstSequence: 812,
    });
    for (let bit = 0; bit < header.length * 8; bit += 1) {
      expect(decodeSegmentHeader(flipped(header, bit)).kind).toBe("bad");
    }
  });

  it("no bit of a frame can change unseen", () => {
    const frame = encodeFrame(812, Buffer.from("an output of 4,711 bytes"));
    for (let bit = 0; bit < frame.length * 8; bit += 1) {
      const changed = flipped(frame, bit);
      const reading = decodeFrameHeader(changed);
      const flaw =
        reading.kind === "bad"
          ? reading.flaw
          : payloadFlaw(reading.header, changed.subarray(frameHeaderBytes));
      expect(flaw).toMatch(/checksum [0-9a-f]+, computed [0-9a-f]+/);
    }
  });

  it("a segment of another format version is told from a damaged one", () => {
    const header = encodeSegmentHeader({
      id: { epoch: 3, part: 0 },
      after: { epoch: 2, part: 1 },
      firstSequence: 812,
    });
    expect(decodeSegmentHeader(withVersion(header, formatVersion + 1))).toEqual({
      kind: "other-version",
      version: formatVersion + 1,
    });
  });

  it("a later header is found wherever it begins, and an earlier one never", () => {
    fc.assert(
      fc.property(payload, sequence, fc.integer({ min: -3, max: 3 }), (noise, after, distance) => {
        fc.pre(after + distance >= 1 && after + distance <= Number.MAX_SAFE_INTEGER);
        const bytes = Buffer.concat([noise, encodeFrame(after + distance, Buffer.from("payload"))]);
        expect(findLaterHeader(bytes, after)).toBe(distance > 0 ? noise.length : undefined);
      }),
      { seed },
    );
  });

  it("a commit that is too long for a frame is refused", () => {
    expect(() => encodeFrame(1, new Uint8Array(256 * 1024 * 1024 + 1))).toThrow("a commit has at most");
  });
});

/** The header as a newer version would write it: its own version number, and a checksum that holds. */
function withVersion(header: Buffer, version: number): Buffer {
  const copy = Buffer.from(header);
  copy.writeUInt8(version, 7);
  copy.writeUInt32LE(crc32(copy.subarray(0, 32)), 32);
  return copy;
}
