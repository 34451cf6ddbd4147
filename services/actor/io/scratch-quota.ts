// How much of the node's scratch the ranges of a program take, where their job says how much they may (`scratchMax`).
//
//   Q1. It is looked at every `lookMs` while ranges run, and before an output is taken. Looks while ranges run take at most
//       one part in `lookShare` of the time, and none holds up the loop: they ask for one file after the other.
//   Q2. A look is bounded: who has more than `filesMax` files has too many.
//   Q3. A file takes what it has on the disk, and never more than its length. No link is followed.

import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import { failureOf, type Failure } from "../../shared/core/failure.js";
import { formatSize } from "../../shared/core/size.js";
import { every, systemClock, type Cancel } from "../../shared/io/system-clock.js";

/** What is looked at. */
export interface ScratchUse {
  /** Folders with all that is in them, and files. What is not there takes nothing. */
  readonly paths: readonly string[];
  /** They are those of so many ranges. */
  readonly ranges: number;
}

export interface ScratchQuotaOptions {
  /** For one range. */
  readonly bytesMax: number;
  /** By default 100,000 (Q2). */
  readonly filesMax?: number;
  readonly use: () => ScratchUse;
  /** Told by each look while ranges run that finds too much. */
  readonly onFlaw: (failure: Failure) => void;
}

const lookMs = 5_000;
const lookMsMin = 1_000;
const lookShare = 20;
const filesMax = 100_000;
const blockBytes = 512;

export class ScratchQuota {
  readonly #options: ScratchQuotaOptions;
  readonly #cancel: Cancel;
  #nextLookAtMs = 0;
  #isLooking = false;

  constructor(options: ScratchQuotaOptions) {
    this.#options = options;
    this.#cancel = every(lookMs, () => void this.#lookAgain());
  }

  /** Whether it is time for another look at all (Q1). */
  get isDue(): boolean {
    return !this.#isLooking && systemClock.nowMs() >= this.#nextLookAtMs;
  }

  /** As `flawOf` does, and sees to it that it is not time for the next look at once (Q1). */
  async look(use: ScratchUse): Promise<Failure | undefined> {
    const beganAtMs = systemClock.nowMs();
    this.#isLooking = true;
    const failure = await this.flawOf(use);
    this.#isLooking = false;
    const nowMs = systemClock.nowMs();
    this.#nextLookAtMs = nowMs + Math.max(lookMsMin, (nowMs - beganAtMs) * lookShare);
    return failure;
  }

  /** Why the ranges fail that use that; undefined when they take no more than they may. Never rejects. */
  async flawOf({ paths, ranges }: ScratchUse): Promise<Failure | undefined> {
    const { bytesMax } = this.#options;
    const most = { bytes: bytesMax * ranges, files: this.#options.filesMax ?? filesMax };
    const found = await lookAt(paths, most);
    if (found === undefined) return undefined;
    const allowed = `at most ${formatSize(bytesMax)} of the node's scratch for a range (scratchMax)`;
    const [path = "nothing", ...more] = paths;
    const where = more.length === 0 ? path : `${path} and ${more.length} outputs`;
    const of = ranges > 1 ? ` for ${ranges} ranges` : "";
    return failureOf("event", `expected ${allowed}, found ${found} in ${where}${of}`);
  }

  /** Looks no more. */
  close(): void {
    this.#cancel();
  }

  async #lookAgain(): Promise<void> {
    const use = this.#options.use();
    if (!this.isDue || use.ranges === 0) return;
    const failure = await this.look(use);
    if (failure !== undefined) this.#options.onFlaw(failure);
  }
}

/** What there is too much of; undefined when all is as it should be. */
async function lookAt(
  paths: readonly string[],
  most: { readonly bytes: number; readonly files: number },
): Promise<string | undefined> {
  const rest = [...paths];
  let bytes = 0;
  let files = 0;
  for (let path = rest.pop(); path !== undefined; path = rest.pop()) {
    const found = await lstat(path).catch(() => undefined); // It may be gone meanwhile.
    if (found?.isDirectory() === true) rest.push(...(await namesIn(path, most.files - files - rest.length)));
    else if (found !== undefined) bytes += Math.min(found.size, found.blocks * blockBytes); // (Q3)
    files += 1;
    if (bytes > most.bytes) return `${formatSize(bytes)} or more`;
    if (files + rest.length > most.files) return `more than ${most.files} files`; // (Q2)
  }
  return undefined;
}

/** Of a folder; so many and one at most. */
async function namesIn(folder: string, most: number): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(folder)) {
      names.push(join(folder, name));
      if (names.length > most) break;
    }
  } catch {
    // It is gone meanwhile, or can't be read.
  }
  return names;
}
