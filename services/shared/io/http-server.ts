// Health and metrics over HTTP, on a port of its own.
//
//   H1. /healthz and /readyz say their status to anybody; /metrics needs a certificate of the run (P8).
//   H2. Nobody can hold the service up: header, time, connections and the requests of each are limited. Who comes when there
//       are too many takes the place of who came first, and who sends a body, or asks for what there is not, is let go.
//   H3. In the plain form everybody may ask everything, so nothing but loopback is bound.

import {
  createServer as createPlainServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Registry } from "prom-client";
import { Newcomers } from "./newcomers.js";
import { checkHost, hasEnded, tlsServing, type ServerTrust } from "./trust/serving.js";

export interface HttpServerOptions {
  /** Where to listen; the port is one that is free. */
  readonly host: string;
  readonly registry: Registry;
  readonly trust: ServerTrust;
  /** Why the service is not ready, in a sentence; undefined when it is. */
  readonly notReady: () => string | undefined;
  /** Until a request must be whole, and its answer read; by default 10 s. */
  readonly requestMsMax?: number;
}

export interface HttpServer {
  readonly port: number;
  /** Ends all connections. */
  close(): Promise<void>;
}

const requestMsMax = 10_000;
/** How often it is looked who has overstayed. */
const lookMs = 1_000;
const connectionsMax = 64;
/** Of one connection; then another one is to be opened. */
const requestsMax = 100;

/** Serves until closed. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  checkHost(options.trust, options.host); // (H3)
  const server = serverOf(options, (request, response) => {
    void answer(options, request).then(
      (reply) => send(request, response, reply),
      () => send(request, response, { code: 500, text: "the request failed\n" }),
    );
  });
  server.timeout = options.requestMsMax ?? requestMsMax; // Who does not read what it has asked for.
  server.maxRequestsPerSocket = requestsMax;
  const connections = new Newcomers(connectionsMax);
  server.on("connection", (socket: Socket) => connections.add(socket)); // (H2)
  const port = await listen(server, options.host);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        connections.endAll();
      }),
  };
}

function serverOf(
  { trust, requestMsMax: mostMs = requestMsMax }: HttpServerOptions,
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const limits = {
    requestTimeout: mostMs,
    headersTimeout: mostMs,
    handshakeTimeout: mostMs,
    connectionsCheckingInterval: Math.min(lookMs, mostMs),
  };
  if (trust === "plain") return createPlainServer(limits, serve);
  // A certificate is asked for, and without one there is no more than health (H1).
  return createServer({ ...limits, ...tlsServing(trust), rejectUnauthorized: false }, serve);
}

interface Reply {
  readonly code: number;
  readonly text: string;
  readonly type?: string;
}

async function answer(options: HttpServerOptions, request: IncomingMessage): Promise<Reply> {
  if (request.method !== "GET" && request.method !== "HEAD")
    return { code: 405, text: "only GET is understood\n" };
  switch ((request.url ?? "").replace(/\?.*$/s, "")) {
    case "/healthz":
      return { code: 200, text: "ok\n" };
    case "/readyz": {
      const reason = options.notReady();
      return reason === undefined
        ? { code: 200, text: "ok\n" }
        : { code: 503, text: `not ready: ${reason}\n` };
    }
    case "/metrics":
      return metrics(options, isTrusted(options.trust, request.socket));
    default:
      return { code: 404, text: "there are /healthz, /readyz and /metrics\n" };
  }
}

/** True for who has shown a certificate of the run when the connection was made, which has not ended since. */
function isTrusted(trust: ServerTrust, socket: Socket): boolean {
  if (trust === "plain") return true;
  return socket instanceof TLSSocket && socket.authorized && !hasEnded(socket.getPeerCertificate());
}

/** What is being collected, by registry: whoever asks meanwhile is told the same, and it costs no more memory (H2). */
const collecting = new WeakMap<Registry, Promise<string>>();

async function metrics({ registry }: HttpServerOptions, trusted: boolean): Promise<Reply> {
  if (!trusted)
    return { code: 401, text: "metrics need a certificate of this run: noctua credentials  makes one\n" };
  let text = collecting.get(registry);
  if (text === undefined) {
    text = registry.metrics().finally(() => collecting.delete(registry));
    collecting.set(registry, text);
  }
  return { code: 200, text: await text, type: registry.contentType };
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const { code, text, type = "text/plain; charset=utf-8" } = reply;
  const { "content-length": length = "0", "transfer-encoding": encoding } = request.headers;
  const isLast = code === 404 || code === 405 || length !== "0" || encoding !== undefined;
  response.writeHead(code, { "content-type": type, ...(isLast ? { connection: "close" } : {}) });
  response.end(text);
}

function listen(server: Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port: 0 }, () => {
      server.off("error", reject);
      // A connection that could not be taken (no file left) is the client's to try again, not the end of the service.
      server.on("error", () => undefined);
      resolve(portOf(server.address()));
    });
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error(`expected an address with a port, found ${String(address)}`);
}
