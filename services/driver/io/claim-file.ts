// The file of one claim: who claimed which epoch, and what became of it.

import { closeSync, open, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";

const claimFile = z.object({
  epoch: z.int().min(1),
  hostname: z.string().min(1),
  pid: z.int().min(1),
  /** These three tell the process from others of its number (processes.ts). */
  startTime: z.string(),
  bootId: z.string(),
  namespace: z.string(),
  /** For people. */
  slurmJob: z.string().optional(),
  claimedUnixMs: z.int(),
  /** Tells this claim from one made by somebody else in its place. */
  nonce: z.string(),
  /** Its driver said that it ended. */
  released: z.boolean(),
  /** The epoch that found it not released, and went on all the same. */
  replacedBy: z.int().optional(),
});

export type ClaimFile = z.infer<typeof claimFile>;

export type ClaimReading =
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly flaw: string }
  | { readonly kind: "claim"; readonly claim: ClaimFile };

export function claimPath(folder: string, epoch: number): string {
  return join(folder, `${String(epoch).padStart(10, "0")}.json`);
}

/** Undefined for the name of what is no claim, such as the remains of a driver that died while it made one. */
export function epochIn(name: string): number | undefined {
  const match = /^(\d{10})\.json$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

export function claimText(claim: ClaimFile): string {
  return `${JSON.stringify(claim, undefined, 2)}\n`;
}

/**
 * The file's text, or undefined when there is no file. It is opened each time, rather than asked for its state, which
 * network file systems remember. Only the opening is waited for: that is where such a file system asks its server, and
 * each further step would cost every commit a turn of the loop, to read a few hundred bytes from memory.
 */
export function readText(path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    open(path, "r", (error, file) => {
      if (error !== null) {
        if (errorCode(error) === "ENOENT") resolve(undefined);
        else reject(error);
        return;
      }
      try {
        resolve(readFileSync(file, "utf8"));
      } catch (failure) {
        reject(failure instanceof Error ? failure : new Error(String(failure)));
      } finally {
        closeSync(file);
      }
    });
  });
}

export async function readClaim(folder: string, epoch: number): Promise<ClaimReading> {
  const path = claimPath(folder, epoch);
  const text = await readText(path);
  return text === undefined ? { kind: "absent" } : readingOf(text, path, epoch);
}

/** What the text of an epoch's claim says. */
export function readingOf(
  text: string,
  path: string,
  epoch: number,
): Exclude<ClaimReading, { kind: "absent" }> {
  try {
    const claim = claimFile.parse(JSON.parse(text));
    if (claim.epoch === epoch) return { kind: "claim", claim };
    return {
      kind: "unreadable",
      flaw: `${path}: expected the claim of epoch ${epoch}, found that of ${claim.epoch}`,
    };
  } catch (error) {
    const found = error instanceof z.ZodError ? z.prettifyError(error) : errorMessage(error);
    return { kind: "unreadable", flaw: `${path}: expected a claim, found: ${found}` };
  }
}
