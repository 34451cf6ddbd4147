// Encodes messages into memory that is kept from one message to the next. The generated code takes new memory for each
// message, twice as much each time that it runs out, and makes a BigInt of each number of 64 bits.

import { BinaryWriter } from "@bufbuild/protobuf/wire";

/** Generated code that writes one kind of message. */
interface Encoder<Message> {
  encode(message: Message, writer: BinaryWriter): unknown;
}

/** More than this is not kept: a large message is rare, and its memory is given back. */
const keptBytesMax = 4 * 1024 * 1024;

let kept: BinaryWriter | undefined;

/** The bytes of a message, which nobody else has. */
export function encodeMessage<Message>(encoder: Encoder<Message>, message: Message): Buffer {
  const writer = kept ?? new NumberWriter();
  kept = undefined; // When the encoder throws, nobody may find what was half written.
  encoder.encode(message, writer);
  const bytes = writer.finish();
  if (bytes.length <= keptBytesMax) kept = writer;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Writes a number as what it is; the bytes are the same. */
class NumberWriter extends BinaryWriter {
  override uint64(value: string | number | bigint): this {
    return typeof value === "number" && value < 2 ** 32 ? this.uint32(value) : super.uint64(value);
  }
}
