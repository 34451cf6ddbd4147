import fc from "fast-check";
import { expect, test } from "vitest";
import { adler32Of, emptySum, joinedSum } from "./adler32.js";

/** As RFC 1950 defines it. */
function sumOf(bytes: Uint8Array): { sizeBytes: number; adler32: number } {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return { sizeBytes: bytes.length, adler32: ((b << 16) | a) >>> 0 };
}

test("a sum is that of RFC 1950", () => {
  expect(adler32Of(new TextEncoder().encode("Wikipedia"))).toBe(0x11e60398);
  for (const length of [0, 1, 5_551, 5_552, 5_553, 70_000]) {
    const bytes = new Uint8Array(length).fill(255);
    expect(adler32Of(bytes)).toBe(sumOf(bytes).adler32);
  }
});

test("joined sums are the sum of the joined bytes", () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    // Long, and such that both halves of the sum wrap around.
    fc.nat({ max: 140_000 }).map((length) => new Uint8Array(length).fill(255)),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
      const all = Uint8Array.from(parts.flatMap((bytes) => [...bytes]));
      expect(parts.map(sumOf).reduce(joinedSum, emptySum)).toEqual(sumOf(all));
    }),
    { seed: 5, numRuns: 50 },
  );
});
