// noctua credentials: makes a credential for another service or user, limited in role and time.
//
//   K1. It is a folder that serves as a workdir for whoever only asks: the driver's address, and the credential. Nobody
//       else can read it, and what was there is not written over.

import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Role } from "../../shared/core/role.js";
import { readAddress, writeAddress, type DriverAddress } from "../../shared/io/address-file.js";
import { writeFileAtomically } from "../../shared/io/atomic-file.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import { ensurePrivateFolder } from "../../shared/io/private-file.js";
import { trustFolder, type Credential } from "../../shared/io/trust/credential.js";
import { CliError, exitCodes, type ExitCode } from "../io/cli-error.js";
import type { Terminal } from "../io/terminal.js";

/** Roles that are lent. */
export const lentRoles = ["reader", "writer", "actor", "merger"] as const satisfies readonly Role[];

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
    const remedy = `start a driver with  noctua driver --workdir ${workdir}  or name another workdir`;
    throw new CliError(exitCodes.driverUnavailable, `${errorMessage(error)}; ${remedy}`, error);
  });
  await makeNew(folder);
  await writeAddress(folder, address);
  await ensurePrivateFolder(join(folder, trustFolder));
  await writeFileAtomically(join(folder, trustFolder, `${role}.pem`), credential.pem, { mode: 0o600 });
  const until = new Date(credential.endsAtUnixMs).toISOString();
  terminal.print(`made ${folder}: a ${role} of run ${credential.identity.run} until ${until}`);
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
  if (address === undefined) throw new Error(`no driver has been started on ${workdir}`);
  // The library that makes certificates is large, and no other command needs it.
  const { readAuthority } = await import("../../shared/io/trust/authority.js");
  const authority = await readAuthority(workdir);
  return { address, credential: await authority.issue({ role, name }, validMs) };
}

async function makeNew(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    const found = errorCode(error) === "EEXIST" ? "it is there already" : errorMessage(error);
    throw new CliError(
      exitCodes.usage,
      `expected the path of a new folder, found ${folder}: ${found}`,
      error,
    ); // (K1)
  });
}
