// How the processes of a run trust each other (P8). The one module that knows it.
//
//   R1. A run has one token, in a file that only its owner can read. It never stands in argv, in an environment or in a log.
//   R2. Every call carries it, and is refused without it, whatever its method.
//   R3. It travels in the clear, so nothing but loopback is bound or dialled while it does.

import {
  ChannelCredentials,
  InterceptingCall,
  ServerCredentials,
  ServerInterceptingCall,
  status,
  type ClientOptions,
  type Interceptor,
  type ServerInterceptor,
} from "@grpc/grpc-js";
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { link, rm } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder, writeDurably } from "./atomic-file.js";
import { errorCode } from "./error-code.js";
import { isLoopback } from "./loopback.js";
import { ensurePrivateFolder, readPrivateFile } from "./private-file.js";

/** What a token looks like: 32 random bytes in base64url. */
const tokenPattern = /^[\w-]{43}$/;

/** Largest message that is taken in: hellos and jobs with many inputs are large, everything else is batched below 64 KB. */
export const messageBytesMax = 64 * 1024 * 1024;

/** For the driver: makes the run's token when there is none yet, and reads it. */
export async function ensureToken(workdir: string): Promise<string> {
  const folder = driverFolder(workdir);
  await ensurePrivateFolder(folder);
  const temporary = join(folder, `token.${randomBytes(8).toString("hex")}.tmp`);
  await writeDurably(temporary, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
  try {
    // Fails when there is one: of two drivers that start at once, both go on with the same token.
    await link(temporary, tokenPath(workdir));
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(folder);
  return readToken(workdir);
}

/** For everybody else: reads the run's token. */
export async function readToken(workdir: string): Promise<string> {
  const path = tokenPath(workdir);
  const text = await readPrivateFile(path).catch((error: unknown) => {
    if (errorCode(error) !== "ENOENT") throw error;
    throw new Error(`no driver has started on this workdir yet: there is no ${path}`, { cause: error });
  });
  const token = text.trim();
  if (tokenPattern.test(token)) return token;
  throw new Error(
    `expected a token of 43 letters in ${path}, found ${token.length}: stop the run, remove the file, and start the driver again`,
  );
}

/** For the driver's port (R3). */
export function bindCredentials(host: string): ServerCredentials {
  refuseOtherHosts(host, "bind");
  return ServerCredentials.createInsecure();
}

/** Refuses calls without the run's token (R2). */
export function requireToken(token: string): ServerInterceptor {
  const isRight = bearerCheck(token);
  return (_method, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            const [given] = metadata.get("authorization");
            if (isRight(given)) pass(metadata);
            else
              call.sendStatus({
                code: status.UNAUTHENTICATED,
                details: "the call does not carry the run's token",
              });
          },
        }),
    });
}

/** Says whether an `authorization` header holds the token, in a time that tells nothing about it. */
export function bearerCheck(token: string): (header: unknown) => boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  const wanted = digest(`Bearer ${token}`);
  return (header) => typeof header === "string" && timingSafeEqual(digest(header), wanted);
}

/** How a driver is dialled. */
export interface DialOptions {
  readonly credentials: ChannelCredentials;
  readonly options: ClientOptions;
}

/** For whoever dials the driver's port: credentials, and what limits.md §7 says of a long-lived stream. */
export function dialOptions(token: string): DialOptions {
  return {
    credentials: ChannelCredentials.createInsecure(),
    options: {
      interceptors: [carryToken(token)],
      // A peer that is gone without a word is noticed after 30 to 45 s.
      "grpc.keepalive_time_ms": 30_000,
      "grpc.keepalive_timeout_ms": 15_000,
      "grpc.initial_reconnect_backoff_ms": 500,
      "grpc.max_reconnect_backoff_ms": 5_000,
      "grpc.max_receive_message_length": messageBytesMax,
      "grpc.max_send_message_length": messageBytesMax,
      // Retries keep a copy of what is sent, and so hide that the peer does not read.
      "grpc.enable_retries": 0,
      // A site's proxy would see the token (R3).
      "grpc.enable_http_proxy": 0,
    },
  };
}

/** `host:port` as gRPC takes it, when it may be dialled (R3). */
export function dialTarget(host: string, port: number): string {
  refuseOtherHosts(host, "dial");
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function carryToken(token: string): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start: (metadata, listener, next) => {
        metadata.set("authorization", `Bearer ${token}`);
        next(metadata, listener);
      },
    });
}

function refuseOtherHosts(host: string, verb: "bind" | "dial"): void {
  if (isLoopback(host)) return;
  throw new Error(
    `expected a loopback address to ${verb}, such as 127.0.0.1, found ${host}: streams are not encrypted yet`,
  );
}

function driverFolder(workdir: string): string {
  return join(workdir, "driver");
}

function tokenPath(workdir: string): string {
  return join(driverFolder(workdir), "token");
}
