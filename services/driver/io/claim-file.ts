// The file of one claim: who claimed which epoch, and what became of it.

import { readFile } from "node:fs/promises";
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

/** Opens the file each time, rather than asking for its state, which network file systems remember. */
export async function readClaim(folder: string, epoch: number): Promise<ClaimReading> {
  const path = claimPath(folder, epoch);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return { kind: "absent" };
    throw error;
  }
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
