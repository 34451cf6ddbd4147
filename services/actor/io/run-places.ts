// Where on the node's scratch a range is run.
//
//   L1. A program of its own has a folder of its own. Programs that live for many ranges have theirs (payload-stream.ts), and
//       of a range only the output: those of a job lie in one folder, so that a short range costs no folder.
//   L2. What a range left is removed when it is over; nobody waits for that, and what stays goes with the scratch folder.

import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { JobNumber } from "../../shared/core/id.js";
import { handedName, type HeldRange } from "../core/held.js";
import type { PayloadRun } from "./payload.js";
import type { Scratch } from "./scratch.js";

export interface RunPlace {
  /** Empty, and nobody else can read it; undefined where no program is made for the range. */
  readonly folder: string | undefined;
  /** Where the output is to be; undefined in a job without outputs. */
  readonly output: string | undefined;
  /** The range is over. `isTaken`: its output is gone from here. */
  leave(isTaken: boolean): void;
}

/** What asks for a place. */
type PlacedRun = Pick<PayloadRun, "held" | "spec" | "recalls">;

export class RunPlaces {
  readonly #scratch: Pick<Scratch, "runFolder">;
  /** Of outputs, by job. */
  readonly #folders = new Map<JobNumber, string | Promise<string>>();
  #made = 0;

  constructor(scratch: Pick<Scratch, "runFolder">) {
    this.#scratch = scratch;
  }

  /** At once where nothing is to be made for it. Rejects when the scratch folder refuses it. */
  placeFor({ held, spec, recalls }: PlacedRun): RunPlace | Promise<RunPlace> {
    const { payload, outputs, outputSuffix } = spec;
    if (payload.kind === "exec") return this.#newPlace(held, outputs === "none" ? undefined : outputSuffix);
    if (outputs === "none") return noPlace;
    const name = `${handedName(held, recalls)}${outputSuffix}`;
    const folder = this.#outputsOf(held.job);
    return typeof folder === "string" ? placeIn(folder, name) : folder.then((made) => placeIn(made, name));
  }

  /** No range of the job has a place. */
  endJob(job: JobNumber): void {
    const folder = this.#folders.get(job);
    this.#folders.delete(job);
    if (folder !== undefined) void Promise.resolve(folder).then(removeFolder, () => undefined);
  }

  async #newPlace({ job, range, grant }: HeldRange, suffix: string | undefined): Promise<RunPlace> {
    const folder = await this.#scratch.runFolder(`${job}.${range}.${grant}`);
    const output = suffix === undefined ? undefined : join(folder, `output${suffix}`);
    return { folder, output, leave: () => void removeFolder(folder) };
  }

  #outputsOf(job: JobNumber): string | Promise<string> {
    const known = this.#folders.get(job);
    if (known !== undefined) return known;
    this.#made += 1; // A job that goes on after its end gets another: the first may be being removed.
    const made = this.#scratch.runFolder(`outputs${job}.${this.#made}`);
    this.#folders.set(job, made);
    made.then(
      (folder) => {
        if (this.#folders.get(job) === made) this.#folders.set(job, folder);
      },
      () => this.#folders.delete(job), // The next range tries again.
    );
    return made;
  }
}

const noPlace: RunPlace = { folder: undefined, output: undefined, leave: () => undefined };

function placeIn(folder: string, name: string): RunPlace {
  const output = `${folder}/${name}`;
  const leave = (isTaken: boolean): void => {
    if (!isTaken) void rm(output, { recursive: true, force: true }).catch(() => undefined); // (L2)
  };
  return { folder: undefined, output, leave };
}

/** Most are empty. Never rejects (L2). */
async function removeFolder(folder: string): Promise<void> {
  await rmdir(folder).catch(() =>
    rm(folder, { recursive: true, force: true, maxRetries: 2 }).catch(() => undefined),
  );
}
