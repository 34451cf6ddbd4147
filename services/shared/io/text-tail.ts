// The end of a text, when all of it would be too much.

/** The last of a text that fits into so many bytes of UTF-8, beginning at a whole character. */
export function lastBytes(text: string, bytesMax: number): string {
  // A character has at least a byte for each of its UTF-16 units, so no more than these can matter.
  const bytes = Buffer.from(text.slice(-bytesMax - 1));
  return bytes.byteLength <= bytesMax ? bytes.toString() : decodeFromCharacter(bytes.subarray(-bytesMax));
}

/** Keeps the last bytes of what flows by, whatever the volume. */
export class ByteTail {
  readonly #bytesMax: number;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  push(piece: Buffer): void {
    // A copy, so that a few bytes do not keep a large buffer alive.
    const kept = Buffer.from(piece.subarray(-this.#bytesMax));
    this.#pieces.push(kept);
    this.#bytes += kept.byteLength;
    if (this.#bytes < 4 * this.#bytesMax) return;
    const end = this.#end();
    this.#pieces = [end];
    this.#bytes = end.byteLength;
  }

  /** As text of at most that many bytes; what is no UTF-8 is replaced. */
  text(): string {
    return lastBytes(decodeFromCharacter(this.#end()), this.#bytesMax);
  }

  #end(): Buffer {
    return Buffer.concat(this.#pieces).subarray(-this.#bytesMax);
  }
}

/** Leaves out the rest of a character whose beginning was cut off. */
function decodeFromCharacter(bytes: Buffer): string {
  let start = 0;
  while (start < Math.min(3, bytes.byteLength) && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.subarray(start).toString();
}
