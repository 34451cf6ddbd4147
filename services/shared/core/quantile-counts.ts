// How large measured numbers were, in little memory however many they are: some thousand bytes.
//
//   Q1. A number is counted in a bucket, eight of which double it: a quantile is never too low, and at most an eighth too
//       high. Counting is integer arithmetic, so that it is cheap, and the same wherever it is repeated.
//   Q2. What several counted, added up, is what one would have counted.

/** What may be asked of counted numbers by those who must not change them. */
export interface QuantileCountsView {
  /** How many there are. */
  readonly count: number;
  readonly sum: number;
  /** At most this share of them, from 0 to 1, is larger than it leaves; undefined when nothing was counted. */
  quantile(share: number): number | undefined;
  /** How many are below 2 to that power. */
  below(power: number): number;
  /** The buckets that are not empty, in columns. */
  columns(): QuantileColumns;
}

export interface QuantileColumns {
  readonly sum: number;
  readonly bucket: readonly number[];
  /** One for each bucket. */
  readonly count: readonly number[];
}

/** Of each doubling. */
const bucketsOfOctave = 8;
const octaveShift = 3;
/** Numbers have 32 bits. */
const bucketsMax = bucketsOfOctave * (32 - octaveShift + 1);

export class QuantileCounts implements QuantileCountsView {
  readonly #counts = new Uint32Array(bucketsMax);
  #count = 0;
  #sum = 0;

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** A whole number of 32 bits. */
  add(number: number): void {
    const bucket = bucketOf(number);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#sum += number;
  }

  quantile(share: number): number | undefined {
    if (this.#count === 0) return undefined;
    const rank = Math.max(1, Math.ceil(this.#count * share));
    let seen = 0;
    for (let bucket = 0; bucket < bucketsMax; bucket += 1) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= rank) return largestIn(bucket);
    }
    return largestIn(bucketsMax - 1);
  }

  below(power: number): number {
    const end = bucketOf(2 ** power);
    let seen = 0;
    for (let bucket = 0; bucket < end; bucket += 1) seen += this.#counts[bucket] ?? 0;
    return seen;
  }

  columns(): QuantileColumns {
    const bucket: number[] = [];
    const count: number[] = [];
    this.#counts.forEach((some, at) => {
      if (some === 0) return;
      bucket.push(at);
      count.push(some);
    });
    return { sum: this.#sum, bucket, count };
  }

  /** Adds what `columns` gave of other numbers (Q2). Of buckets that there are not, nothing is taken. */
  addAll({ sum, bucket, count }: QuantileColumns): void {
    bucket.forEach((at, i) => {
      const some = count[i] ?? 0;
      if (at >= bucketsMax) return;
      this.#counts[at] = (this.#counts[at] ?? 0) + some;
      this.#count += some;
    });
    this.#sum += sum;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
  }
}

/** The first eight are exact; from then on three bits follow the leading one (Q1). */
function bucketOf(number: number): number {
  if (number < bucketsOfOctave) return number;
  const octave = 31 - Math.clz32(number);
  return (octave - octaveShift + 1) * bucketsOfOctave + ((number >>> (octave - octaveShift)) & 7);
}

function largestIn(bucket: number): number {
  if (bucket < bucketsOfOctave) return bucket;
  const octave = Math.floor(bucket / bucketsOfOctave) + octaveShift - 1;
  return (bucketsOfOctave + (bucket % bucketsOfOctave) + 1) * 2 ** (octave - octaveShift) - 1;
}
