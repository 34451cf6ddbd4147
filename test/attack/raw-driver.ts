// A driver with the run's own credential that says what it is told to, byte by byte, to the one peer that dials it.

import { once } from "node:events";
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { writeAddress } from "../../services/shared/io/address-file.js";
import { driverTrust } from "../../services/shared/io/trust/testing-trust.js";
import { tlsServing } from "../../services/shared/io/trust/serving.js";

/** One stream of the peer, of which nothing was answered but that it is there. */
export interface RawSession {
  readonly stream: ServerHttp2Stream;
  /** Pieces that came since the stream began. */
  heard: number;
}

export class RawDriver {
  readonly #server: Http2SecureServer;
  readonly #waiting: ((session: RawSession) => void)[] = [];
  readonly #sessions: RawSession[] = [];
  readonly #sockets = new Set<Socket>();

  private constructor(server: Http2SecureServer) {
    this.#server = server;
    server.on("session", (connection) => connection.on("error", () => undefined));
    // Those whose handshake is not over, too: nobody is to wait for an answer of a driver that has gone.
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    server.on("stream", (stream) => {
      stream.on("error", () => undefined);
      const session = { stream, heard: 0 };
      stream.once("data", () => this.#offer(session)); // It has said hello.
      stream.on("data", () => (session.heard += 1));
      stream.respond({ ":status": 200, "content-type": "application/grpc+proto" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.close());
    });
  }

  static async start(workdir: string, run: string): Promise<RawDriver> {
    const server = createSecureServer(tlsServing(await driverTrust(workdir, run)));
    const driver = new RawDriver(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("expected a port");
    const at = { host: "127.0.0.1", port: address.port, httpPort: 1, run, epoch: 1, pid: process.pid };
    await writeAddress(workdir, { ...at, isPlain: false, hostname: "node17" });
    return driver;
  }

  /** The next stream on which the peer has said hello. */
  next(): Promise<RawSession> {
    const session = this.#sessions.shift();
    return session === undefined
      ? new Promise((resolve) => this.#waiting.push(resolve))
      : Promise.resolve(session);
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #offer(session: RawSession): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#sessions.push(session);
    else waiting(session);
  }
}
