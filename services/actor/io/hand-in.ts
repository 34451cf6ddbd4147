// Leaves in the workdir what no driver has acknowledged (P6): jobs/<job>/handin/<actor>.<incarnation>.<part>.handin
//
//   L1. A file is there whole or not at all, and durable when it is there (atomic-file.ts).
//   L2. Nobody else can read or plant one: folder and files are private (P8). The driver looks after that too.
//   L3. No file is longer than what the driver takes in: what is more goes into another part (P7).

import { join } from "node:path";
import { handInFolder } from "../../shared/core/names.js";
import { writeFileAtomically } from "../../shared/io/atomic-file.js";
import { handInBytesMax, handInSuffix, sealHandIn } from "../../shared/io/hand-in-file.js";
import { ensurePrivateFolder } from "../../shared/io/private-file.js";
import type { JobResults } from "../core/outbox.js";
import { messageBytesMax } from "../core/outbox.js";
import { handInToWire, type HandInOrigin } from "./wire-hand-in.js";

/** Half of what would fit, so that nothing depends on how exactly messages are measured. */
const messagesMax = Math.floor(handInBytesMax / messageBytesMax / 2);

/** Writes all that is left of one job; returns the paths. */
export async function writeHandIn(
  workdir: string,
  origin: HandInOrigin,
  { job, messages }: JobResults,
): Promise<readonly string[]> {
  const folder = join(workdir, handInFolder(job));
  await ensurePrivateFolder(folder); // (L2)
  const paths: string[] = [];
  for (let from = 0; from < messages.length; from += messagesMax) {
    const part = handInToWire(origin, { job, messages: messages.slice(from, from + messagesMax) });
    const name = `${origin.actor}.${origin.incarnation}.${paths.length + 1}${handInSuffix}`;
    const path = join(folder, name);
    await writeFileAtomically(path, sealHandIn(part), { mode: 0o600 }); // (L1, L3)
    paths.push(path);
  }
  return paths;
}
