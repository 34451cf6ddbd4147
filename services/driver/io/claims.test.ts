import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimEpoch, ClaimRefused, type Claim, type ClaimOptions } from "./claims.js";
import type { Processes } from "../../shared/io/process-identity.js";

let workdir: string;

beforeEach(async () => {
  workdir = await mkdtemp(join(tmpdir(), "noctua-claims-"));
});

afterEach(async () => {
  await rm(workdir, { recursive: true });
});

/** A machine whose processes begin and end as a test says. */
class FakeMachine implements Processes {
  boot = "boot 1";
  space = "pid:[1]";
  readonly startTimes = new Map<number, string>([
    [100, "5000"],
    [200, "6000"],
  ]);
  bootId = () => this.boot;
  namespace = () => this.space;
  startTimeOf = (pid: number) => this.startTimes.get(pid);
}

function start(options: Partial<ClaimOptions> = {}): Promise<Claim> {
  return claimEpoch(workdir, {
    takeOver: false,
    hostname: "n1",
    pid: 100,
    slurmJob: undefined,
    unixMs: Date.UTC(2026, 10, 1, 12),
    ...options,
  });
}

const path = (epoch: number) => join(workdir, "driver", "claims", `${String(epoch).padStart(10, "0")}.json`);

describe("claiming a workdir", () => {
  it("the first driver has epoch 1, and each later one the next, when those before it ended", async () => {
    const machine = new FakeMachine();
    for (let epoch = 1; epoch <= 12; epoch += 1) {
      const claim = await start({ processes: machine });
      expect(claim.epoch).toBe(epoch);
      expect(claim.predecessor).toBe(epoch === 1 ? "none" : `epoch ${epoch - 1} has ended`);
      await claim.release();
    }
  });

  it("a driver that lives is named, with what to do", async () => {
    const machine = new FakeMachine();
    await start({ processes: machine, slurmJob: "77" });
    const refused = start({ processes: machine, pid: 200 });
    await expect(refused).rejects.toThrow(ClaimRefused);
    await expect(refused).rejects.toThrow(
      "expected no driver on this workdir, found one that lives: epoch 1: process 100 on n1 in Slurm job 77, " +
        "since 2026-11-01T12:00:00.000Z. Stop it (kill 100) and start again; if it hangs, start with --take-over",
    );
  });

  it.each<[string, (machine: FakeMachine) => void, string]>([
    ["whose process is gone", (machine) => machine.startTimes.delete(100), "process 100 on n1 is no more"],
    ["whose number another process has", (machine) => machine.startTimes.set(100, "9"), "is another one now"],
    ["whose machine was booted since", (machine) => (machine.boot = "boot 2"), "n1 was started anew since"],
  ])("a driver %s is followed", async (_, happens, why) => {
    const machine = new FakeMachine();
    await start({ processes: machine });
    happens(machine);
    const claim = await start({ processes: machine, pid: 200 });
    expect(claim.epoch).toBe(2);
    expect(claim.predecessor).toContain(why);
  });

  it.each<[string, Partial<ClaimOptions>, (machine: FakeMachine) => void, string]>([
    ["on another machine", { hostname: "n2" }, () => undefined, "nobody can see from n2 whether it lives"],
    ["in another container", {}, (machine) => (machine.space = "pid:[2]"), "from outside of its container"],
  ])(
    "a driver %s can't be proven gone, even if the number is not in use here",
    async (_, other, happens, why) => {
      const machine = new FakeMachine();
      await start({ processes: machine, slurmJob: "77" });
      machine.startTimes.delete(100);
      happens(machine);
      const options = { processes: machine, pid: 200, ...other };
      await expect(start(options)).rejects.toThrow(why);
      await expect(start(options)).rejects.toThrow(/squeue -j 77 tells.*--take-over/);
      const claim = await start({ ...options, takeOver: true });
      expect(claim.epoch).toBe(2);
      expect(claim.predecessor).toMatch(/^epoch 1 is taken over from process 100 on n1/);
    },
  );

  it("a claim that nobody can read is as good as one that lives", async () => {
    await mkdir(join(workdir, "driver", "claims"), { recursive: true, mode: 0o700 });
    await writeFile(path(3), '{ "epoch": 3,');
    const machine = new FakeMachine();
    await expect(start({ processes: machine })).rejects.toThrow(
      /0000000003.json: expected a claim, found: .*--take-over/,
    );
    expect((await start({ processes: machine, takeOver: true })).epoch).toBe(4);
  });

  it("of many that start at the same time exactly one goes on", async () => {
    const machine = new FakeMachine();
    for (let pid = 1000; pid < 1040; pid += 1) machine.startTimes.set(pid, "1");
    for (let round = 1; round <= 5; round += 1) {
      const pids = Array.from({ length: 40 }, (_, i) => 1000 + i);
      const starts = await Promise.allSettled(pids.map((pid) => start({ processes: machine, pid })));
      const claims = starts.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      const refusals = starts.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
      expect(claims).toHaveLength(1);
      expect(claims[0]?.epoch).toBe(round);
      expect(await claims[0]?.isCurrent()).toBe(true);
      for (const refusal of refusals)
        expect(String(refusal)).toContain(`one that lives: epoch ${round}: process 10`);
      await claims[0]?.release();
    }
    expect(await readdir(join(workdir, "driver", "claims"))).toHaveLength(5);
  });

  it("of many that take over at the same time each has its own epoch, and only the last is current", async () => {
    const machine = new FakeMachine();
    const takeOver = () => start({ processes: machine, takeOver: true });
    const claims = await Promise.all(Array.from({ length: 12 }, takeOver));
    expect(claims.map((claim) => claim.epoch).sort((a, b) => a - b)).toEqual(claims.map((_, i) => i + 1));
    for (const claim of claims) expect(await claim.isCurrent()).toBe(claim.epoch === claims.length);
  });

  it("the claim is its owner's alone to read", async () => {
    await mkdir(join(workdir, "driver"), { mode: 0o755 });
    await expect(start({ processes: new FakeMachine() })).rejects.toThrow(/mode 755: run {2}chmod 700/);
  });
});

