import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ensureToken } from "../../shared/io/credentials.js";
import { silentLogger } from "../../shared/io/logger.js";
import { runActor } from "./actor-process.js";
import { readConfig } from "./config.js";
import { isThere, newFolder, removeFolders, until } from "./testing.js";

afterAll(removeFolders);

test("an actor says where its health is, tells why it is not ready, and leaves nothing behind", async () => {
  const workdir = await newFolder();
  const scratch = join(workdir, "scratch");
  const args = ["--workdir", workdir, "--name", "node-1", "--slots", "2", "--scratch", scratch];
  const stop = new AbortController();
  const end = runActor(
    await readConfig({ args, environment: {}, cpus: [0], unixMs: 0 }),
    silentLogger,
    stop.signal,
    "no program: no output is stored here",
  );
  const path = join(workdir, "run/node-1.json");
  await until(() => isThere(path));
  const { httpPort } = JSON.parse(await readFile(path, "utf8")) as { httpPort: number };
  const ask = (what: string, headers = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${httpPort}${what}`, { headers });
  expect((await ask("/healthz")).status).toBe(200);
  const ready = await ask("/readyz");
  expect([ready.status, await ready.text()]).toEqual([
    503,
    expect.stringMatching("there is no session with the driver"),
  ]);
  expect((await ask("/metrics")).status).toBe(503); // Nobody can be trusted before there is a token.
  const token = await ensureToken(workdir);
  expect((await ask("/metrics")).status).toBe(401);
  const metrics = await ask("/metrics", { authorization: `Bearer ${token}` });
  expect(await metrics.text()).toMatch("noctua_actor_slots 2\n");
  stop.abort(new Error("asked to stop"));
  expect(await end).toEqual({ exit: "drained", reason: "asked to stop; all is handed in" });
  expect(await isThere(path)).toBe(false);
  expect((await readdir(scratch, { recursive: true })).length).toBe(1); // The user's own folder stays.
});
