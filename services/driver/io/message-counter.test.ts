import fc from "fast-check";
import { expect, test } from "vitest";
import { MessageCounter } from "./message-counter.js";

function framed(length: number): Buffer {
  const message = Buffer.alloc(5 + length, 0xff);
  message.writeUInt8(0);
  message.writeUInt32BE(length, 1);
  return message;
}

const lengths = fc.array(fc.nat({ max: 300 }), { maxLength: 5 });
const cuts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 });

function pieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    cut.push(bytes.subarray(at, at + size));
    at += size;
  }
  return cut;
}

test("of many messages only what is not whole counts, however they are cut", () => {
  fc.assert(
    fc.property(lengths, fc.nat({ max: 304 }), cuts, (whole, part, sizes) => {
      const counter = new MessageCounter(true);
      const bytes = Buffer.concat([...whole.map(framed), framed(300).subarray(0, part)]);
      for (const piece of pieces(bytes, sizes)) counter.add(piece);
      expect([counter.bytes, counter.messages]).toEqual([part, whole.length]);
    }),
    { seed: 1 },
  );
});

test("of one message all that is there counts, until all was said", () => {
  fc.assert(
    fc.property(lengths, cuts, (whole, sizes) => {
      const counter = new MessageCounter(false);
      const bytes = Buffer.concat(whole.map(framed));
      for (const piece of pieces(bytes, sizes)) counter.add(piece);
      expect(counter.bytes).toBe(bytes.length);
      counter.end();
      expect(counter.bytes).toBe(0);
    }),
    { seed: 1 },
  );
});
