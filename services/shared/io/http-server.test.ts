import { once, setMaxListeners } from "node:events";
import { connect } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { startHttpServer } from "./http-server.js";
import { serviceRegistry } from "./metrics.js";
import { httpAttacks } from "./testing-attackers.js";
import { until } from "./testing-processes.js";
import { newAuthority } from "./trust/authority.js";
import type { Credential } from "./trust/credential.js";
import { askHttps, aTrust, type HttpAnswer } from "./trust/testing-trust.js";

let reason: string | undefined = "the journal is being read";
const { driver, reader } = await aTrust();
const server = await startHttpServer({
  host: "127.0.0.1",
  registry: serviceRegistry("test"),
  trust: driver,
  notReady: () => reason,
});

afterAll(() => server.close());

const get = (path: string, credential?: Credential): Promise<HttpAnswer> =>
  askHttps({ port: server.port }, path, credential);

test("health is told to anybody, and readiness with the reason why not", async () => {
  expect((await get("/healthz")).status).toBe(200);
  expect(await get("/readyz")).toEqual({ status: 503, text: "not ready: the journal is being read\n" });
  reason = undefined;
  expect((await get("/readyz?verbose")).status).toBe(200);
});

test("metrics need a certificate of the run", async () => {
  const refused = {
    status: 401,
    text: "metrics need a certificate of this run: noctua credentials  makes one\n",
  };
  expect(await get("/metrics")).toEqual(refused);
  // Of another run, or ended: it is shown, but not by who would check the server.
  const other = await aTrust("another-run");
  const ended = await (await newAuthority("run-1")).issue({ role: "reader", name: undefined }, -1_000);
  for (const { pem, certificate } of [other.reader, ended]) {
    const shown = { ...reader, pem, certificate };
    expect(await get("/metrics", shown)).toEqual(refused);
  }
  const answer = await get("/metrics", reader);
  expect(answer.status).toBe(200);
  expect(answer.text).toMatch(/noctua_build_info\{service="test",version="\d+\.\d+\.\d+"/);
});

test("who asks for metrics while they are collected is told the same", async () => {
  let collected = 0;
  const registry = serviceRegistry("test");
  const all = registry.metrics.bind(registry);
  registry.metrics = async () => {
    collected += 1;
    return await all();
  };
  const other = await startHttpServer({
    host: "127.0.0.1",
    registry,
    trust: "plain",
    notReady: () => undefined,
  });
  const socket = connect(other.port, "127.0.0.1");
  let text = "";
  socket.on("data", (piece: Buffer) => (text += piece.toString()));
  const ask = "GET /metrics HTTP/1.1\r\nHost: x\r\n";
  socket.write(`${ask}\r\n`.repeat(9) + `${ask}Connection: close\r\n\r\n`);
  await once(socket, "close");
  expect(text.match(/^noctua_build_info/gm)).toHaveLength(10);
  expect(collected).toBeLessThan(10);
  await other.close();
});

test("what is not understood is told so", async () => {
  expect((await get("/")).status).toBe(404);
  expect((await askHttps({ port: server.port, method: "POST" }, "/healthz")).status).toBe(405);
});

test("who says nothing keeps nobody out, and does not hold up the end", async () => {
  const other = await startHttpServer({
    host: "127.0.0.1",
    registry: serviceRegistry("test"),
    trust: driver,
    notReady: () => undefined,
  });
  const silent = Array.from({ length: 200 }, () =>
    connect(other.port, "127.0.0.1")
      .on("error", () => 0)
      .resume(),
  );
  onTestFinished(() => silent.forEach((socket) => socket.destroy()));
  await Promise.all(silent.map((socket) => once(socket, "connect")));
  expect((await askHttps({ port: other.port }, "/healthz")).status).toBe(200);
  const oldest = silent.slice(0, 200 + 1 - 64);
  await until(() => oldest.every(({ destroyed }) => destroyed));
  expect(silent.slice(oldest.length).some(({ destroyed }) => destroyed)).toBe(false);
  await other.close();
});

/** What the server says to these words on one connection, until it ends it or lets a request go. */
async function told(words: string): Promise<string> {
  const socket = tlsConnect({ host: "127.0.0.1", port: server.port, rejectUnauthorized: false });
  let text = "";
  socket.on("data", (piece: Buffer) => {
    text += piece.toString();
    if (text.includes("HTTP/1.1 503 ")) socket.destroy();
  });
  socket.write(words);
  await once(socket, "close");
  return text;
}

test("who sends a body, asks for what there is not, or asks on and on, is told so and let go (H2)", async () => {
  expect(await told("POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")).toMatch(
    /^HTTP\/1.1 405 .*connection: close/s,
  );
  expect(await told("GET /metric HTTP/1.1\r\nHost: x\r\n\r\n")).toMatch(
    /^HTTP\/1.1 404 .*connection: close/s,
  );
  const answers = await told("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(150));
  expect(answers.match(/HTTP\/1.1 200 /g)).toHaveLength(100);
});

test.each(Object.entries(httpAttacks(reader)))("a stranger who %s harms nobody (H2)", async (_, attack) => {
  const over = new AbortController();
  setMaxListeners(100, over.signal);
  const attacking = attack(server.port, over.signal);
  const rssBytes = process.memoryUsage().rss;
  for (const [path, status] of [
    ["/healthz", 200],
    ["/readyz", 503],
    ["/metrics", 401],
  ] as const) {
    reason = "it is a test";
    expect((await get(path)).status).toBe(status);
  }
  reason = undefined;
  expect((await get("/readyz")).status).toBe(200);
  over.abort();
  await attacking;
  expect(process.memoryUsage().rss - rssBytes).toBeLessThan(200e6);
});

test("who does not bring a request to its end is let go (H2)", async () => {
  const other = await startHttpServer({
    host: "127.0.0.1",
    registry: serviceRegistry("test"),
    trust: driver,
    notReady: () => undefined,
    requestMsMax: 100,
  });
  onTestFinished(() => other.close());
  const words = ["", "GET /healthz", "GET /healthz HTTP/1.1\r\nHost: x\r\n"].map(async (word) => {
    const socket = tlsConnect({ host: "127.0.0.1", port: other.port, rejectUnauthorized: false });
    socket.on("error", () => undefined).resume();
    socket.write(word);
    await once(socket, "close");
  });
  await Promise.all(words);
});

test("is not opened beyond loopback without TLS, where everybody could read its metrics", async () => {
  const options = { registry: serviceRegistry("test"), trust: "plain", notReady: () => undefined } as const;
  await expect(startHttpServer({ ...options, host: "0.0.0.0" })).rejects.toThrow(
    /expected a loopback address .* found 0.0.0.0/,
  );
  await (await startHttpServer({ ...options, host: "127.0.0.1" })).close();
});
