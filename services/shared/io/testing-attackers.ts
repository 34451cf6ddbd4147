// For tests: strangers who do to a port of health and metrics what HTTP lets them do, over and over, until told to stop.

import { connect as connectPlainly, type Socket } from "node:net";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { Credential } from "./trust/credential.js";
import { every, sleep } from "./system-clock.js";

type Attack = (port: number, signal: AbortSignal) => Promise<void>;

const host = "127.0.0.1";
const pieceMs = 20;
/** Between two connections: the attackers are not to be short of time themselves. */
const againMs = 200;
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

/** Writes as fast as it is taken. */
function pour(socket: Socket, piece: string): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on("drain", more);
  more();
}

/** Over TLS, so many at a time, each begun anew when it is let go. */
function overTls(many: number, act: (socket: TLSSocket) => void, options: ConnectionOptions = {}): Attack {
  return async (port, signal) => {
    const one = async (): Promise<void> => {
      while (!signal.aborted) {
        const socket = connect({ host, port, rejectUnauthorized: false, ...options });
        socket.once("secureConnect", () => act(socket));
        await untilClosed(socket, signal);
      }
    };
    await Promise.all(Array.from({ length: many }, one));
  };
}

async function untilClosed(socket: Socket, signal: AbortSignal): Promise<void> {
  const stop = (): void => void socket.destroy();
  signal.addEventListener("abort", stop, { once: true });
  await new Promise<void>((resolve) => {
    socket.on("error", () => undefined);
    socket.once("close", () => resolve());
  });
  signal.removeEventListener("abort", stop);
  await sleep(againMs, signal).catch(() => undefined);
}

/** By what they do; `reader` is a credential of the run. */
export function httpAttacks({ certificate, pem }: Credential): Readonly<Record<string, Attack>> {
  return {
    "says nothing": async (port, signal) => {
      const one = async (): Promise<void> => {
        while (!signal.aborted) await untilClosed(connectPlainly(port, host), signal);
      };
      await Promise.all(Array.from({ length: 50 }, one));
    },
    "says nonsense instead of TLS": async (port, signal) => {
      while (!signal.aborted) {
        const socket = connectPlainly(port, host);
        socket.write("\u0016\u0003\u0001\u4000 nonsense".repeat(100));
        await untilClosed(socket, signal);
      }
    },
    "has headers without end, a few bytes at a time": overTls(3, (socket) => {
      socket.write("GET /readyz HTTP/1.1\r\n");
      socket.once(
        "close",
        every(pieceMs, () => void socket.write("x-more: x\r\n")),
      );
    }),
    "has headers without end, at once": overTls(2, (socket) => {
      socket.write("GET /readyz HTTP/1.1\r\nx-more: ");
      pour(socket, "x".repeat(65_536));
    }),
    "asks without end, and reads nothing": overTls(2, (socket) => {
      socket.pause();
      pour(socket, get("/readyz").repeat(100));
    }),
    "asks for metrics without end by a credential, and reads nothing": overTls(
      2,
      (socket) => {
        socket.pause();
        pour(socket, get("/metrics").repeat(100));
      },
      { cert: certificate, key: pem },
    ),
    "has a body without end": overTls(2, (socket) => {
      socket.write("POST /readyz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      pour(socket, `10000\r\n${"x".repeat(65_536)}\r\n`);
    }),
    "asks in words that there are not": overTls(2, (socket) => {
      for (const word of ["BREW", "CONNECT", "PRI", "\0\0"]) socket.write(`${word} /coffee HTTP/1.1\r\n\r\n`);
      socket.end();
    }),
  };
}
