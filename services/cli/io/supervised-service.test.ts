import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seededRng } from "../../shared/core/rng.js";
import { exitCodes, type CliError } from "./cli-error.js";
import { SupervisedService } from "./supervised-service.js";

const soon = { restartsMax: 3, withinMs: 60_000, firstMs: 1, lastMs: 5 };

let folder: string;
let service: SupervisedService;
let notes: string[];
let givenUp: Promise<CliError>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "noctua-service-"));
  notes = [];
});

afterEach(async () => {
  await service.stop(0);
  await rm(folder, { recursive: true, force: true });
});

/** A service whose program is `script`; it may write to the file `started` to say that it runs. */
async function serviceOf(script: string, onLeft?: () => void): Promise<SupervisedService> {
  const path = join(folder, "service.mjs");
  await writeFile(path, `import { appendFileSync } from "node:fs";\n${script}`);
  let onGivenUp: (error: CliError) => void = () => undefined;
  givenUp = new Promise((resolve) => (onGivenUp = resolve));
  service = new SupervisedService({
    name: "actor",
    command: [process.execPath, path, join(folder, "started")],
    env: process.env,
    logPath: join(folder, "logs", "actor.log"),
    limits: { first: { ...soon, restartsMax: 1 }, ready: soon },
    rng: seededRng(1),
    onNote: (note) => notes.push(note),
    ...(onLeft === undefined ? {} : { onLeft }),
    onGivenUp,
  });
  return service;
}

const saysWhenItRuns = 'appendFileSync(process.argv[2], process.pid + "\\n");';
const stays = `${saysWhenItRuns} setInterval(() => {}, 1000);`;

