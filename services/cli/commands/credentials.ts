// noctua credentials: makes a credential for another service or user, limited in role and time.
//
//   K1. It is a folder that serves as a workdir for whoever only asks: the driver's address, and the credential. Nobody
//       else can read it, and what was there is not written over.
//   K2. It is made under another name, and is there whole or not at all. What a kill leaves says by its name that it is nothing,
//       and goes when another is made beside it, an hour later or more.
//   K3. That of an actor or merger leads to the jobs/ of the run: what it stores and reads lies there.

import { randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, rename, rm, symlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { jobsFolder } from "../../shared/core/names.js";
import type { Role } from "../../shared/core/role.js";
import { readAddress, writeAddress, type DriverAddress } from "../../shared/io/address-file.js";
import { syncFolder, writeFileAtomically } from "../../shared/io/atomic-file.js";
import { errorMessage } from "../../shared/io/error-code.js";
import { makeFolder } from "../../shared/io/make-folder.js";
import { ensurePrivateFolder } from "../../shared/io/private-file.js";
import { systemClock } from "../../shared/io/system-clock.js";
import { NoDriverYet, trustFolder, type Credential } from "../../shared/io/trust/credential.js";
import { CliError, exitCodes, type ExitCode } from "../io/cli-error.js";
import { notDialled } from "../io/no-driver.js";
import type { Terminal } from "../io/terminal.js";

/** Roles that are lent. */
export const lentRoles = ["reader", "writer", "actor", "merger"] as const satisfies readonly Role[];

const temporaryName = /^\.noctua-credentials-[0-9a-f]{16}\.tmp$/;
/** Nobody writes it any more. */
const oldMs = 3_600_000;

export interface CredentialsOptions {
  readonly workdir: string;
  /** Of the new folder. */
  readonly folder: string;
  readonly role: (typeof lentRoles)[number];
  /** The only name that an actor or merger may take with it. */
  readonly name: string | undefined;
  readonly validMs: number;
}

export async function makeCredentials(options: CredentialsOptions, terminal: Terminal): Promise<ExitCode> {
  const { workdir, role } = options;
  const folder = resolve(options.folder);
  const { address, credential } = await issued(options).catch((error: unknown) => {
    throw notDialled(error, workdir);
  });
  await makeWhole(folder, async (at) => {
    await writeAddress(at, address);
    await ensurePrivateFolder(join(at, trustFolder));
    await writeFileAtomically(join(at, trustFolder, `${role}.pem`), credential.pem, { mode: 0o600 });
    if (role === "actor" || role === "merger") await leadToJobs(workdir, at); // (K3)
  });
  const until = new Date(credential.endsAtUnixMs).toISOString();
  terminal.print(
    `made ${folder}: ${role === "actor" ? "an" : "a"} ${role} of run ${credential.identity.run} until ${until}`,
  );
  if (role === "reader" || role === "writer") terminal.print(`next: noctua list --workdir ${folder}`);
  return exitCodes.ok;
}

async function issued({
  workdir,
  role,
  name,
  validMs,
}: CredentialsOptions): Promise<{ readonly address: DriverAddress; readonly credential: Credential }> {
  const address = await readAddress(workdir);
  if (address === undefined) throw new NoDriverYet(`no driver has been started on ${workdir}`);
  // The library that makes certificates is large, and no other command needs it.
  const { readAuthority } = await import("../../shared/io/trust/authority.js");
  const authority = await readAuthority(workdir);
  return { address, credential: await authority.issue({ role, name }, validMs) };
}

async function makeWhole(folder: string, fill: (at: string) => Promise<void>): Promise<void> {
  const there = await lstat(folder).catch(() => undefined);
  if (there !== undefined) throw notNew(folder, "it is there already"); // (K1)
  const parent = dirname(folder);
  await sweepTemporaries(parent);
  const temporary = join(parent, `.noctua-credentials-${randomBytes(8).toString("hex")}.tmp`);
  try {
    await mkdir(temporary, { mode: 0o700 });
    await fill(temporary);
    await rename(temporary, folder); // (K2)
    await syncFolder(parent);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw notNew(folder, errorMessage(error), error);
  }
}

async function leadToJobs(workdir: string, at: string): Promise<void> {
  const jobs = join(workdir, jobsFolder);
  await makeFolder(jobs);
  await symlink(jobs, join(at, jobsFolder));
}

/** What killed calls of this user left (K2). What can't be removed is left to the next call. */
async function sweepTemporaries(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((one) => temporaryName.test(one))) {
    const path = join(parent, name);
    const found = await lstat(path).catch(() => undefined);
    const isOurs = found?.isDirectory() === true && found.uid === process.getuid?.();
    if (!isOurs || systemClock.unixMs() - found.mtimeMs < oldMs) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

function notNew(folder: string, found: string, error?: unknown): CliError {
  return new CliError(exitCodes.usage, `expected the path of a new folder, found ${folder}: ${found}`, error);
}
