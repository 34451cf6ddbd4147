// What a party of a run shows of itself: one PEM file with its key, its certificate, and the certificate of the run's
// authority, by which it knows the others. Any program that speaks TLS can be given the one file for all three.
//
//   C1. Only its owner can read it. It never stands in argv, in an environment or in a log.
//   C2. What is wrong with it is found before anything is dialled, and is said with the file and with what to do.

import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { identityOf, type Identity, type Role } from "../../core/role.js";
import { errorCode, errorMessage } from "../error-code.js";
import { checkPrivateFolder, readPrivateFile } from "../private-file.js";
import { systemClock } from "../system-clock.js";

export interface Credential {
  readonly identity: Identity;
  /** Key, certificate and the authority's certificate, in PEM. */
  readonly pem: string;
  /** Of its holder, and of the authority; in PEM. */
  readonly certificate: string;
  readonly authority: string;
  readonly endsAtUnixMs: number;
}

/** What a driver makes at its first start is not there. */
export class NoDriverYet extends Error {}

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Below the workdir. */
export const trustFolder = "driver/trust";
export const authorityFile = `${trustFolder}/authority.pem`;

/** The credential that the driver of a workdir has made for a role. */
export async function readCredential(workdir: string, role: Role): Promise<Credential> {
  const path = join(workdir, trustFolder, `${role}.pem`);
  try {
    await checkPrivateFolder(join(workdir, "driver"));
    return await readCredentialFile(path);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    throw new NoDriverYet(`no driver has started on this workdir yet: there is no ${path}`, { cause: error });
  }
}

/** Fails with the system's error when it is not there. */
async function readCredentialFile(path: string): Promise<Credential> {
  const credential = parseCredential(await readPrivateFile(path), path);
  const now = systemClock.unixMs();
  if (credential.endsAtUnixMs <= now) {
    const ended = new Date(credential.endsAtUnixMs).toISOString();
    throw new Error(`the credential ${path} ended at ${ended}: have another made, with  noctua credentials`);
  }
  return credential;
}

/** From the text of a file; whether it has ended is not looked at. */
export function parseCredential(pem: string, path: string): Credential {
  const [certificate, authority] = pem.match(certificateBlock) ?? [];
  if (certificate === undefined || authority === undefined) {
    throw new Error(
      `expected a key, a certificate and the certificate of the run's authority in ${path}, found less: have another made, with  noctua credentials`,
    );
  }
  try {
    const leaf = new X509Certificate(certificate);
    createSecureContext({ key: pem, cert: certificate, ca: authority }); // Throws when the key is not its own.
    const identity = identityIn(leaf.subjectAltName);
    if (identity === undefined) throw new Error("it names nobody of a run");
    // Of two authorities of one run both bear the same name.
    if (!leaf.verify(new X509Certificate(authority).publicKey))
      throw new Error("it was not made by the authority beside it");
    return { identity, pem, certificate, authority, endsAtUnixMs: Date.parse(leaf.validTo) };
  } catch (error) {
    throw new Error(
      `the credential ${path} cannot be used: ${errorMessage(error)}; have another made, with  noctua credentials`,
      { cause: error },
    );
  }
}

/** Who the subject's alternative names say that a certificate is for. */
export function identityIn(subjectAltName: string | undefined): Identity | undefined {
  for (const entry of (subjectAltName ?? "").split(", ")) {
    const identity = entry.startsWith("URI:") ? identityOf(entry.slice("URI:".length)) : undefined;
    if (identity !== undefined) return identity;
  }
  return undefined;
}
