import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { silentLogger } from "../../shared/io/logger.js";
import { askAsReader, askHttps, driverTrust } from "../../shared/io/trust/testing-trust.js";
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
  await driverTrust(workdir); // Before a driver has made credentials there is nothing to serve with.
  await until(() => isThere(path));
  const { httpPort } = JSON.parse(await readFile(path, "utf8")) as { httpPort: number };
  const at = { port: httpPort, role: "actor" } as const;
  expect((await askHttps(at, "/healthz")).status).toBe(200);
  expect(await askHttps(at, "/readyz")).toEqual({
    status: 503,
    text: expect.stringMatching("there is no session with the driver") as string,
  });
  expect((await askHttps(at, "/metrics")).status).toBe(401);
  expect((await askAsReader(workdir, at, "/metrics")).text).toMatch("noctua_actor_slots 2\n");
  stop.abort(new Error("asked to stop"));
  expect(await end).toEqual({ exit: "drained", reason: "asked to stop; all is handed in" });
  expect(await isThere(path)).toBe(false);
  expect((await readdir(scratch, { recursive: true })).length).toBe(1); // The user's own folder stays.
});
