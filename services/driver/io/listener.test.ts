// What those do to the driver's port who have no credential, and need none to connect.

import { status } from "@grpc/grpc-js";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { silentLogger } from "../../shared/io/logger.js";
import type { Credential } from "../../shared/io/trust/credential.js";
import { aTrust } from "../../shared/io/trust/testing-trust.js";
import { startListener, type ListenerOptions } from "./listener.js";
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
    log: silentLogger,
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
function ask(port: number, credential = trust.reader): Promise<Answers> {
  return call(dial(port, credential), methodIn(health, "grpc.health.v1.Health", "Check"), { service: "" });
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

/** Connections of one of the run, who has shown its credential and asks for nothing. */
async function connections(
  port: number,
  of: Credential,
  count: number,
  from = "127.0.0.1",
): Promise<Socket[]> {
  const how = { key: of.pem, cert: of.certificate, ca: of.authority, servername: "driver.run-1.noctua" };
  const sockets: Socket[] = [];
  for (let i = 0; i < count; i++) {
    const below = connect({ port, host: "127.0.0.1", localAddress: from });
    const socket = connectTls({ ...how, socket: below, ALPNProtocols: ["h2"] });
    for (const end of [socket, below]) end.on("error", () => undefined);
    onTestFinished(() => void below.destroy());
    // What HTTP/2 begins with, from a driver that has let it in.
    await Promise.race([once(socket, "data"), once(socket, "close")]);
    sockets.push(socket);
  }
  return sockets;
}

/** Of 160 descriptors: a party's ask is answered only when its connection is let in. */
async function aSmallServer(onFull: ListenerOptions["onFull"] = () => undefined): Promise<number> {
  return (await aServer({ descriptorsMax: 160, onFull })).port; // 40 newcomers, 9 clients, 61 peers.
}

test("clients get an eighth of the connections, and keep no actor and no merger out (L3)", async () => {
  const port = await aSmallServer();
  await ended((await connections(port, trust.writer, 12)).slice(9));
  for (const credential of [trust.actor, trust.merger])
    expect(await ask(port, credential)).toMatchObject({ code: status.OK });
});

test("what a peer has shown is read once of each connection, and not for each call", async () => {
  const shown = new Set<unknown>();
  const taken = new Promise<void>((resolve) => {
    void startListener(
      { host: "127.0.0.1", port: 0, trust: trust.driver },
      {
        takePlain: () => undefined,
        take: (socket) => {
          shown.add(socket.getPeerCertificate()).add(socket.getPeerCertificate());
          socket.destroy();
          resolve();
        },
      },
    ).then(({ port, close }) => {
      onTestFinished(close);
      void connections(port, trust.reader, 1);
    });
  });
  await taken;
  expect(shown.size).toBe(1);
});

test("of clients, who has opened most makes room for others (L3)", async () => {
  const told: unknown[] = [];
  const port = await aSmallServer((...full) => told.push(full));
  const many = await connections(port, trust.writer, 9);
  expect(told).toEqual([]);
  expect(await ask(port, trust.reader)).toMatchObject({ code: status.OK });
  expect(told).toEqual([["clients", 9]]);
  await ended(many.slice(8));
  expect(many.filter(({ destroyed }) => !destroyed)).toHaveLength(8);
});

test("of actors with one credential, who opens most makes room for other nodes (L3)", async () => {
  const port = await aSmallServer();
  const many = await connections(port, trust.actor, 61);
  const others = await connections(port, trust.actor, 3, "127.0.0.2");
  await ended(many.slice(58));
  expect([...many.slice(0, 58), ...others].some(({ destroyed }) => destroyed)).toBe(false);
});

test("a credential that bears a name is one holder, wherever it comes from (L3)", async () => {
  const port = await aSmallServer();
  const named = await trust.authority.issue({ role: "actor", name: "node17" });
  const many = await connections(port, named, 30);
  const elsewhere = await connections(port, named, 31, "127.0.0.2");
  const others = await connections(port, trust.actor, 30, "127.0.0.3");
  await ended(elsewhere.slice(1));
  expect([...many, ...others].some(({ destroyed }) => destroyed)).toBe(false);
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
