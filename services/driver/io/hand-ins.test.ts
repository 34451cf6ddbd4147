// Real files, an engine on a journal of the test's, and an actor that is gone.

import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { grantNumber, jobNumber } from "../../shared/core/id.js";
import { handInFolder, outputPath } from "../../shared/core/names.js";
import { handInBytesMax, sealHandIn } from "../../shared/io/hand-in-file.js";
import { silentLogger, type Logger } from "../../shared/io/logger.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { HandIns } from "./hand-ins.js";
import { anEngine, started, type RunningEngine } from "./testing.js";
import { leftOf, sealed, type LeftBehind } from "./wire-test-hand-in.js";

const job = jobNumber(1);
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface World extends RunningEngine {
  readonly workdir: string;
  readonly folder: string;
  readonly handIns: HandIns;
  /** What was logged as an error. */
  readonly errors: unknown[];
}

/** A driver with a job of ten ranges, all of them granted to an actor that is away. */
async function aWorld(): Promise<World> {
  const workdir = await mkdtemp(join(tmpdir(), "noctua-hand-ins-"));
  closing.push(() => rm(workdir, { recursive: true, force: true }));
  const errors: unknown[] = [];
  const log: Logger = { ...silentLogger, error: (_message, fields) => void errors.push(fields) };
  const idle = anEngine({
    perform: (effects, farm) => {
      for (const effect of effects)
        if (effect.kind === "settle-hand-in") handIns.settle(effect.handIn, effect.verdict, farm);
    },
  });
  const { engine } = idle;
  const handIns: HandIns = new HandIns({
    workdir,
    run: "run-1",
    read: (question) => engine.read(question),
    post: (command) => engine.post(command),
    log,
  });
  const test = await started(idle);
  closing.push(() => {
    idle.journal.release();
    engine.close();
    return test.running.catch(() => undefined);
  });
  closing.push(() => handIns.stop());
  engine.post({ kind: "submit-job", reply: 1, requestId: "a", spec: aSpec() });
  const hello = {
    role: "actor",
    name: "actor1",
    incarnation: "first",
    node: "node-1",
    slots: 2,
    labels: {},
  } as const;
  engine.post({
    kind: "open-session",
    stream: 1,
    hello: { ...hello, ranges: [], merges: [], allocationEndsAtMs: undefined },
  });
  engine.post({ kind: "raise-demand", stream: 1, credit: 10 });
  await told(); // Ranges are granted at the end of a turn.
  engine.post({ kind: "detach-stream", stream: 1 });
  await told();
  const folder = join(workdir, handInFolder(job));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return { ...test, workdir, folder, handIns, errors };
}

