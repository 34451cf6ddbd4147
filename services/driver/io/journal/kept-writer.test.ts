import { BinaryWriter } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeMessage } from "./kept-writer.js";

/** A message of 64-bit numbers, and some more bytes. */
interface Numbers {
  readonly numbers: readonly (number | bigint | string)[];
  readonly more: number;
}

const encoder = {
  encode: ({ numbers, more }: Numbers, writer: BinaryWriter): BinaryWriter => {
    for (const number of numbers) writer.uint64(number);
    return writer.raw(new Uint8Array(more));
  },
};

test("the bytes are those that a new writer makes, whatever came before", () => {
  const number = fc.oneof(
    fc.maxSafeNat(),
    fc.constantFrom(0, 127, 128, 2 ** 32 - 1, 2 ** 32, 2 ** 48, "7", 2n ** 64n - 1n),
  );
  const message = fc.record({ numbers: fc.array(number), more: fc.nat(2_000) });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 4 }), (messages) => {
      const encoded = messages.map((each) => encodeMessage(encoder, each));
      const expected = messages.map((each) => Buffer.from(encoder.encode(each, new BinaryWriter()).finish()));
      expect(encoded).toEqual(expected);
    }),
    { seed: 1 },
  );
});

test("what is too much to keep is encoded too", () => {
  expect(encodeMessage(encoder, { numbers: [1], more: 5_000_000 })).toHaveLength(5_000_001);
  expect(encodeMessage(encoder, { numbers: [1], more: 0 })).toEqual(Buffer.of(1));
});

test("a message that can't be encoded leaves nothing behind", () => {
  expect(() => encodeMessage(encoder, { numbers: [5, -1], more: 0 })).toThrow();
  expect(() => encodeMessage(encoder, { numbers: [5, 0.5], more: 0 })).toThrow();
  expect(encodeMessage(encoder, { numbers: [6], more: 0 })).toEqual(Buffer.of(6));
});