describe("a driver that was replaced", () => {
  it("is not current any more, and its successor is", async () => {
    const machine = new FakeMachine();
    const old = await start({ processes: machine });
    expect(await old.isCurrent()).toBe(true);
    const next = await start({ processes: machine, pid: 200, takeOver: true });
    expect(await old.isCurrent()).toBe(false);
    expect(await next.isCurrent()).toBe(true);
  });

  it("learns it from its own claim, where the next one can't be seen yet", async () => {
    const machine = new FakeMachine();
    const old = await start({ processes: machine });
    await start({ processes: machine, takeOver: true });
    await rm(path(2));
    expect(await old.isCurrent()).toBe(false);
    expect(JSON.parse(await readFile(path(1), "utf8"))).toMatchObject({ replacedBy: 2, released: false });
  });

  it("learns it from the next claim, where its own was not marked", async () => {
    const machine = new FakeMachine();
    const old = await start({ processes: machine });
    const before = await readFile(path(1));
    await start({ processes: machine, takeOver: true });
    await writeFile(path(1), before);
    expect(await old.isCurrent()).toBe(false);
  });

  it("learns it later, where its successor died before it could tell", async () => {
    const machine = new FakeMachine();
    await start({ processes: machine });
    const unmarked = await readFile(path(1));
    await start({ processes: machine, takeOver: true });
    await writeFile(path(1), unmarked);
    await start({ processes: machine, takeOver: true });
    expect(JSON.parse(await readFile(path(1), "utf8"))).toMatchObject({ replacedBy: 3 });
  });

  it("releases nothing", async () => {
    const machine = new FakeMachine();
    const old = await start({ processes: machine });
    await start({ processes: machine, pid: 200, takeOver: true });
    await old.release();
    expect(JSON.parse(await readFile(path(1), "utf8"))).toMatchObject({ released: false });
    await expect(start({ processes: machine })).rejects.toThrow("one that lives: epoch 2: process 200");
  });

  it("is not current where the workdir was removed, or made anew by others", async () => {
    const machine = new FakeMachine();
    const old = await start({ processes: machine });
    await rm(join(workdir, "driver"), { recursive: true });
    expect(await old.isCurrent()).toBe(false);
    await start({ processes: machine });
    expect(await old.isCurrent()).toBe(false);
  });

  it("is told nothing where its claim can't be read", async () => {
    const old = await start({ processes: new FakeMachine() });
    await writeFile(path(1), "");
    await expect(old.isCurrent()).rejects.toThrow(/0000000001.json: expected a claim, found: /);
  });
});

describe("this machine", () => {
  it("a second driver of this very process is refused", async () => {
    await start({ pid: process.pid });
    await expect(start({ pid: process.pid })).rejects.toThrow("found one that lives");
  });
});
