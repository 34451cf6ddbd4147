import { spawn, type ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { getPriority } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { askAsReader, askHttps, type HttpAnswer } from "../shared/io/trust/testing-trust.js";
import { FakeDriver } from "./io/fake-driver.js";
import { fakeGroup, fakeJob, fakeSpec, fakeWorkdir } from "./io/fake-job.js";

/** A limit against hanging, not a measure of speed. */
const patience = { timeout: 30_000, interval: 20 };
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

interface Merger {
  readonly process: ChildProcess;
  /** All lines on stderr so far. */
  readonly lines: () => string[];
  readonly exitCode: Promise<number | null>;
}

function start(...args: string[]): Merger {
  const bundle = fileURLToPath(new URL("../../dist/merger.cjs", import.meta.url));
  const child = spawn(process.execPath, [bundle, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  child.stderr.on("data", (piece: Buffer) => (text += piece.toString()));
  closing.push(() => child.kill("SIGKILL"));
  const exitCode = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { process: child, lines: () => text.trim().split("\n"), exitCode };
}

const runFile = z.object({
  service: z.literal("merger"),
  host: z.string(),
  httpPort: z.number(),
  pid: z.number(),
});
const messageOf = (line: string): unknown =>
  z.object({ message: z.string() }).parse(JSON.parse(line)).message;

test("a merger process can be found, asked and stopped", async () => {
  const workdir = await fakeWorkdir();
  const driver = await FakeDriver.start({ workdir, epoch: 1, run: "r", heartbeatIntervalMs: 60_000 });
  closing.push(() => driver.kill());
  driver.openJob(fakeJob, fakeSpec(workdir, { kind: "concat" }));
  driver.lend((await fakeGroup(workdir, 1, [[1, "one"]])).lent);
  const merger = start("--workdir", workdir, "--name", "m1", "--scratch", workdir);
  await vi.waitUntil(() => driver.reports.length === 1, patience);

  const { httpPort, pid } = runFile.parse(
    JSON.parse(await readFile(join(workdir, "run", "m1.json"), "utf8")),
  );
  expect(pid).toBe(merger.process.pid);
  const at = { port: httpPort, role: "merger" } as const;
  const ask = (path: string): Promise<HttpAnswer> => askHttps(at, path);
  expect((await ask("/healthz")).status).toBe(200);
  expect((await ask("/readyz")).status).toBe(200);
  expect((await ask("/metrics")).status).toBe(401);
  const metrics = await askAsReader(workdir, at, "/metrics");
  expect(metrics.text).toContain('noctua_merger_merges_total{outcome="merged"} 1');

  merger.process.kill("SIGTERM");
  expect(await merger.exitCode).toBe(0);
  const said = merger.lines().map(messageOf);
  expect(said.filter((message) => message !== "closed")).toEqual([
    "merger started",
    "joined the run",
    "job opened",
    "group merged",
    "draining",
    "leaving",
    "merger stopped",
  ]);
  expect(said.filter((message) => message === "closed").length).toBeGreaterThan(4); // Each phase of the stop.
  await expect(readFile(join(workdir, "run", "m1.json"))).rejects.toThrow("ENOENT");
}, 90_000);

test("the second signal ends a merger at once, and its merge command with it (P10), which is as nice as it is", async () => {
  const workdir = await fakeWorkdir();
  const driver = await FakeDriver.start({ workdir, epoch: 1, run: "r", heartbeatIntervalMs: 60_000 });
  closing.push(() => driver.kill());
  const command = ["sh", "-c", 'echo $$ > "$1"; exec sleep 1000', "merge", "{output}"];
  driver.openJob(fakeJob, fakeSpec(workdir, { kind: "command", command }));
  const group = await fakeGroup(workdir, 1, [[1, "one"]]);
  driver.lend(group.lent);
  const merger = start("--workdir", workdir, "--name", "m1", "--grace", "1h", "--nice", "19");
  const pidOf = async (): Promise<number> => Number(await readFile(group.temporary, "utf8").catch(() => "0"));
  await vi.waitUntil(async () => (await pidOf()) > 0, patience);
  const pid = await pidOf();
  expect([merger.process.pid ?? 0, pid].map(getPriority)).toEqual([19, 19]);
  merger.process.kill("SIGTERM");
  await vi.waitUntil(() => driver.heard.some(({ kind }) => kind === "draining"), patience);
  merger.process.kill("SIGTERM");
  await merger.exitCode;
  expect(merger.process.signalCode).toBe("SIGTERM");
  const isGone = async (): Promise<boolean> =>
    /\) [ZX]/.test(await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") X"));
  await vi.waitUntil(isGone, patience);
}, 90_000);

test("arguments that make no sense end it with 64 and say why", async () => {
  const merger = start("--slots", "many");
  expect(await merger.exitCode).toBe(64);
  expect(merger.lines()).toEqual([
    "noctua merger: --workdir (or NOCTUA_WORKDIR): expected a folder, found none",
    'noctua merger: --slots: expected a whole number from 1 to 256, found "many"',
    "(add --help to learn how)",
  ]);
}, 90_000);
