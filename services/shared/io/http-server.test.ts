import { afterAll, expect, test } from "vitest";
import { startHttpServer } from "./http-server.js";
import { serviceRegistry } from "./metrics.js";

let reason: string | undefined = "the journal is being read";
let token: string | undefined;
const server = await startHttpServer({
  host: "127.0.0.1",
  registry: serviceRegistry("test"),
  token: () => (token === undefined ? Promise.reject(new Error("none yet")) : Promise.resolve(token)),
  notReady: () => reason,
});

afterAll(() => server.close());

const get = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`http://127.0.0.1:${server.port}${path}`, init);

test("health is told to anybody, and readiness with the reason why not", async () => {
  expect((await get("/healthz")).status).toBe(200);
  const before = await get("/readyz");
  expect([before.status, await before.text()]).toEqual([503, "not ready: the journal is being read\n"]);
  reason = undefined;
  expect((await get("/readyz?verbose")).status).toBe(200);
});

test("metrics need the run's token", async () => {
  expect((await get("/metrics")).status).toBe(503);
  token = "secret";
  expect((await get("/metrics")).status).toBe(401);
  expect((await get("/metrics", { headers: { authorization: "Bearer wrong" } })).status).toBe(401);
  const answer = await get("/metrics", { headers: { authorization: "Bearer secret" } });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toMatch(/noctua_build_info\{service="test",version="\d+\.\d+\.\d+"/);
});

test("what is not understood is told so", async () => {
  expect((await get("/")).status).toBe(404);
  expect((await get("/healthz", { method: "POST", body: "x" })).status).toBe(405);
});
