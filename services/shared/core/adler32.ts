// Checksums of bytes, and of bytes that stand one behind the other from the checksums of the parts: no byte is read twice.

/** Size and adler32 of some bytes. */
interface Summed {
  readonly sizeBytes: number;
  readonly adler32: number;
}

/** The largest prime below 2^16 (RFC 1950). */
const modulus = 65_521;

/** Of no bytes at all. */
export const emptySum: Summed = { sizeBytes: 0, adler32: 1 };

/** So many bytes can be summed before the sums need more than 32 bits. */
const stepBytes = 5_552;

/** The adler32 of some bytes. For many megabytes, hash-wasm is faster. */
export function adler32Of(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let from = 0; from < bytes.length; from += stepBytes) {
    const to = Math.min(bytes.length, from + stepBytes);
    for (let i = from; i < to; i += 1) {
      a += bytes[i] ?? 0;
      b += a;
    }
    a %= modulus;
    b %= modulus;
  }
  return ((b << 16) | a) >>> 0;
}

/** Of the bytes of `first` with those of `second` behind them. */
export function joinedSum(first: Summed, second: Summed): Summed {
  const a1 = first.adler32 & 0xffff;
  const a2 = second.adler32 & 0xffff;
  const b1 = first.adler32 >>> 16;
  const b2 = second.adler32 >>> 16;
  // Both sums begin with a = 1, of which the joined one has only the first. Each byte of `second` adds a to b once more.
  const a = (a1 + a2 + modulus - 1) % modulus;
  const b = (b1 + b2 + (second.sizeBytes % modulus) * (a1 + modulus - 1)) % modulus;
  return { sizeBytes: first.sizeBytes + second.sizeBytes, adler32: ((b << 16) | a) >>> 0 };
}
