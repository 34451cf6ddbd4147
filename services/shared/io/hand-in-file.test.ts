import fc from "fast-check";
import { expect, test } from "vitest";
import { handInBytesMax, openHandIn, sealHandIn } from "./hand-in-file.js";

const payload = Buffer.from("what an actor could not hand over");

test("what was sealed is opened again", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_000 }), (bytes) => {
      expect(openHandIn(sealHandIn(bytes))).toEqual(Buffer.from(bytes));
    }),
    { seed: 7 },
  );
});

test("a file that was cut off anywhere, or that grew, is told from a whole one (V1)", () => {
  const whole = sealHandIn(payload);
  for (let length = 0; length < whole.length; length += 1)
    expect(() => openHandIn(whole.subarray(0, length)), `cut at byte ${length}`).toThrow(/expected/);
  expect(() => openHandIn(Buffer.concat([whole, Buffer.of(0)]))).toThrow(
    "expected 33 bytes behind the header, found 34",
  );
});

test("a bit that changed anywhere is found (V1)", () => {
  const whole = sealHandIn(payload);
  for (let bit = 0; bit < whole.length * 8; bit += 1) {
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(() => openHandIn(flipped), `bit ${bit}`).toThrow();
  }
});

test("another version is named, and another file is no hand-in", () => {
  const later = sealHandIn(payload);
  later.writeUInt8(2, 7);
  expect(() => openHandIn(later)).toThrow("expected format version 1, found 2: another Noctua wrote it");
  expect(() => openHandIn(Buffer.from("a shopping list, longer than a header"))).toThrow(
    "found another file",
  );
});

test("what is too long for one file is not sealed (P7)", () => {
  expect(() => sealHandIn(Buffer.alloc(handInBytesMax))).toThrow("at most");
});
