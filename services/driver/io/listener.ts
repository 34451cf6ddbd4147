// The listener of the driver's port: who comes in is handed on once TLS knows who it is.
//
//   L1. Of the descriptors that this process may have, connections take three quarters, and those that have shown no
//       credential one. Files always find one: whoever floods the port harms those who dial, and not what runs.
//   L2. Who says nothing is let go after ten seconds.
//   L3. Of the connections that have shown a credential, those of clients are an eighth: they keep no actor and no merger out.
//       Within each part, who has most gives way (connection-shares.ts): one credential at one address, and one that bears a
//       name wherever it comes from.
//
// Our own, since grpc-js lets neither the backlog be set nor connections be counted.

import { readFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { Newcomers } from "../../shared/io/newcomers.js";
import { identityIn, type Credential } from "../../shared/io/trust/credential.js";
import { checkHost, tlsServing, type ServerTrust } from "../../shared/io/trust/serving.js";
import { ConnectionShares } from "./connection-shares.js";

export interface ListenerOptions {
  readonly host: string;
  /** 0 for one that is free. */
  readonly port: number;
  readonly trust: ServerTrust;
  /** All that this process may have open; what the system says when left out. */
  readonly descriptorsMax?: number;
  /** How long nothing may be heard of a handshake; 10,000 when left out. */
  readonly handshakeMsMax?: number;
  /** Told each time that somebody of these has come and there was no room (L3). */
  readonly onFull?: (of: "clients" | "actors and mergers", connectionsMax: number) => void;
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

/** As many as may watch, and some. */
const clientsMax = 2_048;

/** Who takes what has come in; without TLS nobody knows who it is. */
export interface Taking {
  readonly takePlain: (socket: Socket) => void;
  readonly take: (socket: TLSSocket) => void;
}

export async function startListener(
  options: ListenerOptions,
  { take, takePlain }: Taking,
): Promise<Listener> {
  const { trust, host } = options;
  checkHost(trust, host);
  const parts = partsOf(options.descriptorsMax ?? (await readDescriptorsMax()));
  const newcomers = new Newcomers(parts.newcomers);
  const admit = admission(parts, options.onFull);
  const takeKnown = (socket: TLSSocket): void => {
    newcomers.leave(socket);
    socket.on("error", () => undefined); // The session of HTTP/2 closes, and tells who is on it.
    readCertificateOnce(socket);
    if (admit(socket)) take(socket);
  };
  const server =
    trust === "plain" ? createServer(takePlain) : createTlsListener(options, trust, newcomers, takeKnown);
  server.maxConnections = parts.all;
  const port = await listen(server, options);
  return {
    port,
    close: () => {
      server.close();
      newcomers.endAll();
    },
  };
}

/** gRPC reads it anew for each call, which costs more than much of what is asked; under TLS 1.3 it stays what it is. */
function readCertificateOnce(socket: TLSSocket): void {
  const certificate = socket.getPeerCertificate();
  Object.defineProperty(socket, "getPeerCertificate", { value: () => certificate });
}

function createTlsListener(
  { handshakeMsMax = 10_000 }: ListenerOptions,
  trust: Credential,
  newcomers: Newcomers,
  take: (socket: TLSSocket) => void,
): Server {
  const how = { ALPNProtocols: ["h2"], noDelay: true, handshakeTimeout: handshakeMsMax };
  const server = createTlsServer({ ...tlsServing(trust), ...how }, take);
  server.on("connection", (socket: Socket) => newcomers.add(socket));
  server.on("tlsClientError", (_error, socket) => socket.destroy()); // Nobody else does when the time is up (L2).
  return server;
}

interface Parts {
  readonly all: number;
  readonly newcomers: number;
  readonly clients: number;
  readonly peers: number;
}

/** Of the descriptors (L1, L3). A sixteenth is left for those that are being ended. */
function partsOf(descriptors: number): Parts {
  const newcomers = Math.min(newcomersMax, Math.floor(descriptors / 4));
  const known = Math.floor((descriptors * 11) / 16) - newcomers;
  const clients = Math.min(clientsMax, Math.ceil(known / 8));
  return { all: Math.floor((descriptors * 3) / 4), newcomers, clients, peers: known - clients };
}

/** Whether a connection is let in, by who has opened it (L3); ends it when not. */
function admission(parts: Parts, onFull: ListenerOptions["onFull"]): (socket: TLSSocket) => boolean {
  const clients = new ConnectionShares(parts.clients, () => onFull?.("clients", parts.clients));
  const peers = new ConnectionShares(parts.peers, () => onFull?.("actors and mergers", parts.peers));
  return (socket) => {
    const { fingerprint256, subjectaltname } = socket.getPeerCertificate();
    const identity = identityIn(subjectaltname);
    const isPeer = identity?.role === "actor" || identity?.role === "merger";
    const from = identity?.name === undefined ? (socket.remoteAddress ?? "") : "anywhere";
    return (isPeer ? peers : clients).add(`${fingerprint256} ${from}`, socket);
  };
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
