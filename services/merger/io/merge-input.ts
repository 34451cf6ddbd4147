// The outputs that a merge is made of, and what may be wrong with them.
//
//   I1. An input is looked at as a file of the job's folder: a link is no regular file, and is not followed.
//   I2. What is missing, short or corrupt is looked at again until the window is over, and only then declared lost: fresh
//       files take a while to show on network file systems, and an event may have cost 100 minutes.
//   I3. What cannot be read for another reason is the node's fault, and no input is declared lost for it; nor is any while
//       the workdir itself cannot be seen.
//   I4. A group may have a million inputs: each is made when it is its turn, and of those that are flawed no more than
//       `flawsMax` are looked for; the next merge finds the others.

import { access } from "node:fs/promises";
import { join } from "node:path";
import { present } from "../../shared/core/assert.js";
import type { EventRange, RangeLayout } from "../../shared/core/event-range.js";
import { outputPath } from "../../shared/core/names.js";
import { eachRange, spansOfAscending, type Spans } from "../../shared/core/spans.js";
import type { Checksum } from "../../shared/io/checksum.js";
import { errorCode } from "../../shared/io/error-code.js";
import { sleep, systemClock } from "../../shared/io/system-clock.js";
import type { LentGroup } from "../core/message.js";

/** The output of one range, as it was reported. */
export interface MergeInput extends Checksum {
  readonly range: number;
  readonly events: EventRange;
  /** Absolute. */
  readonly path: string;
}

/** An input that is not what was reported. */
export interface Flaw {
  readonly input: MergeInput;
  /** Completes "the output <path> …". */
  readonly found: string;
}

/** (I4) */
export const flawsMax = 10_000;

/** Says which inputs are not what was reported. */
export type Look = (inputs: readonly MergeInput[]) => Promise<readonly Flaw[]>;

/** The inputs of a group in the order in which they are fused (I4). */
export function inputsOf(
  workdir: string,
  lent: LentGroup,
  job: { readonly layout: RangeLayout; readonly suffix: string },
): Iterable<MergeInput> {
  const inputOf = (range: number, i: number): MergeInput => {
    const grant = present(lent.grant[i], "grant of the output");
    const events = job.layout.locate(range);
    return {
      range,
      events,
      path: `${workdir}/${outputPath({ job: lent.merge.job, range, grant, events }, job.suffix)}`,
      sizeBytes: present(lent.sizeBytes[i], "size of the output"),
      adler32: present(lent.adler32[i], "checksum of the output"),
    };
  };
  return {
    *[Symbol.iterator]() {
      let i = 0;
      for (const range of eachRange(lent.spans)) {
        yield inputOf(range, i);
        i += 1;
      }
    },
  };
}

/** Looks at flawed inputs again, and again at those that still are, until the window is over (I2). */
export async function lookAgain(
  flaws: readonly Flaw[],
  { look, lookAgainMs }: { readonly look: Look; readonly lookAgainMs: number },
  signal: AbortSignal,
): Promise<readonly Flaw[]> {
  const untilMs = systemClock.nowMs() + lookAgainMs;
  let left = flaws;
  for (let leftMs = lookAgainMs; left.length > 0 && leftMs > 0; leftMs = untilMs - systemClock.nowMs()) {
    await sleep(Math.min(lookPauseMs, lookAgainMs / 5, leftMs), signal);
    left = await look(left.map((flaw) => flaw.input));
  }
  return left;
}

/** At most so long between two looks, the last of which comes at the window's end. */
const lookPauseMs = 1_000;

/** What is wrong with content of that sum, or undefined when nothing is. */
export function contentFlaw(input: MergeInput, found: Checksum): string | undefined {
  if (found.sizeBytes !== input.sizeBytes) return sizeFlaw(input, found.sizeBytes);
  if (found.adler32 === input.adler32) return undefined;
  return `was reported with adler32 ${hex(input.adler32)} and has ${hex(found.adler32)}`;
}

/** The flaw of a file that is not there; other errors go on (I3). */
export function missing(error: unknown): string {
  const code = errorCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") return "is missing";
  throw error;
}

/** Fails when the workdir is not there: then nothing is known of what is in it (I3). */
export async function requireWorkdir(workdir: string): Promise<void> {
  await access(join(workdir, "driver"));
}

/** The ranges of the flawed inputs. */
export function rangesOfFlaws(flaws: readonly Flaw[]): Spans {
  return spansOfAscending(flaws.map((flaw) => flaw.input.range).sort((a, b) => a - b));
}

export function sizeFlaw(input: MergeInput, found: number): string {
  return `was reported with ${input.sizeBytes} bytes and has ${found}`;
}

function hex(adler32: number): string {
  return adler32.toString(16).padStart(8, "0");
}
