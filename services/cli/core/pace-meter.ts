// How fast ranges and events of a job are done, of late.
//
//   R1. It keeps at most `samplesMax` samples, whatever the job's speed.
//   R2. What comes before the work is no measure: the wait for the first actor, a pause, outputs that were lost since.
//   R3. It looks back over half a minute, and further until `rangesMin` were done, since long ranges end seldom.

const windowMs = 30_000;
const rangesMin = 20;
/** Shorter than this says more about chance than about speed. */
const spanMsMin = 500;
const samplesMax = 60;
/** A moment without a range is no pause. */
const pauseMs = 5_000;

/** What was done until then; both only grow, unless outputs are lost. */
export interface DoneCounts {
  readonly ranges: number;
  readonly events: number;
}

interface Sample extends DoneCounts {
  readonly atMs: number;
}

export class PaceMeter {
  /** The first is where the measure begins; the others are changes. */
  #samples: Sample[] = [];
  #idleSinceMs: number | undefined;

  /** `isAtWork`: some ranges are held by actors. */
  note(atMs: number, done: DoneCounts, isAtWork: boolean): void {
    this.#idleSinceMs = isAtWork ? undefined : (this.#idleSinceMs ?? atMs);
    if (!this.#isMeasure(atMs, done)) this.#samples = []; // (R2)
    if (this.#samples.at(-1)?.ranges === done.ranges) return;
    if (this.#isCrowded()) this.#samples.pop();
    this.#samples.push({ atMs, ...done });
    if (this.#samples.length > samplesMax) this.#samples.shift(); // (R1)
    while (this.#isOld(this.#samples[1], atMs)) this.#samples.shift(); // (R3)
  }

  /** Whether what was noted so far still tells how fast it goes. */
  #isMeasure(nowMs: number, { ranges, events }: DoneCounts): boolean {
    const last = this.#samples.at(-1);
    if (last === undefined || ranges < last.ranges || events < last.events) return false;
    if (this.#idleSinceMs === undefined) return true;
    const hasBegun = this.#samples.length > 1 || ranges > last.ranges;
    return hasBegun && nowMs - this.#idleSinceMs < pauseMs;
  }

  /** In a second up to now; undefined while nobody can tell. */
  perSecond(nowMs: number): DoneCounts | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last === first) return undefined;
    const spanMs = nowMs - first.atMs;
    if (spanMs < spanMsMin) return undefined;
    const rate = (to: number, from: number): number => ((to - from) * 1_000) / spanMs;
    return { ranges: rate(last.ranges, first.ranges), events: rate(last.events, first.events) };
  }

  /** Whether the last change is so near to the one before it that the next can take its place. */
  #isCrowded(): boolean {
    const [first, before, last] = [this.#samples[0], this.#samples.at(-2), this.#samples.at(-1)];
    if (first === undefined || before === undefined || last === undefined) return false;
    return last.atMs - before.atMs < (2 * Math.max(windowMs, last.atMs - first.atMs)) / samplesMax;
  }

  #isOld(sample: Sample | undefined, nowMs: number): boolean {
    const last = this.#samples.at(-1);
    if (sample === undefined || last === undefined || sample === last) return false;
    return nowMs - sample.atMs >= windowMs && last.ranges - sample.ranges >= rangesMin;
  }
}