async function pidsStarted(count: number): Promise<readonly number[]> {
  const pids = async (): Promise<readonly number[]> => {
    const path = join(folder, "started");
    // Whole lines only: a file that was just made is empty.
    return existsSync(path) ? ((await readFile(path, "utf8")).match(/^\d+(?=\n)/gm) ?? []).map(Number) : [];
  };
  await expect
    .poll(async () => (await pids()).length, { timeout: 30_000, interval: 10 })
    .toBeGreaterThanOrEqual(count);
  return pids();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it("puts a log aside that has grown to 64 MB when its service is started", async () => {
  const one = await serviceOf(stays);
  const log = join(folder, "logs", "actor.log");
  await mkdir(join(folder, "logs"));
  await writeFile(log, "before");
  await truncate(log, 64 * 1024 * 1024);
  one.start();
  await pidsStarted(1);
  expect((await stat(`${log}.1`)).size).toBe(64 * 1024 * 1024);
  expect((await stat(log)).size).toBeLessThan(10_000);
});

describe("a service", () => {
  it("that may leave, and ends well, has left and is not started again", async () => {
    const left = new Promise<void>(
      (resolve) => void serviceOf(saysWhenItRuns, resolve).then((it) => it.start()),
    );
    await left;
    expect(await pidsStarted(1)).toHaveLength(1);
    expect(service.pid).toBeUndefined();
    expect(notes).toEqual([]);
  });

  it("is started again when it is killed, and says so", async () => {
    (await serviceOf(stays)).start();
    const [first = 0] = await pidsStarted(1);
    expect(service.pid).toBe(first);
    process.kill(first, "SIGKILL");
    const [, second = 0] = await pidsStarted(2);
    expect(notes).toEqual([
      expect.stringMatching(/^actor was ended by SIGKILL; starting it again in 0\.0 s$/),
    ]);
    await service.stop(10_000);
    expect([first, second].some(isAlive)).toBe(false);
  });

  it("is given up when it keeps ending, with the last lines of its log in words", async () => {
    const error = JSON.stringify({
      time: "t",
      level: "error",
      service: "actor",
      message: "no scratch",
      error: "EROFS",
    });
    (
      await serviceOf(`${saysWhenItRuns} console.error('${error}'); console.error("plain"); process.exit(3);`)
    ).start();
    service.markReady();
    const gaveUp = await givenUp;
    expect(gaveUp.exitCode).toBe(exitCodes.driverUnavailable);
    expect(gaveUp.message.split("\n")).toEqual([
      `actor ended with exit code 3, 4 times in all, and is given up; its log is ${join(folder, "logs", "actor.log")}`,
      "  | error: no scratch: EROFS",
      "  | plain",
    ]);
    expect(notes[0]).toMatch(/^actor ended with exit code 3 \(plain\); starting it again/);
    expect(notes).toHaveLength(3);
  });

  it("is given up sooner when it was never ready", async () => {
    (await serviceOf("process.exit(1)")).start();
    expect((await givenUp).message).toContain("2 times in all");
  });

  it("is given up at once when it says that it would end the same way again", async () => {
    (await serviceOf("process.exit(64)")).start();
    expect((await givenUp).message).toMatch(/^actor ended with exit code 64, and is given up/);
    expect(notes).toEqual([]);
  });

  it("is given up when there is no such program", async () => {
    service = new SupervisedService({
      name: "actor",
      command: [join(folder, "none")],
      env: {},
      logPath: join(folder, "actor.log"),
      limits: { first: { ...soon, restartsMax: 0 }, ready: soon },
      rng: seededRng(1),
      onNote: () => undefined,
      onGivenUp: (error) => notes.push(error.message),
    });
    service.start();
    await expect
      .poll(() => notes)
      .toEqual([expect.stringContaining("actor could not be started, and is given up")]);
  });

  it("is asked to stop, and is not started again", async () => {
    (await serviceOf(`process.on("SIGTERM", () => process.exit(1)); ${stays}`)).start();
    const [pid = 0] = await pidsStarted(1);
    await Promise.all([service.stop(30_000), service.stop(30_000)]);
    expect(isAlive(pid)).toBe(false);
    expect(notes).toEqual([]);
    expect(service.pid).toBeUndefined();
  });

  it("is killed when it does not listen, after the grace", async () => {
    (await serviceOf(`process.on("SIGTERM", () => {}); ${stays}`)).start();
    const [pid = 0] = await pidsStarted(1);
    await service.stop(50);
    expect(isAlive(pid)).toBe(false);
    expect(notes).toEqual(["actor did not stop within 0.05 s and is ended"]);
  });

  it("is not started again when it is stopped while it waits for its start", async () => {
    await serviceOf(`${saysWhenItRuns} process.exit(1);`);
    service.start();
    await expect.poll(() => notes.length).toBeGreaterThan(0);
    await service.stop(0);
    const [started, noted] = [await pidsStarted(1), notes.length];
    expect(started.length).toBeLessThanOrEqual(2);
    expect(notes).toHaveLength(noted);
  });
});

describe("when its keeper is gone", () => {
  const here = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);

  /** A process that keeps `child`, and does what `then` says when a line comes in. */
  async function keeperOf(child: string, then: string): Promise<ChildProcess> {
    const [keeper, kept] = [join(folder, "keeper.ts"), join(folder, "kept.ts")];
    await writeFile(kept, `import { appendFileSync } from "node:fs";\n${child}`);
    await writeFile(
      keeper,
      `import { SupervisedService } from ${here("./supervised-service.ts")};
       const limits = { restartsMax: 0, withinMs: 1, firstMs: 1, lastMs: 1 };
       new SupervisedService({
         name: "driver",
         command: [process.execPath, "--import", "tsx", ${JSON.stringify(kept)}, ${JSON.stringify(join(folder, "started"))}],
         env: process.env,
         logPath: ${JSON.stringify(join(folder, "driver.log"))},
         limits: { first: limits, ready: limits },
         rng: { next: () => 0 },
         onNote: () => undefined,
         onGivenUp: () => undefined,
       }).start();
       process.stdin.once("data", () => { ${then} });`,
    );
    return spawn(process.execPath, ["--import", "tsx", keeper], { stdio: ["pipe", "ignore", "ignore"] });
  }

  it("a service is asked to stop, whether it was told or not", async () => {
    const child = `import { stopWithParent } from ${here("./parent-watch.ts")};
      process.on("SIGTERM", () => { appendFileSync(process.argv[2]!, "asked to stop\\n"); process.exit(0); });
      stopWithParent();
      ${stays}`;
    await serviceOf("");
    const keeper = await keeperOf(child, "");
    await pidsStarted(1);
    keeper.kill("SIGKILL");
    await once(keeper, "exit");
    const started = join(folder, "started");
    await expect.poll(() => readFile(started, "utf8")).toMatch(/asked to stop/);
  });

  it("a service that does not listen is ended with it, when the keeper ends at once", async () => {
    await serviceOf("");
    const keeper = await keeperOf(`process.on("SIGTERM", () => {}); ${stays}`, "process.exit(130)");
    const [pid = 0] = await pidsStarted(1);
    keeper.stdin?.write("end\n");
    expect(await once(keeper, "exit")).toEqual([130, null]);
    await expect.poll(() => isAlive(pid)).toBe(false);
  });
});
