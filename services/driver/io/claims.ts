// One driver at a time on a workdir. Each start claims the next epoch, by making the file driver/claims/<epoch>.json.
//
//   E1. An epoch is claimed by at most one driver: the file is made whole under another name and linked to its own,
//       which fails when that is there. Claims are never removed, so epochs only grow.
//   E2. Nobody claims after a driver that may live. It is over when its claim says that it ended, when its process can
//       be seen to be gone (same machine and namespace; another boot, no such process, or one that began at another
//       time), or when the user says --take-over.
//   E3. A driver that was replaced finds it out the next time it asks. Its successor marks the older claims before it
//       reads the journal, and the question opens both the own claim, which is there, and the next one, which must not
//       be: a network file system asks the server when a file that is there is opened, while it may know for a minute
//       from memory that a file is not there.

import { randomUUID } from "node:crypto";
import { link, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { epochNumber, type Epoch } from "../../shared/core/id.js";
import { syncFolder, writeDurably, writeFileAtomically } from "../../shared/io/atomic-file.js";
import { errorCode } from "../../shared/io/error-code.js";
import { ensurePrivateFolder } from "../../shared/io/private-file.js";
import {
  claimPath,
  claimText,
  epochIn,
  readClaim,
  readingOf,
  readText,
  type ClaimFile,
} from "./claim-file.js";
import { processes as thisMachine, type Processes } from "../../shared/io/process-identity.js";

export interface ClaimOptions {
  /** The user says that no earlier driver lives, or that it is to be replaced. */
  readonly takeOver: boolean;
  readonly hostname: string;
  readonly pid: number;
  /** The Slurm job that the driver runs in, for people; undefined outside of Slurm. */
  readonly slurmJob: string | undefined;
  /** Wall time, for people. */
  readonly unixMs: number;
  /** Default: this machine's. */
  readonly processes?: Processes;
  /** Writes, and waits while there is no room; default: does not wait. What it writes may be written again. */
  readonly whenRoom?: WhenRoom;
}

/** Writes, and waits while there is no room. */
export type WhenRoom = <Result>(write: () => Promise<Result>) => Promise<Result>;

/** The right to write into the workdir, until somebody else takes it. */
export interface Claim {
  readonly epoch: Epoch;
  /** How it stood with the driver before, in words for the log. */
  readonly predecessor: string;
  /** Whether no other driver has claimed the workdir since (E3). Rejects when that can't be told. */
  isCurrent(): Promise<boolean>;
  /** Says that this driver has ended, so that the next one need not prove it. */
  release(): Promise<void>;
}

/** Another driver holds the workdir, or may hold it. The message says who, since when, and what to do. */
export class ClaimRefused extends Error {
  override readonly name = "ClaimRefused";
}

/** Claims the next epoch of the workdir; throws `ClaimRefused` (E2). */
export async function claimEpoch(workdir: string, options: ClaimOptions): Promise<Claim> {
  const whenRoom: WhenRoom = options.whenRoom ?? ((write) => write());
  const folder = join(workdir, "driver", "claims");
  await whenRoom(() => ensurePrivateFolder(join(workdir, "driver")));
  await whenRoom(() => ensurePrivateFolder(folder));
  let highest = Math.max(0, ...(await readdir(folder)).map((name) => epochIn(name) ?? 0));
  for (;;) {
    const predecessor = highest === 0 ? "none" : await standingOf(folder, highest, options);
    const claim = claimOf(highest + 1, options);
    if (await whenRoom(() => make(folder, claim))) {
      await whenRoom(() => markReplaced(folder, claim.epoch));
      return claimed(folder, claim, predecessor);
    }
    // Somebody was faster: what holds for the highest claim holds for that one now.
    highest += 1;
  }
}

function claimed(folder: string, own: ClaimFile, predecessor: string): Claim {
  const ownText = claimText(own);
  const ownPath = claimPath(folder, own.epoch);
  const nextPath = claimPath(folder, own.epoch + 1);
  const isCurrent = async (): Promise<boolean> => {
    const [nextText, text] = await Promise.all([readText(nextPath), readText(ownPath)]); // (E3)
    if (nextText !== undefined || text === undefined) return false;
    if (text === ownText) return true; // Asked before every acknowledgement: nothing is parsed that is as it was.
    const reading = readingOf(text, ownPath, own.epoch);
    if (reading.kind === "unreadable") throw new Error(reading.flaw);
    return reading.claim.nonce === own.nonce && reading.claim.replacedBy === undefined;
  };
  return {
    epoch: epochNumber(own.epoch),
    predecessor,
    isCurrent,
    release: async () => {
      if (await isCurrent()) await rewrite(folder, { ...own, released: true });
    },
  };
}

function claimOf(epoch: number, options: ClaimOptions): ClaimFile {
  const processes = options.processes ?? thisMachine;
  const { hostname, pid, slurmJob, unixMs } = options;
  const startTime = processes.startTimeOf(pid);
  if (startTime === undefined) throw new Error(`expected process ${pid} to run on ${hostname}, found none`);
  return {
    epoch,
    hostname,
    pid,
    startTime,
    bootId: processes.bootId(),
    namespace: processes.namespace(),
    slurmJob,
    claimedUnixMs: unixMs,
    nonce: randomUUID(),
    released: false,
    replacedBy: undefined,
  };
}

/** Makes the claim's file, durably; false when there is one already (E1). */
async function make(folder: string, claim: ClaimFile): Promise<boolean> {
  const path = claimPath(folder, claim.epoch);
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeDurably(temporary, claimText(claim), { mode: 0o600 });
    await link(temporary, path);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    // It may be our own: a network file system asks again when the server's answer is lost, and so do we.
    const there = await readClaim(folder, claim.epoch);
    if (there.kind !== "claim" || there.claim.nonce !== claim.nonce) return false;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(folder);
  return true;
}

function rewrite(folder: string, claim: ClaimFile): Promise<void> {
  return writeFileAtomically(claimPath(folder, claim.epoch), claimText(claim), { mode: 0o600 });
}

/** Tells those who may still live that they were replaced (E3). */
async function markReplaced(folder: string, by: number): Promise<void> {
  const unaware: ClaimFile[] = [];
  for (let epoch = by - 1; epoch >= 1; epoch -= 1) {
    const reading = await readClaim(folder, epoch);
    if (reading.kind !== "claim") continue;
    if (reading.claim.released || reading.claim.replacedBy !== undefined) break;
    unaware.push(reading.claim);
  }
  // The oldest first, so that everybody before one that knows it knows it too, even if this is cut short.
  for (const claim of unaware.reverse()) await rewrite(folder, { ...claim, replacedBy: by });
}

/** How it stands with the driver of an epoch, in words; throws `ClaimRefused` if it may live (E2). */
async function standingOf(folder: string, epoch: number, options: ClaimOptions): Promise<string> {
  const reading = await readClaim(folder, epoch);
  if (reading.kind !== "claim") {
    const path = claimPath(folder, epoch);
    const flaw = reading.kind === "absent" ? `${path}: expected a claim, found none` : reading.flaw;
    if (options.takeOver) return `epoch ${epoch} is taken over, whatever it was: ${flaw}`;
    throw new ClaimRefused(
      `${flaw}. Nobody can tell whose it is; if no driver runs on this workdir, start with --take-over`,
    );
  }
  const { claim } = reading;
  if (claim.released) return `epoch ${epoch} has ended`;
  const proof = proofOf(claim, options);
  if (proof.kind === "gone") return `epoch ${epoch} is gone: ${proof.why}`;
  if (options.takeOver) return `epoch ${epoch} is taken over from ${holderOf(claim)}`;
  throw new ClaimRefused(refusal(claim, proof, options));
}

type Proof = { readonly kind: "gone"; readonly why: string } | { readonly kind: "lives" | "unknown" };

function proofOf(claim: ClaimFile, options: ClaimOptions): Proof {
  const processes = options.processes ?? thisMachine;
  if (claim.hostname !== options.hostname) return { kind: "unknown" };
  if (claim.bootId !== processes.bootId()) {
    return { kind: "gone", why: `${claim.hostname} was started anew since` };
  }
  if (claim.namespace !== processes.namespace()) return { kind: "unknown" };
  const startTime = processes.startTimeOf(claim.pid);
  if (startTime === claim.startTime) return { kind: "lives" };
  const found = startTime === undefined ? "is no more" : "is another one now";
  return { kind: "gone", why: `process ${claim.pid} on ${claim.hostname} ${found}` };
}

function holderOf(claim: ClaimFile): string {
  const job = claim.slurmJob === undefined ? "" : ` in Slurm job ${claim.slurmJob}`;
  return `process ${claim.pid} on ${claim.hostname}${job}, since ${new Date(claim.claimedUnixMs).toISOString()}`;
}

function refusal(claim: ClaimFile, proof: Proof, options: ClaimOptions): string {
  const holder = `epoch ${claim.epoch}: ${holderOf(claim)}`;
  if (proof.kind === "lives") {
    return (
      `expected no driver on this workdir, found one that lives: ${holder}. Stop it (kill ${claim.pid}) and start again; ` +
      "if it hangs, start with --take-over, after which it can do nothing any more"
    );
  }
  const elsewhere =
    claim.hostname === options.hostname ? "from outside of its container" : `from ${options.hostname}`;
  const look = claim.slurmJob === undefined ? "" : ` (squeue -j ${claim.slurmJob} tells)`;
  return (
    `expected no driver on this workdir, found the claim of ${holder}; nobody can see ${elsewhere} whether it lives. ` +
    `If it is gone${look}, start with --take-over; else stop it there first`
  );
}
