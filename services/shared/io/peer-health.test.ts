import { mkdtemp, readFile, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { Closers } from "./closers.js";
import { silentLogger } from "./logger.js";
import { serviceRegistry } from "./metrics.js";
import { serveHealth } from "./peer-health.js";
import { askHttps, driverTrust } from "./trust/testing-trust.js";

let workdir: string;

beforeAll(async () => {
  workdir = await mkdtemp(join(tmpdir(), "noctua-health-"));
  await driverTrust(workdir);
});
afterAll(() => rm(workdir, { recursive: true, force: true }));

const runFile = (): Promise<string> => readFile(join(workdir, "run", "m1.json"), "utf8");

const factsFile = z.object({ incarnation: z.string(), httpPort: z.number() });
const parseFacts = (text: string): z.infer<typeof factsFile> => factsFile.parse(JSON.parse(text));

async function serve(incarnation: string): Promise<{ port: number; closers: Closers }> {
  const closers = new Closers(silentLogger);
  const agent = { metrics: { registry: serviceRegistry("merger") }, notReady: () => "it is a test" };
  serveHealth(
    { service: "merger", name: "m1", incarnation, workdir, host: "127.0.0.1", agent, log: silentLogger },
    closers,
  );
  const written = async (): Promise<{ port: number } | undefined> => {
    const facts = await runFile().then(parseFacts, () => undefined);
    return facts?.incarnation === incarnation ? { port: facts.httpPort } : undefined;
  };
  const { port } = await vi.waitUntil(written, { timeout: 30_000 });
  return { port, closers };
}

test("a file says where a process can be asked, until it is closed (H1)", async () => {
  const { port, closers } = await serve("first");
  const facts = {
    service: "merger",
    name: "m1",
    incarnation: "first",
    hostname: hostname(),
    pid: process.pid,
  };
  expect(JSON.parse(await runFile())).toEqual({ ...facts, host: "127.0.0.1", httpPort: port });
  expect((await askHttps({ port }, "/readyz")).text).toBe("not ready: it is a test\n");
  await closers.closeAll();
  await expect(runFile()).rejects.toThrow("ENOENT");
});

test("a process leaves the file of one that took its name over (H2)", async () => {
  const first = await serve("first");
  const second = await serve("second");
  await first.closers.closeAll();
  expect(JSON.parse(await runFile())).toMatchObject({ incarnation: "second", httpPort: second.port });
  await second.closers.closeAll();
});
