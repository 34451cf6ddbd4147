// Who makes the credentials of a run: its own authority, which lies in the workdir and knows no other run.
//
//   A1. Its key is in a file that only its owner can read, in a folder that only its owner can enter.
//   A2. Of two drivers that start at once, both go on with the same authority.
//   A3. A workdir whose run has another name gets a new authority, and with it new credentials: those of an earlier run
//       open nothing.
//   A4. Certificates begin a day ago, so that a node whose clock is slow takes them.

import "reflect-metadata"; // The library wants it first.
import * as x509 from "@peculiar/x509";
import { randomBytes, webcrypto } from "node:crypto";
import { link, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { identityUri, serverName, type Identity, type Role } from "../../core/role.js";
import { syncFolder, writeDurably, writeFileAtomically } from "../atomic-file.js";
import { errorCode, errorMessage } from "../error-code.js";
import { ensurePrivateFolder, readPrivateFile } from "../private-file.js";
import { systemClock } from "../system-clock.js";
import { authorityFile, NoDriverYet, parseCredential, trustFolder, type Credential } from "./credential.js";

/** Makes certificates in the name of one run. */
export interface Authority {
  readonly run: string;
  /** `validMs` counts from now, and is at most what is left of the authority itself. */
  issue(of: Omit<Identity, "run">, validMs?: number): Promise<Credential>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

const dayMs = 86_400_000;
/** Longer than any run; what is to be limited is told its own time. */
const authorityMs = 3_650 * dayMs;
const backdatedMs = dayMs; // (A4)

/** Roles whose holders answer over HTTP, and so prove themselves as servers too. */
const servingRoles: readonly Role[] = ["driver", "actor", "merger"];

/** Roles whose credentials lie in the workdir, for whoever may read it. */
const keptRoles: readonly Role[] = ["actor", "merger", "reader", "writer"];

/** For the driver: the authority of its run, and with it the credentials of all roles; makes what is not there yet. */
export async function ensureAuthority(workdir: string, run: string): Promise<Authority> {
  const folder = join(workdir, trustFolder);
  await ensurePrivateFolder(join(workdir, "driver"));
  await ensurePrivateFolder(folder); // (A1)
  const authority = await readOrMake(join(workdir, authorityFile), run);
  for (const role of keptRoles) await keepCredential(authority, join(folder, `${role}.pem`), role);
  return authority;
}

/** Of a run that keeps nothing. */
export async function newAuthority(run: string): Promise<Authority> {
  return loaded(await makeAuthority(run), "memory");
}

/** For whoever wants a credential made: the authority that a driver has made before. */
export async function readAuthority(workdir: string): Promise<Authority> {
  const path = join(workdir, authorityFile);
  try {
    return await loaded(await readPrivateFile(path), path);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    throw new NoDriverYet(`no driver has started on this workdir yet: there is no ${path}`, { cause: error });
  }
}

async function readOrMake(path: string, run: string): Promise<LoadedAuthority> {
  const there = await readPrivateFile(path).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (there !== undefined) {
    const authority = await loaded(there, path);
    if (authority.run === run) return authority;
  }
  const temporary = `${path}.${randomBytes(8).toString("hex")}.tmp`;
  await writeDurably(temporary, await makeAuthority(run), { mode: 0o600 });
  try {
    // The link fails when another driver was first (A2); another run's authority is replaced (A3).
    await (there === undefined ? link(temporary, path) : rename(temporary, path));
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(join(path, ".."));
  return loaded(await readPrivateFile(path), path);
}

/** Leaves a credential alone that this authority has made before (A3). */
async function keepCredential(authority: LoadedAuthority, path: string, role: Role): Promise<void> {
  const there = await readPrivateFile(path).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (there !== undefined && isOf(authority, there, path)) return;
  const { pem } = await authority.issue({ role, name: undefined });
  await writeFileAtomically(path, pem, { mode: 0o600 });
}

function isOf(authority: LoadedAuthority, pem: string, path: string): boolean {
  try {
    return parseCredential(pem, path).authority === authority.certificate;
  } catch {
    return false; // Damaged: another is made.
  }
}

interface LoadedAuthority extends Authority {
  /** In PEM. */
  readonly certificate: string;
}

async function makeAuthority(run: string): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const now = systemClock.unixMs();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: newSerialNumber(),
      name: `CN=${run}, O=Noctua`,
      notBefore: new Date(now - backdatedMs),
      notAfter: new Date(now + authorityMs),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      ],
    },
    webcrypto,
  );
  return `${await keyPem(keys.privateKey)}\n${certificate.toString("pem")}\n`;
}

async function loaded(pem: string, path: string): Promise<LoadedAuthority> {
  try {
    const certificate = new x509.X509Certificate(pem.slice(pem.indexOf("-----BEGIN CERTIFICATE-----")));
    const [run] = certificate.subjectName.getField("CN");
    if (run === undefined) throw new Error("it names no run");
    const [keyBytes] = x509.PemConverter.decode(pem);
    if (keyBytes === undefined) throw new Error("it holds no key");
    const key = await webcrypto.subtle.importKey("pkcs8", keyBytes, algorithm, false, ["sign"]);
    return {
      run,
      certificate: certificate.toString("pem"),
      issue: (of, ms) => issue({ run, certificate, key }, of, ms),
    };
  } catch (error) {
    throw new Error(
      `expected the authority of a run in ${path}, found: ${errorMessage(error)}; stop the run, remove the folder ${join(path, "..")}, and start the driver again`,
      { cause: error },
    );
  }
}

interface Issuer {
  readonly run: string;
  readonly certificate: x509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

async function issue(
  { run, certificate: authority, key }: Issuer,
  { role, name }: Omit<Identity, "run">,
  validMs = Infinity,
): Promise<Credential> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const now = systemClock.unixMs();
  const usages = [x509.ExtendedKeyUsage.clientAuth];
  if (servingRoles.includes(role)) usages.push(x509.ExtendedKeyUsage.serverAuth);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: newSerialNumber(),
      subject: `CN=${role}, O=Noctua`,
      issuer: authority.subject,
      notBefore: new Date(now - backdatedMs),
      notAfter: new Date(Math.min(now + validMs, authority.notAfter.getTime())),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: key,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension(usages),
        new x509.SubjectAlternativeNameExtension([
          { type: "dns", value: serverName(run, role) },
          { type: "url", value: identityUri({ run, role, name }) },
        ]),
      ],
    },
    webcrypto,
  );
  const pems = [await keyPem(keys.privateKey), certificate.toString("pem"), authority.toString("pem")];
  return parseCredential(`${pems.join("\n")}\n`, `made for the role ${role}`);
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

/** Positive, and never given twice. */
function newSerialNumber(): string {
  return `01${randomBytes(15).toString("hex")}`;
}
