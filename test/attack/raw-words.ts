// What is said to a peer in place of what a driver says, and whether it lives on.

import fc from "fast-check";
import { after, sleep } from "../../services/shared/io/system-clock.js";
import { framed } from "./connection.js";
import { saidTo, senseless } from "./extreme-messages.js";
import type { RawDriver, RawSession } from "./raw-driver.js";

export interface Shot {
  readonly what: string;
  readonly bytes: Buffer;
}

/** Epoch 1, behind whatever else is said of it: the last one counts. */
const epochOne = Buffer.from([0x08, 1]);

/** Has the peer leave on purpose, or drop its only job. */
const unsaid = ["welcome", "drain", "close_job"];

export function shotsAt(path: string, order: { readonly seed: number; readonly count: number }): Shot[] {
  const how = { seed: order.seed, numRuns: order.count };
  const extreme = fc
    .sample(saidTo(path, unsaid), how)
    .map((said) => ({ what: "extreme", bytes: framed(Buffer.concat([said, epochOne])) }));
  return [...extreme, ...fc.sample(senseless, how), ...oddEnds];
}

const oddEnds: readonly Shot[] = [
  { what: "1 GB, told and not sent", bytes: framed(Buffer.alloc(0), 0, 2 ** 30) },
  { what: "70 MB", bytes: framed(Buffer.alloc(70 * 2 ** 20)) },
];

const never = new AbortController().signal;

/** Says what it is told to on one stream after the other, each of which begins with these messages. */
export class RawVoice {
  readonly #driver: RawDriver;
  readonly #greeting: readonly Buffer[];
  #session: RawSession | undefined;
  /** That it took. */
  streams = 0;

  constructor(driver: RawDriver, greeting: readonly Buffer[]) {
    this.#driver = driver;
    this.#greeting = greeting;
  }

  /** After each, the stream ends or the peer goes on speaking. */
  async say(shots: readonly Shot[]): Promise<void> {
    for (const { what, bytes } of shots) {
      if (this.#session === undefined || this.#session.stream.destroyed) {
        this.#session = await inTime(this.#driver.next(), `a stream before ${what}`);
        this.streams += 1;
        for (const message of this.#greeting) this.#session.stream.write(framed(message));
      }
      this.#session.stream.write(bytes);
      const enough = this.#session.heard + 2;
      await inTime(livesOrEnds(this.#session, enough), `an end, or a sign of life, after ${what}`);
    }
  }
}

async function livesOrEnds(session: RawSession, enough: number): Promise<void> {
  while (!session.stream.destroyed && session.heard < enough) await sleep(2, never);
}

/** A limit against hanging, not a measure of speed. */
function inTime<Value>(coming: Promise<Value>, what: string): Promise<Value> {
  return new Promise((resolve, reject) => {
    const cancel = after(30_000, () => reject(new Error(`expected ${what}, found nothing in 30 s`)));
    void coming.then(resolve, reject).finally(cancel);
  });
}
