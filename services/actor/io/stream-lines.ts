// What a payload process says, out of the bytes that come.
//
//   L1. However the bytes are cut, each line is one word.
//   L2. No more than one line of the longest that is allowed is kept. After a longer one nothing more is taken in.

import { flawOf, lineBytesMax, wordOf, type FromPayload } from "../core/stream-words.js";

const newline = 10;

export class StreamLines {
  #rest: Buffer[] = [];
  #restBytes = 0;
  #isBroken = false;

  /** The words that are whole with this piece. */
  take(piece: Buffer): readonly FromPayload[] {
    if (this.#isBroken) return [];
    const end = piece.lastIndexOf(newline);
    const words = end < 0 ? [] : this.#wholeWords(piece.subarray(0, end));
    const rest = piece.subarray(end + 1);
    this.#rest.push(Buffer.from(rest)); // A copy, so that a few bytes do not keep a large buffer alive.
    this.#restBytes += rest.byteLength;
    if (this.#restBytes <= lineBytesMax) return words;
    this.#isBroken = true; // (L2)
    const beginning = Buffer.concat(this.#rest).subarray(0, 1_000).toString();
    this.#rest = [];
    return [...words, flawOf(`lines of at most ${lineBytesMax} bytes`, beginning)];
  }

  #wholeWords(lines: Buffer): readonly FromPayload[] {
    const text = this.#restBytes === 0 ? lines : Buffer.concat([...this.#rest, lines]);
    this.#rest = [];
    this.#restBytes = 0;
    return text.toString().split("\n").map(wordOf);
  }
}
