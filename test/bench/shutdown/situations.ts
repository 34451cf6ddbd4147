// Situations in which services are told to stop.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sleep } from "../../../services/shared/io/system-clock.js";
import type { BadDisk } from "./bad-disk.js";
import type { StoppedProcess } from "./stopped-process.js";

export interface Situation {
  readonly name: string;
  /** Of the actor; so many payloads run when it is told to stop. None: it has no job. */
  readonly slots: number;
  /** Payloads and the merge command ignore TERM. */
  readonly isDeaf?: boolean;
  /** Payloads end when the moment has come, so that outputs and results are under way. */
  readonly ends?: boolean;
  /** What happens before; false where this machine can't do it. */
  readonly prepare?: (scene: Prepared) => Promise<boolean>;
}

interface Prepared {
  readonly driver: StoppedProcess | undefined;
  readonly disk: BadDisk | undefined;
}

export const situations: readonly Situation[] = [
  { name: "idle", slots: 0 },
  { name: "64 slots busy", slots: 64 },
  { name: "payload that ignores SIGTERM", slots: 4, isDeaf: true },
  {
    name: "no driver",
    slots: 4,
    prepare: async ({ driver }) => {
      await driver?.kill();
      return driver !== undefined;
    },
  },
  {
    name: "driver stopped",
    slots: 4,
    prepare: ({ driver }) => Promise.resolve(driver?.child.kill("SIGSTOP") ?? false),
  },
  {
    name: "full disk",
    slots: 4,
    ends: true,
    prepare: async ({ disk }) => {
      await disk?.fill();
      return disk !== undefined;
    },
  },
  {
    name: "file system that stands still",
    slots: 4,
    ends: true,
    prepare: async ({ disk }) => {
      await disk?.standStill();
      return disk !== undefined;
    },
  },
];

/** So long what ends payloads has to show. */
const momentMs = 1_500;

/** Lets payloads end that wait for it. */
export async function letEnd(folder: string, signal: AbortSignal): Promise<void> {
  await writeFile(join(folder, "go"), "");
  await sleep(momentMs, signal);
}

/** The first range ends at once, so that there is something to merge; the others say that they run, and wait. */
export function payloadLines(folder: string, { isDeaf = false }: Situation): string {
  return `${isDeaf ? "trap '' TERM" : ""}
[ "$first" = 1 ] || { echo > "${folder}/running.$first"; while [ ! -e "${folder}/go" ]; do sleep 0.2; done; }`;
}

/** Of each output it makes a merged file, and says that it runs. */
export function mergeScript(folder: string, { isDeaf = false }: Situation): string {
  return `#!/bin/sh
${isDeaf ? "trap '' TERM" : ""}
echo > "${folder}/running.merge"
while [ ! -e "${folder}/go" ]; do sleep 0.2; done
cat "$1" > "$2"
`;
}
