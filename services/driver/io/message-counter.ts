// How much is here of what a call is being told: gRPC's messages, each with five bytes before it, of which the last four say
// how long it is.

const headBytes = 5;

export class MessageCounter {
  /** Whether each message is dealt with as it comes; otherwise all of them when the call has been said. */
  readonly #isMany: boolean;
  #headLeft = headBytes;
  #length = 0;
  #left = 0;
  #bytes = 0;
  #messages = 0;

  constructor(isMany: boolean) {
    this.#isMany = isMany;
  }

  /** What is here and can't be dealt with yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** That were whole. */
  get messages(): number {
    return this.#messages;
  }

  add(piece: Uint8Array): void {
    for (let at = 0; at < piece.length;)
      at += this.#headLeft > 0 ? this.#addHead(piece, at) : this.#addBody(piece.length - at);
  }

  /** All was said. */
  end(): void {
    this.#bytes = 0;
  }

  #addHead(piece: Uint8Array, at: number): number {
    // The first byte is a flag.
    this.#length = this.#headLeft === headBytes ? 0 : this.#length * 256 + (piece[at] ?? 0);
    this.#headLeft -= 1;
    this.#bytes += 1;
    if (this.#headLeft > 0) return 1;
    this.#left = this.#length;
    if (this.#left === 0) this.#endMessage();
    return 1;
  }

  #addBody(most: number): number {
    const bytes = Math.min(this.#left, most);
    this.#left -= bytes;
    this.#bytes += bytes;
    if (this.#left === 0) this.#endMessage();
    return bytes;
  }

  #endMessage(): void {
    this.#headLeft = headBytes;
    this.#messages += 1;
    if (this.#isMany) this.#bytes = 0;
  }
}
