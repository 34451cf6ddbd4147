// How the driver of a run is dialled.
//
//   D1. It is known by the name of its run, not by its host: whoever took over its port has no certificate of that name, and
//       is told nothing.
//   D2. Without TLS nothing but loopback is dialled, and only when the driver's own address file says so.

import { ChannelCredentials, type ClientOptions } from "@grpc/grpc-js";
import { createSecureContext } from "node:tls";
import { serverName } from "../../core/role.js";
import type { DriverAddress } from "../address-file.js";
import { isLoopback } from "../loopback.js";
import { NoDriverYet, readCredential, type Credential } from "./credential.js";
import { messageBytesMax } from "./limits.js";

/** What a gRPC client is made of. */
export interface Dialing {
  readonly target: string;
  readonly credentials: ChannelCredentials;
  readonly options: ClientOptions;
}

/** A service that is part of the run, or a client on its workdir. */
export async function dialing(
  workdir: string,
  address: DriverAddress,
  role: "actor" | "merger" | "client",
): Promise<Dialing> {
  if (address.isPlain) return plainDialing(address);
  const credential = await (role === "client" ? clientCredential(workdir) : readCredential(workdir, role));
  return credentialDialing(address, credential);
}

/** Whoever has a credential, wherever it lies. */
export function credentialDialing(
  { host, port }: { readonly host: string; readonly port: number },
  { pem, certificate, authority, identity }: Credential,
): Dialing {
  const context = createSecureContext({ key: pem, cert: certificate, ca: authority, minVersion: "TLSv1.3" });
  return {
    target: hostPort(host, port),
    credentials: ChannelCredentials.createFromSecureContext(context),
    options: { ...channelOptions, "grpc.ssl_target_name_override": serverName(identity.run, "driver") }, // (D1)
  };
}

/** A folder that `noctua credentials` has made may hold a reader's only. */
function clientCredential(workdir: string): Promise<Credential> {
  return readCredential(workdir, "writer").catch((error: unknown) => {
    if (error instanceof NoDriverYet) return readCredential(workdir, "reader");
    throw error;
  });
}

function plainDialing({ host, port }: DriverAddress): Dialing {
  if (!isLoopback(host)) {
    throw new Error(
      `expected a loopback address of a driver that was started with --insecure-loopback, found ${host}: start it without`,
    ); // (D2)
  }
  return {
    target: hostPort(host, port),
    credentials: ChannelCredentials.createInsecure(),
    options: channelOptions,
  };
}

/** As gRPC takes it. */
function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What limits.md §7 says of a long-lived stream. */
const channelOptions: ClientOptions = {
  // A peer that is gone without a word is noticed after 30 to 45 s.
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 15_000,
  "grpc.initial_reconnect_backoff_ms": 500,
  "grpc.max_reconnect_backoff_ms": 5_000,
  "grpc.max_receive_message_length": messageBytesMax,
  "grpc.max_send_message_length": messageBytesMax,
  // Retries keep a copy of what is sent, and so hide that the peer does not read.
  "grpc.enable_retries": 0,
  // Nodes of a run reach each other without a site's proxy.
  "grpc.enable_http_proxy": 0,
};
