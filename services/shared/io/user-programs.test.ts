import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { silentLogger } from "./logger.js";
import { groupsFile } from "./group-records.js";
import { parentDeathPrefix } from "./parent-death.js";
import { runInProcessGroup, type ProcessGroupOptions } from "./process-group.js";
import { readRecords } from "./process-record.js";
import { aFolder, cleanLater, cleanUp, isAlive, leavers, pidIn, until } from "./testing-processes.js";
import { openPrograms, UserPrograms } from "./user-programs.js";

afterEach(cleanUp);

const never = new AbortController().signal;
const hasPrefix = (await parentDeathPrefix()) !== undefined;

interface Place {
  readonly folder: string;
  readonly programs: UserPrograms;
  readonly options: ProcessGroupOptions;
  readonly said: string[];
  run(script: string, more?: Partial<ProcessGroupOptions>): ReturnType<UserPrograms["run"]>;
}

async function place(prefix?: readonly string[]): Promise<Place> {
  const folder = await aFolder();
  const said: string[] = [];
  const log = { ...silentLogger, warn: (message: string) => said.push(message) };
  const parts = { folder, incarnation: folder, log };
  const programs = prefix === undefined ? await openPrograms(parts) : new UserPrograms(parts, prefix);
  cleanLater(() => programs.close());
  const env = { PATH: process.env["PATH"] ?? "" };
  const options = { cwd: folder, env, timeoutMs: 50_000, graceMs: 50 };
  const run = (script: string, more = {}): ReturnType<UserPrograms["run"]> =>
    programs.run(["sh", "-c", script], { ...options, ...more }, never);
  return { folder, programs, options, said, run };
}

test.each(Object.entries(leavers))(
  "nothing of a program is left soon after its end, though it %s (P1, P4)",
  async (_, leave) => {
    const { folder, run, said } = await place();
    const file = join(folder, "left");
    expect(await run(`${leave(file)}; exit 3`)).toMatchObject({ exitCode: 3 });
    const pid = await pidIn(file);
    await until(() => !isAlive(pid));
    const isOutsider = leave(file).includes("setsid");
    if (isOutsider) await until(() => said.length > 0);
    expect(said).toEqual(isOutsider ? ["ended processes that had left their group"] : []);
  },
);

test.each(Object.entries(leavers))(
  "when all is closed nothing is left, though a program %s (P2)",
  async (_, leave) => {
    const { folder, programs, run } = await place();
    const file = join(folder, "left");
    await run(leave(file));
    const pid = await pidIn(file); // Before the keeper removes the folder, which it does when all is closed.
    await programs.close();
    await until(() => !isAlive(pid)); // Who was sent KILL takes a moment to die.
  },
);

test("a program that runs is not ended for the sake of one that has ended", async () => {
  const { folder, run } = await place();
  const running = run(
    `echo $$ > running.part; mv running.part running; while [ ! -e go ]; do sleep 0.01; done`,
  );
  const pid = await pidIn(join(folder, "running"));
  const left = join(folder, "left");
  await run(leavers["leads a session of its own"](left));
  const leftPid = await pidIn(left);
  await until(() => !isAlive(leftPid));
  expect(isAlive(pid)).toBe(true);
  await run("echo > go");
  expect(await running).toMatchObject({ exitCode: 0 });
});

test("what lives is written down, and nothing else", async () => {
  const { folder, run } = await place();
  const groups: number[] = [];
  const running = run("while [ ! -e go ]; do sleep 0.01; done", { onStart: (pid) => groups.push(pid) });
  await until(() => groups.length === 1);
  const records = join(folder, groupsFile);
  expect((await readRecords(records)).map(({ pid }) => pid)).toEqual(groups);
  await run("echo > go");
  await running;
  expect(await readRecords(records)).toEqual([]);
});

test.skipIf(!hasPrefix)("a program is ended by the kernel when its service dies (P3)", async () => {
  const { programs, options } = await place();
  const script = "setpriv --dump";
  const told: string[] = [];
  const more = { ...options, onOutput: (piece: Buffer) => told.push(piece.toString()) };
  await programs.run(["setpriv", "--dump"], more, never);
  expect(told.join(""), script).toMatch(/Parent death signal: (KILL|9)/);
});

test("what cannot be started says the same as if nothing were put in front of it", async () => {
  const { programs, options } = await place();
  for (const command of [["/no/such/program"], ["no-such-program"], ["/etc/passwd"], ["/"], []]) {
    const failure = async (run: UserPrograms["run"]): Promise<unknown> =>
      run(command, options, never).catch((error: unknown) => error);
    expect(await failure(programs.run)).toEqual(await failure(runInProcessGroup));
  }
});

test("where the machine has no parent-death signal the program runs without", async () => {
  const { folder, run } = await place([]);
  await run("echo $PPID > parent");
  expect(Number(await readFile(join(folder, "parent"), "utf8"))).toBe(process.pid);
});
