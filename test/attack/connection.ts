// One who holds a credential and speaks HTTP/2 as he likes.

import { once } from "node:events";
import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type SecureClientSessionOptions,
} from "node:http2";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { status } from "@grpc/grpc-js";
import { serverName } from "../../services/shared/core/role.js";
import type { Credential } from "../../services/shared/io/trust/credential.js";
import type { PeerTrust } from "../../services/shared/io/trust/testing-trust.js";
import { after, sleep } from "../../services/shared/io/system-clock.js";

/** Where the driver is, and what opens it. */
export interface Door {
  readonly port: number;
  readonly trust: PeerTrust;
}

function shown({ pem, certificate, authority, identity }: Credential) {
  return { key: pem, cert: certificate, ca: authority, servername: serverName(identity.run, "driver") };
}

export function connection(
  door: Door,
  role: keyof PeerTrust,
  options: SecureClientSessionOptions = {},
): ClientHttp2Session {
  const session = connect(`https://127.0.0.1:${door.port}`, {
    ...shown(door.trust[role]),
    maxSessionMemory: 4_000,
    ...options,
  });
  session.on("error", () => undefined);
  return session;
}

/** For those who write their frames by hand. */
export async function rawConnection(door: Door, role: keyof PeerTrust): Promise<TLSSocket> {
  const socket = connectTls({
    host: "127.0.0.1",
    port: door.port,
    ALPNProtocols: ["h2"],
    ...shown(door.trust[role]),
  });
  socket.on("error", () => undefined);
  await once(socket, "secureConnect");
  return socket;
}

const ordinary = {
  ":method": "POST",
  "content-type": "application/grpc",
  te: "trailers",
} as const;

export function framed(message: Uint8Array, flag = 0, length = message.length): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

/** How a call ended: a status of gRPC, of HTTP, of the stream; "open" when it had not after so long. */
export type Ending = { readonly told: string; readonly details: string };

export function open(
  session: ClientHttp2Session,
  path: string,
  headers: Readonly<Record<string, string | string[]>> = {},
): ClientHttp2Stream {
  const stream = session.request({ ...ordinary, ":path": path, ...headers });
  stream.on("error", () => undefined);
  return stream;
}

/** Waits for the end of a call, and reads what comes. */
export function ending(stream: ClientHttp2Stream, patienceMs: number): Promise<Ending> {
  return new Promise((resolve) => {
    let http = 0;
    let grpc: string | undefined;
    let details = "";
    const note = (headers: Readonly<Record<string, unknown>>): void => {
      const { "grpc-status": code, "grpc-message": message } = headers;
      if (code === undefined) return;
      grpc = status[Number(code)] ?? "a status that is none";
      details = typeof message === "string" ? decodeURIComponent(message) : "";
    };
    const end = (told: string): void => {
      cancel();
      resolve({ told, details });
    };
    const cancel = after(patienceMs, () => {
      stream.close(constants.NGHTTP2_CANCEL);
      end(grpc ?? "open");
    });
    stream.on("response", (headers) => {
      http = Number(headers[":status"]);
      note(headers);
    });
    stream.on("trailers", note);
    stream.resume();
    stream.on("close", () => {
      if (grpc !== undefined) end(grpc);
      else if (http !== 0 && http !== 200) end(`HTTP ${http}`);
      else end(`RST ${resets[stream.rstCode] ?? stream.rstCode}`);
    });
  });
}

/** Writes again and again, as fast as it is taken, until the stream is over or enough is written. */
export async function pour(
  stream: ClientHttp2Stream,
  next: () => Buffer,
  isEnough: () => boolean,
): Promise<void> {
  while (!isEnough() && !stream.destroyed) {
    if (!stream.write(next())) await drained(stream);
    else await sleep(0, new AbortController().signal);
  }
}

/** Until it takes more, is gone, or has taken nothing for a moment. */
export function drained(stream: Pick<ClientHttp2Stream | TLSSocket, "on" | "off">): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      cancel();
      stream.off("drain", over);
      stream.off("close", over);
      resolve();
    };
    const cancel = after(200, over);
    stream.on("drain", over);
    stream.on("close", over);
  });
}

const resets = Object.fromEntries(
  Object.entries(constants)
    .filter(
      ([name]) =>
        /^NGHTTP2_(?:NO_ERROR|[A-Z_]*ERROR|CANCEL|REFUSED_STREAM|ENHANCE_YOUR_CALM|STREAM_CLOSED|SETTINGS_TIMEOUT)$/.test(
          name,
        ) && !name.includes("ERR_"),
    )
    .map(([name, value]) => [Number(value), name.slice("NGHTTP2_".length)]),
);
