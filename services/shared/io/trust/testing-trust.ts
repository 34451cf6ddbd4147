// For tests: credentials of runs that need no driver, and what a client with one of them gets over HTTP.

import { ServerCredentials } from "@grpc/grpc-js";
import { request } from "node:https";
import { serverName, type Role } from "../../core/role.js";
import { ensureAuthority, newAuthority, type Authority } from "./authority.js";
import { readCredential, type Credential } from "./credential.js";
import type { ServerTrust } from "./serving.js";

/** What a workdir holds for the parties of its run. */
export type PeerTrust = Readonly<Record<Exclude<Role, "driver">, Credential>>;

/** A credential of each role, and what makes more of them. */
export interface TestTrust extends PeerTrust {
  readonly driver: Credential;
  readonly authority: Authority;
}

/** Of a run that has no workdir. */
export async function aTrust(run = "run-1"): Promise<TestTrust> {
  const authority = await newAuthority(run);
  const issue = (role: Role): Promise<Credential> => authority.issue({ role, name: undefined });
  return {
    authority,
    driver: await issue("driver"),
    actor: await issue("actor"),
    merger: await issue("merger"),
    reader: await issue("reader"),
    writer: await issue("writer"),
  };
}

/** Of a run whose driver has started. */
export async function readTrust(workdir: string): Promise<PeerTrust> {
  const read = (role: Role): Promise<Credential> => readCredential(workdir, role);
  return {
    actor: await read("actor"),
    merger: await read("merger"),
    reader: await read("reader"),
    writer: await read("writer"),
  };
}

/** What a driver of the workdir shows of itself, which leaves there what its peers need. */
export async function driverTrust(workdir: string, run = "run-1"): Promise<Credential> {
  return (await ensureAuthority(workdir, run)).issue({ role: "driver", name: undefined });
}

/** For a server that gRPC listens for by itself. */
export function serverCredentials(trust: ServerTrust): ServerCredentials {
  if (trust === "plain") return ServerCredentials.createInsecure();
  const { pem, certificate, authority } = trust;
  const pair = { private_key: Buffer.from(pem), cert_chain: Buffer.from(certificate) };
  return ServerCredentials.createSsl(Buffer.from(authority), [pair], true);
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** Asks a service that serves in a role; without a credential its certificate is not checked, as `curl --insecure` does. */
export function askHttps(
  at: { readonly port: number; readonly role?: Role; readonly method?: string },
  path: string,
  credential?: Credential,
): Promise<HttpAnswer> {
  const { port, role = "driver", method = "GET" } = at;
  const how =
    credential === undefined
      ? { rejectUnauthorized: false }
      : {
          key: credential.pem,
          cert: credential.certificate,
          ca: credential.authority,
          servername: serverName(credential.identity.run, role),
        };
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, agent: false, ...how }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => (text += piece));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

/** As a reader of the workdir. */
export async function askAsReader(
  workdir: string,
  at: { readonly port: number; readonly role?: Role },
  path: string,
): Promise<HttpAnswer> {
  return askHttps(at, path, await readCredential(workdir, "reader"));
}
