import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { startHttpServer } from "./http-server.js";
import { serviceRegistry } from "./metrics.js";
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
  const silent = Array.from({ length: 200 }, () => connect(other.port, "127.0.0.1").on("error", () => 0));
  onTestFinished(() => silent.forEach((socket) => socket.destroy()));
  await Promise.all(silent.map((socket) => once(socket, "connect")));
  expect((await askHttps({ port: other.port }, "/healthz")).status).toBe(200);
  await other.close();
});

test("is not opened beyond loopback without TLS, where everybody could read its metrics", async () => {
  const options = { registry: serviceRegistry("test"), trust: "plain", notReady: () => undefined } as const;
  await expect(startHttpServer({ ...options, host: "0.0.0.0" })).rejects.toThrow(
    /expected a loopback address .* found 0.0.0.0/,
  );
  await (await startHttpServer({ ...options, host: "127.0.0.1" })).close();
});
