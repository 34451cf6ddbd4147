// What those do to the driver's port who have no credential, and need none to connect.

import { status } from "@grpc/grpc-js";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { aTrust } from "../../shared/io/trust/testing-trust.js";
import type { ListenerOptions } from "./listener.js";
import { startGrpcServer, type GrpcServer } from "./server.js";
import { call, dial, hangUp, health, methodIn, type Answers } from "./testing-stranger.js";

const trust = await aTrust();

afterEach(hangUp);

async function aServer(options: Partial<ListenerOptions> = {}): Promise<GrpcServer> {
  const server = await startGrpcServer({
    host: "127.0.0.1",
    port: 0,
    trust: trust.driver,
    services: {},
    ...options,
  });
  onTestFinished(() => server.close());
  return server;
}

/** Connections that say no more than this. */
async function strangers(port: number, count: number, words: Buffer | string = ""): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connect(port, "127.0.0.1"));
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  const open = async (socket: Socket): Promise<void> => {
    await once(socket, "connect");
    socket.on("error", () => undefined);
    socket.resume();
    socket.write(words);
  };
  await Promise.all(sockets.map(open));
  return sockets;
}

async function ended(sockets: readonly Socket[]): Promise<void> {
  const end = (socket: Socket): Promise<void> =>
    new Promise((resolve) => (socket.destroyed ? resolve() : socket.once("close", () => resolve())));
  await Promise.all(sockets.map(end));
}

/** As one of the run asks. */
function ask(port: number): Promise<Answers> {
  return call(dial(port, trust.reader), methodIn(health, "grpc.health.v1.Health", "Check"), { service: "" });
}

/** The first piece of a ClientHello. */
const halfHello = Buffer.from([0x16, 3, 1, 2, 0, 1]);

test("strangers who say nothing, or half a word, get no more than their quarter of the descriptors (L1)", async () => {
  const { port } = await aServer({ descriptorsMax: 40 });
  const first = await strangers(port, 10);
  const others = await strangers(port, 100, halfHello);
  await ended([...first, ...others.slice(0, 20)]);
  expect(await ask(port)).toMatchObject({ code: status.OK });
});

test("those of the run get no more than three quarters (L1)", async () => {
  const { port } = await aServer({ descriptorsMax: 8 });
  for (let connections = 0; connections < 6; connections++)
    expect(await ask(port)).toMatchObject({ code: status.OK });
  expect(await ask(port)).toMatchObject({ code: status.UNAVAILABLE });
});

test("who begins a handshake and goes no further is let go (L2)", async () => {
  const { port } = await aServer({ handshakeMsMax: 50 });
  await ended([...(await strangers(port, 3)), ...(await strangers(port, 3, halfHello))]);
  expect(await ask(port)).toMatchObject({ code: status.OK });
});

test("who speaks something else is let go at once, and others are served", async () => {
  const { port } = await aServer();
  const http2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  for (const words of ["GET / HTTP/1.1\r\n\r\n", http2, Buffer.alloc(100_000, 7), Buffer.alloc(100_000)])
    await ended(await strangers(port, 3, words));
  expect(await ask(port)).toMatchObject({ code: status.OK });
});

test("who is half in when the driver stops is let go", async () => {
  const server = await aServer();
  const sockets = await strangers(server.port, 3, halfHello);
  server.close();
  await ended(sockets);
});
