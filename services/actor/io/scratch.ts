// Where the programs of an actor run, in its place on the node (node-place.ts): <place>/runs/, a folder each.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openPlace, type PlaceOptions } from "../../shared/io/node-place.js";

export interface Scratch {
  /** The actor's place. */
  readonly folder: string;
  /** Makes an empty folder for a run. */
  runFolder(name: string): Promise<string>;
  /** Removes it all. */
  close(): Promise<void>;
}

/** Makes the place, after sweeping what was left in it. */
export async function openScratch(options: PlaceOptions, signal: AbortSignal): Promise<Scratch> {
  const place = await openPlace(options, signal);
  const runs = join(place.folder, "runs");
  await mkdir(runs, { mode: 0o700 });
  return {
    ...place,
    runFolder: async (name) => {
      const run = join(runs, name);
      await mkdir(run, { mode: 0o700 });
      return run;
    },
  };
}
