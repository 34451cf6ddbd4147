// How fast ranges are done, over the last half minute.
//
//   R1. It keeps at most `samplesMax` samples, whatever the job's speed.

const windowMs = 30_000;
/** Shorter than this says more about chance than about speed. */
const spanMsMin = 500;
const samplesMax = 60;
/** Samples nearer to each other than this become one. */
const stepMs = windowMs / samplesMax;

interface Sample {
  readonly atMs: number;
  readonly done: number;
}

export class RateMeter {
  #samples: Sample[] = [];

  /** Notes that `done` ranges were done at `atMs`; both only grow. */
  note(atMs: number, done: number): void {
    const last = this.#samples.at(-1);
    // Outputs were lost, so what came before is no measure.
    if (last !== undefined && done < last.done) this.#samples = [];
    // Nothing is done yet since somebody looked: the wait for the first actor is no measure either.
    if (this.#samples.every((sample) => sample.done === done)) this.#samples = [];
    const beforeLast = this.#samples.at(-2);
    const isCrowded = last !== undefined && beforeLast !== undefined && last.atMs - beforeLast.atMs < stepMs;
    if (isCrowded) this.#samples.pop();
    this.#samples.push({ atMs, done });
    const oldest = this.#samples.findLastIndex((sample) => atMs - sample.atMs >= windowMs);
    this.#samples = this.#samples.slice(Math.max(0, oldest)).slice(-samplesMax); // (R1)
  }

  /** Ranges in a second up to now; undefined while nobody can tell. */
  perSecond(nowMs: number): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined) return undefined;
    const spanMs = nowMs - first.atMs;
    if (spanMs < spanMsMin || last.done === first.done) return undefined;
    return ((last.done - first.done) * 1_000) / spanMs;
  }
}
