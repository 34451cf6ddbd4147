import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { runInProcessGroup, StartFailure, type ProcessGroupOptions } from "./process-group.js";
import { testFolder } from "./testing-folder.js";

const never = new AbortController().signal;
let folder: string;
let options: ProcessGroupOptions;

beforeEach(async () => {
  folder = await testFolder();
  options = { cwd: folder, env: { PATH: process.env["PATH"] ?? "" }, timeoutMs: 50_000, graceMs: 50_000 };
});

/** A limit against hanging, not a measure of speed. */
const patience = { timeout: 30_000, interval: 10 };
const shell = (script: string): string[] => ["sh", "-c", script];

/** True while a process of that number lives (a zombie does not). */
async function lives(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
  return !/\) [ZX]/.test(stat);
}

/** The number that a script wrote to a file. */
const pidIn = async (name: string): Promise<number> => Number(await readFile(join(folder, name), "utf8"));

test("exit code and the end of stderr come back, however much is written", async () => {
  const noisy =
    "head -c 3000000 /dev/zero | tr '\\0' x >&2; echo 'no such cell' >&2; head -c 3000000 /dev/zero; exit 3";
  const end = await runInProcessGroup(shell(noisy), options, never);
  expect(end).toMatchObject({ exitCode: 3, signal: "", timedOut: false });
  expect(end.stderrTail).toHaveLength(4_096);
  expect(end.stderrTail).toMatch(/xxno such cell\n$/);
});

test("arguments are taken as they are, and only the given environment is seen", async () => {
  const script = "process.stderr.write(JSON.stringify([process.argv.slice(1), Object.keys(process.env)]))";
  const command = [process.execPath, "-e", script, "--", "a b", "$HOME", "*"];
  const end = await runInProcessGroup(command, { ...options, env: { ONLY: "1" } }, never);
  expect(JSON.parse(end.stderrTail)).toEqual([["a b", "$HOME", "*"], ["ONLY"]]);
});

test("when the leader has ended its group ends too, and a pipe that is kept open holds nobody up", async () => {
  const end = await runInProcessGroup(shell("sleep 1000 & echo $! > left; exit 0"), options, never);
  expect(end.exitCode).toBe(0);
  const left = await pidIn("left");
  await vi.waitUntil(async () => !(await lives(left)), patience);
});

test("a group that runs too long gets TERM, and the end says so", async () => {
  const end = await runInProcessGroup(["sleep", "1000"], { ...options, timeoutMs: 10 }, never);
  expect(end).toMatchObject({ exitCode: undefined, signal: "SIGTERM", timedOut: true });
});

/** Runs a script, tells it to stop once it has written its first line to `file`, and waits for its end. */
async function stopOnceReady(script: string, file: string, graceMs: number): Promise<void> {
  const controller = new AbortController();
  const running = runInProcessGroup(shell(script), { ...options, graceMs }, controller.signal);
  await vi.waitUntil(
    async () => (await readFile(join(folder, file), "utf8").catch(() => "")).includes("\n"),
    patience,
  );
  controller.abort(new Error("stopped"));
  await expect(running).rejects.toThrow("stopped");
}

test("a group that ignores TERM gets KILL after the grace, as a whole", async () => {
  await stopOnceReady("trap '' TERM; sleep 1000 & echo $! > deaf; wait; wait", "deaf", 50);
  const deaf = await pidIn("deaf");
  await vi.waitUntil(async () => !(await lives(deaf)), patience);
});

test("a program that ends on TERM has the grace for it", async () => {
  const polite = "trap 'echo bye >> polite; exit 7' TERM; echo ready > polite; while :; do sleep 0.05; done";
  await stopOnceReady(polite, "polite", options.graceMs);
  expect(await readFile(join(folder, "polite"), "utf8")).toBe("ready\nbye\n");
});

test("being told to stop ends the group, and rejects with the reason", async () => {
  const controller = new AbortController();
  let started = 0;
  const running = runInProcessGroup(
    shell("sleep 1000"),
    {
      ...options,
      onStart: (pid) => {
        started = pid;
        controller.abort(new Error("revoked"));
      },
    },
    controller.signal,
  );
  await expect(running).rejects.toThrow("revoked");
  expect(await lives(started)).toBe(false);
});

test("what cannot be started is a failure of its own, which says why", async () => {
  const start = (command: string[], cwd = folder): Promise<unknown> =>
    runInProcessGroup(command, { ...options, cwd }, never).catch((error: unknown) => error);
  await writeFile(join(folder, "data"), "x");
  const missing = await start(["no-such-program"]);
  expect(missing).toBeInstanceOf(StartFailure);
  expect(missing).toMatchObject({
    failure: { class: "fatal", message: expect.stringContaining("there is no such program") },
  });
  expect(await start([join(folder, "data")])).toMatchObject({
    failure: { class: "fatal", message: expect.stringContaining("it is not executable") },
  });
  expect(await start(["sh"], join(folder, "gone"))).toMatchObject({
    failure: { class: "node", message: expect.stringContaining("there is no folder") },
  });
  expect(await start(["sh", "x".repeat(5_000_000)])).toMatchObject({
    failure: { class: "fatal", message: expect.stringContaining("its arguments are longer") },
  });
  expect(await start(["sh", "\0"])).toBeInstanceOf(StartFailure);
});
