// Seeded dice: the same seed text gives the same numbers on every machine.
//
//   D1. Only operations that IEEE 754 defines to the last bit are used (no log, no cosine), so an ARM node and
//       an x86 node roll the same bits.
//
// The generator is xoshiro128** 1.1 by David Blackman and Sebastiano Vigna (prng.di.unimi.it, public domain); its
// 128 bits of state are the first half of the SHA-256 of the seed text.

import { createHash } from "node:crypto";

const UNIT_32 = 2 ** -32;
const UNIT_53 = 2 ** -53;

export class Dice {
  #a;
  #b;
  #c;
  #d;

  /** @param {string} seed any text */
  constructor(seed) {
    const state = createHash("sha256").update(seed).digest();
    this.#a = state.readInt32LE(0);
    this.#b = state.readInt32LE(4);
    this.#c = state.readInt32LE(8);
    this.#d = state.readInt32LE(12);
  }

  /**
   * 32 random bits, as a whole number from 0.
   * @returns {number}
   */
  bits() {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return result >>> 0;
  }

  /**
   * Uniform in [0, 1), with all the 53 bits that a double can hold.
   * @returns {number}
   */
  uniform() {
    const high = this.bits() >>> 5;
    const low = this.bits() >>> 6;
    return (high * 2 ** 26 + low) * UNIT_53;
  }

  /**
   * Mean 0, standard deviation 1. The sum of twelve uniform numbers is Gaussian out to three deviations, ends at
   * six, and needs nothing but additions (D1).
   * @returns {number}
   */
  gaussian() {
    let sum = 0;
    for (let roll = 0; roll < 12; roll++) sum += this.bits();
    return sum * UNIT_32 - 6;
  }
}

/**
 * @param {number} bits
 * @param {number} count
 * @returns {number}
 */
function rotateLeft(bits, count) {
  return (bits << count) | (bits >>> (32 - count));
}