/** Until all that was posted is committed: nothing in it waits for the world. */
function told(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function leave({ folder }: World, name: string, left: LeftBehind | Buffer): Promise<string> {
  const path = join(folder, `${name}.handin`);
  const bytes = Buffer.isBuffer(left) ? left : sealed(left);
  await writeFile(path, bytes, { mode: 0o600 });
  return path;
}

test("what was left is taken in, and its file is removed when that is durable, not before (I1)", async () => {
  const world = await aWorld();
  await leave(world, "a", leftOf([0, 1, 5]));
  world.journal.hold();
  const look = world.handIns.look();
  await world.journal.untilHeld();
  expect(await readdir(world.folder)).toEqual(["a.handin"]);
  world.journal.release();
  await look;
  expect(await readdir(world.folder)).toEqual([]);
  expect(world.farm.jobs.get(job)?.table.counts).toMatchObject({ done: 3 });
});

test("the session of whoever left it is over: what it still held is granted to others at once", async () => {
  const world = await aWorld();
  await leave(world, "a", leftOf([0]));
  expect(world.farm.jobs.get(job)?.table.counts).toMatchObject({ held: 10 });
  await world.handIns.look();
  await told();
  expect(world.farm.jobs.get(job)?.table.counts).toMatchObject({ done: 1, held: 0, ready: 9 });
  expect(world.farm.sessions.size).toBe(0);
});

test("what was taken in before changes nothing, and is removed again (I1)", async () => {
  const world = await aWorld();
  await leave(world, "a", leftOf([0, 1]));
  await world.handIns.look();
  await told();
  const commits = world.journal.commits.length;
  await leave(world, "a", leftOf([0, 1]));
  await world.handIns.look();
  expect(world.journal.commits).toHaveLength(commits);
  expect(await readdir(world.folder)).toEqual([]);
});

test("outputs that came too late are removed, and winners stay", async () => {
  const world = await aWorld();
  const pathOf = (range: number, grant: number): string => {
    const events = { input: 0, first: range + 1, last: range + 1, count: 1 };
    return join(world.workdir, outputPath({ job, range, grant: grantNumber(grant), events }, ".lhe"));
  };
  await mkdir(dirname(pathOf(0, 1)), { recursive: true });
  for (const path of [pathOf(0, 1), pathOf(0, 2)]) await writeFile(path, "event");
  world.engine.post({
    kind: "end-lost-session",
    role: "actor",
    name: "actor1",
    incarnation: "first",
    how: "left",
    reason: "it is gone",
  });
  const hello = { role: "actor", name: "b", incarnation: "b", node: "node-2", slots: 1, labels: {} } as const;
  world.engine.post({
    kind: "open-session",
    stream: 2,
    hello: { ...hello, ranges: [], merges: [], allocationEndsAtMs: undefined },
  });
  world.engine.post({ kind: "raise-demand", stream: 2, credit: 1 });
  await told();
  await leave(world, "b", leftOf([0], { actor: "b", incarnation: "b" }, 2));
  await world.handIns.look();
  await leave(world, "a", leftOf([0]));
  await world.handIns.look();
  expect(await readdir(dirname(pathOf(0, 1)))).toEqual(["input1.events1-1.grant2.lhe"]);
  expect(await readdir(world.folder)).toEqual([]);
});

const whole = sealed(leftOf([0]));
const flipped = Buffer.from(whole);
flipped.writeUInt8(flipped.readUInt8(40) ^ 1, 40);
const later = Buffer.from(whole);
later.writeUInt8(9, 7);

test.each([
  ["is cut off", whole.subarray(0, 50), "bytes behind the header"],
  ["is empty", Buffer.alloc(0), "at least 20 bytes"],
  ["is damaged", flipped, "checksum"],
  ["is of another version", later, "expected format version 1, found 9"],
  ["holds no message", sealHandIn(Buffer.from("not protobuf at all")), ""],
  ["is of another run", leftOf([0], { run: "run-9" }), "run: expected run-1, found run-9"],
  ["is of another job", leftOf([0], { job: 2 }), "job: expected 1, as the folder says, found 2"],
  ["names a grant that was never made", leftOf([0], {}, 99), "grant 99 was never made"],
  ["names ranges that the job does not have", leftOf([10]), "10 ranges"],
  ["is of nobody", leftOf([0], { actor: "" }), "actor: expected 1 to 256 characters"],
])(
  "a hand-in that %s is set aside, told once, and nothing of it is believed (I2)",
  async (_, left, reason) => {
    const world = await aWorld();
    await leave(world, "a", left);
    await leave(world, "b", leftOf([3]));
    await world.handIns.look();
    await world.handIns.look();
    expect((await readdir(world.folder)).sort()).toEqual(["a.handin.refused"]);
    expect(world.errors).toMatchObject([
      { path: join(world.folder, "a.handin.refused"), reason: expect.stringContaining(reason) as unknown },
    ]);
    expect(world.farm.jobs.get(job)?.table.counts).toMatchObject({ done: 1 });
  },
);

test("a file that others could have written, a link, a pipe and a monster are set aside, and nobody waits for them (I2, I4)", async () => {
  const world = await aWorld();
  await chmod(await leave(world, "shared", leftOf([0])), 0o644);
  await rename(await leave(world, "real", leftOf([1])), join(world.workdir, "elsewhere"));
  await symlink(join(world.workdir, "elsewhere"), join(world.folder, "link.handin"));
  execFileSync("mkfifo", ["-m", "600", join(world.folder, "pipe.handin")]);
  await truncate(await leave(world, "monster", Buffer.alloc(1)), handInBytesMax + 1);
  await world.handIns.look();
  expect((await readdir(world.folder)).sort()).toEqual(
    ["link", "monster", "pipe", "shared"].map((name) => `${name}.handin.refused`),
  );
  expect(world.farm.jobs.get(job)?.table.counts).toMatchObject({ done: 0 });
});

test("what is not a hand-in yet is left alone", async () => {
  const world = await aWorld();
  await rename(await leave(world, "a", leftOf([0])), join(world.folder, "a.handin.1234.tmp"));
  await world.handIns.look();
  expect(await readdir(world.folder)).toEqual(["a.handin.1234.tmp"]);
});

test("a folder that others can reach is not believed, and the driver says so and goes on (I4)", async () => {
  const world = await aWorld();
  await leave(world, "a", leftOf([0]));
  await chmod(world.folder, 0o770);
  await world.handIns.look();
  expect(world.errors).toMatchObject([{ error: expect.stringContaining("chmod 700") as unknown }]);
  expect(await readdir(world.folder)).toEqual(["a.handin"]);
});

test("a driver that stops while a hand-in is being made durable leaves it to the next one", async () => {
  const world = await aWorld();
  await leave(world, "a", leftOf([0]));
  world.journal.hold();
  void world.handIns.look();
  await world.journal.untilHeld();
  await world.handIns.stop();
  world.journal.release();
  expect(await readdir(world.folder)).toEqual(["a.handin"]);
  expect(world.errors).toEqual([]);
});
