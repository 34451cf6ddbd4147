// How long a job's ranges took, on each kind of node (shared/core/labels.ts) and on all together.
//
//   E1. A time is counted in a bucket, eight of which double it: a quantile is never too low, and at most an eighth too
//       high. Counting is integer arithmetic, so that a replay gives the same; it is paid by every range that is done.
//   E2. What is measured on all nodes is the sum of the kinds. So many kinds are told apart; the rest share one (P7).

/** What may be asked of measured times by those who must not change them. */
export interface EventTimesView {
  /** How many were measured. */
  readonly count: number;
  /** Milliseconds. */
  readonly sumMs: number;
  /** Mean; undefined when nothing was measured. */
  readonly meanMs: number | undefined;
  /** At most this share of the times, from 0 to 1, took longer than it leaves; undefined when nothing was measured. */
  quantileMs(share: number): number | undefined;
  /** The buckets that are not empty, in columns, for snapshots. */
  columns(): EventTimesColumns;
}

/** Of each doubling. */
const bucketsOfOctave = 8;
const octaveShift = 3;
/** Times are 32 bits. */
const bucketsMax = bucketsOfOctave * (32 - octaveShift + 1);

export class EventTimes implements EventTimesView {
  readonly #counts = new Uint32Array(bucketsMax);
  #count = 0;
  #sumMs = 0;

  get count(): number {
    return this.#count;
  }

  get sumMs(): number {
    return this.#sumMs;
  }

  get meanMs(): number | undefined {
    return this.#count === 0 ? undefined : this.#sumMs / this.#count;
  }

  add(ms: number): void {
    const bucket = bucketOf(ms);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#sumMs += ms;
  }

  quantileMs(share: number): number | undefined {
    if (this.#count === 0) return undefined;
    const rank = Math.max(1, Math.ceil(this.#count * share));
    let seen = 0;
    for (let bucket = 0; bucket < bucketsMax; bucket += 1) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= rank) return longestIn(bucket);
    }
    return longestIn(bucketsMax - 1);
  }

  columns(): EventTimesColumns {
    const bucket: number[] = [];
    const count: number[] = [];
    this.#counts.forEach((some, at) => {
      if (some === 0) return;
      bucket.push(at);
      count.push(some);
    });
    return { sumMs: this.#sumMs, bucket, count };
  }

  /** Adds what `columns` gave of other times. Of buckets that there are not, nothing is taken. */
  addAll({ sumMs, bucket, count }: EventTimesColumns): void {
    bucket.forEach((at, i) => {
      const some = count[i] ?? 0;
      if (at >= bucketsMax) return;
      this.#counts[at] = (this.#counts[at] ?? 0) + some;
      this.#count += some;
    });
    this.#sumMs += sumMs;
  }
}

export interface EventTimesColumns {
  readonly sumMs: number;
  readonly bucket: readonly number[];
  /** One for each bucket. */
  readonly count: readonly number[];
}

/** The times of one job. */
export interface JobTimes {
  readonly all: EventTimes;
  readonly byKind: Map<string, EventTimes>;
}

export interface JobTimesView {
  readonly all: EventTimesView;
  readonly byKind: ReadonlyMap<string, EventTimesView>;
}

/** So many kinds of node are told apart in each job. */
const kindsMax = 256;
/** Under which the rest are counted. No labels are written so. */
const otherKinds = "others";

export function newJobTimes(): JobTimes {
  return { all: new EventTimes(), byKind: new Map() };
}

/** The times of a job on one kind of node, made when there are none yet (E2). */
export function timesOnKind({ byKind }: JobTimes, kind: string): EventTimes {
  const known = byKind.get(kind) ?? (byKind.size < kindsMax ? undefined : byKind.get(otherKinds));
  if (known !== undefined) return known;
  const times = new EventTimes();
  byKind.set(byKind.size < kindsMax ? kind : otherKinds, times);
  return times;
}

/** What is known of a job on that kind of node, or else on all kinds. */
export function bestTimes({ all, byKind }: JobTimesView, kind: string): EventTimesView {
  return byKind.get(kind) ?? all;
}

/** The first eight are exact; from then on three bits follow the leading one (E1). */
function bucketOf(ms: number): number {
  if (ms < bucketsOfOctave) return ms;
  const octave = 31 - Math.clz32(ms);
  return (octave - octaveShift + 1) * bucketsOfOctave + ((ms >>> (octave - octaveShift)) & 7);
}

function longestIn(bucket: number): number {
  if (bucket < bucketsOfOctave) return bucket;
  const octave = Math.floor(bucket / bucketsOfOctave) + octaveShift - 1;
  return (bucketsOfOctave + (bucket % bucketsOfOctave) + 1) * 2 ** (octave - octaveShift) - 1;
}
