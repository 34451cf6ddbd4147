import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteTail, lastBytes } from "./text-tail.js";

test("the tail is the end of the text, whole characters, and never longer than allowed", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 4, max: 40 }), (text, bytesMax) => {
      const tail = lastBytes(text, bytesMax);
      expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(bytesMax);
      expect(text.endsWith(tail)).toBe(true);
      if (Buffer.byteLength(text) <= bytesMax) expect(tail).toBe(text);
      else expect(Buffer.byteLength(tail)).toBeGreaterThan(bytesMax - 4);
    }),
    { seed: 1 },
  );
});

test("bytes in any pieces leave the tail of all of them", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 40 });
  fc.assert(
    fc.property(pieces, (all) => {
      const tail = new ByteTail(16);
      for (const piece of all) tail.push(Buffer.from(piece));
      expect(Buffer.byteLength(tail.text())).toBeLessThanOrEqual(16);
    }),
    { seed: 2 },
  );
  const tail = new ByteTail(8);
  for (let i = 0; i < 1_000; i += 1) tail.push(Buffer.from(`line ${i}\n`));
  expect(tail.text()).toBe("ine 999\n");
});
