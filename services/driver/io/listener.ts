// The listener of the driver's port: who comes in is handed on once TLS knows who it is.
//
//   L1. Of the descriptors that this process may have, connections take three quarters, and those that have shown no
//       credential one. Files always find one: whoever floods the port harms those who dial, and not what runs.
//   L2. Who says nothing is let go after ten seconds.
//
// Our own, since grpc-js lets neither the backlog be set nor connections be counted.

import { readFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Newcomers } from "../../shared/io/newcomers.js";
import type { Credential } from "../../shared/io/trust/credential.js";
import { checkHost, tlsServing, type ServerTrust } from "../../shared/io/trust/serving.js";

export interface ListenerOptions {
  readonly host: string;
  /** 0 for one that is free. */
  readonly port: number;
  readonly trust: ServerTrust;
  /** All that this process may have open; what the system says when left out. */
  readonly descriptorsMax?: number;
  /** How long nothing may be heard of a handshake; 10,000 when left out. */
  readonly handshakeMsMax?: number;
}

export interface Listener {
  readonly port: number;
  /** Takes nobody more, and lets go who was not handed on yet. */
  close(): void;
}

/** A thousand actors dial at once; what the queue has no room for comes back after seconds (limits.md §2). */
const backlog = 4_096;

/** Twice those who dial at once. */
const newcomersMax = 2_048;

export async function startListener(
  options: ListenerOptions,
  take: (socket: Socket) => void,
): Promise<Listener> {
  const { trust, host } = options;
  checkHost(trust, host);
  const descriptorsMax = options.descriptorsMax ?? (await readDescriptorsMax());
  const newcomers = new Newcomers(Math.min(newcomersMax, Math.floor(descriptorsMax / 4)));
  const server = trust === "plain" ? createServer(take) : createTlsListener(options, trust, newcomers, take);
  server.maxConnections = Math.floor((descriptorsMax * 3) / 4); // (L1)
  const port = await listen(server, options);
  return {
    port,
    close: () => {
      server.close();
      newcomers.endAll();
    },
  };
}

function createTlsListener(
  { handshakeMsMax = 10_000 }: ListenerOptions,
  trust: Credential,
  newcomers: Newcomers,
  take: (socket: Socket) => void,
): Server {
  const how = { ALPNProtocols: ["h2"], noDelay: true, handshakeTimeout: handshakeMsMax };
  const server = createTlsServer({ ...tlsServing(trust), ...how }, (socket) => {
    newcomers.leave(socket);
    socket.on("error", () => undefined); // The session of HTTP/2 closes, and tells who is on it.
    take(socket);
  });
  server.on("connection", (socket: Socket) => newcomers.add(socket));
  server.on("tlsClientError", (_error, socket) => socket.destroy()); // Nobody else does when the time is up (L2).
  return server;
}

/** Node has raised its own limit to the highest that is allowed. */
async function readDescriptorsMax(): Promise<number> {
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const [, found] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return Number(found ?? 1_024);
}

function listen(server: Server, { host, port }: ListenerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "EADDRINUSE"
          ? "the port is in use: leave out --port to get one that is free"
          : error.message;
      reject(new Error(`cannot listen on ${host}:${port}: ${why}`, { cause: error }));
    });
    server.listen({ host, port, backlog }, () => {
      // What cannot be taken later on is the other end's to try again, not the end of the driver.
      server.on("error", () => undefined);
      const address = server.address();
      resolve(isAddressInfo(address) ? address.port : port);
    });
  });
}

function isAddressInfo(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
