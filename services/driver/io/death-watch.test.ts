// An engine on a journal of the test's, an actor whose stream broke, and a machine and a Slurm that say what a test wants.

import { describe, expect, onTestFinished, test } from "vitest";
import type { ProcessFacts } from "../../shared/core/peer-message.js";
import { silentLogger, type Logger } from "../../shared/io/logger.js";
import type { Processes } from "../../shared/io/process-identity.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { DeathWatch, type LostPeer } from "./death-watch.js";
import { slurmJobsIn } from "./slurm-jobs.js";
import { anEngine, started, type RunningEngine } from "./testing.js";

const here: Processes = {
  bootId: () => "boot 1",
  namespace: () => "pid:[1]",
  startTimeOf: (pid) => (pid === 100 ? "5000" : undefined),
};
const living: ProcessFacts = {
  ...{ bootId: "boot 1", namespace: "pid:[1]", pid: 100, startTime: "5000" },
  ...{ slurmCluster: "c", slurmJob: "12", slurmNode: "n2" },
};
const elsewhere: ProcessFacts = { ...living, bootId: "boot 2" };

interface World extends RunningEngine {
  readonly watch: DeathWatch;
  /** Jobs of each call of squeue. */
  readonly asked: (readonly string[])[];
  readonly warnings: string[];
  readonly peer: (process: ProcessFacts, actor?: number) => LostPeer;
  /** A look at a peer whose process is this one, or why nothing came of it. */
  readonly lookAt: (process: ProcessFacts) => Promise<void>;
}

/** A driver that runs in Slurm job 10, with an actor that is away. Slurm answers with a text, or not. */
async function aWorld(squeue?: string): Promise<World> {
  const test = await started(anEngine());
  const { engine } = test;
  const asked: (readonly string[])[] = [];
  const warnings: string[] = [];
  const log: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
  const watch = new DeathWatch({
    read: (question) => engine.read(question),
    post: (command) => engine.post(command),
    log,
    takeIn: () => Promise.resolve(),
    slurm: { slurmCluster: "c", slurmJob: "10", slurmNode: "n1" },
    askSlurm: (jobs) => {
      asked.push(jobs);
      return squeue === undefined
        ? Promise.reject(new Error("no answer"))
        : Promise.resolve(slurmJobsIn(squeue));
    },
    processes: here,
  });
  onTestFinished(async () => {
    watch.stop();
    engine.close();
    await test.running.catch(() => undefined);
  });
  engine.post({ kind: "submit-job", reply: 1, requestId: "a", spec: aSpec() });
  join(test, 1);
  engine.post({ kind: "raise-demand", stream: 1, credit: 1 });
  await told(); // Ranges are granted at the end of a turn.
  engine.post({ kind: "detach-stream", stream: 1 });
  await told();
  const peer = (process: ProcessFacts, actor = 1): LostPeer => ({ stream: actor, ...whoIs(actor), process });
  const lookAt = async (process: ProcessFacts): Promise<void> => {
    watch.watch(peer(process));
    await watch.look();
    await told();
  };
  return { ...test, watch, asked, warnings, peer, lookAt };
}

function whoIs(actor: number) {
  return { role: "actor", name: `actor${actor}`, incarnation: "first", node: "node-1" } as const;
}

function join({ engine }: RunningEngine, stream: number, actor = 1): void {
  const who = { ...whoIs(actor), slots: 1 };
  const hello = { ...who, labels: {}, ranges: [], merges: [], allocationEndsAtMs: undefined };
  engine.post({ kind: "open-session", stream, hello });
}

/** Until all that was posted is committed: nothing in it waits for the world. */
function told(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("a session whose stream broke", () => {
  test.each([
    ["is no more", { ...living, pid: 200 }],
    ["is another one by its number", { ...living, startTime: "1" }],
  ])("ends at once when its process %s on this machine", async (_, process) => {
    const world = await aWorld();
    await world.lookAt(process);
    expect(world.farm.sessions.size).toBe(0);
  });

  test.each([
    ["lives", living],
    ["is of another boot, or machine", { ...elsewhere, slurmJob: "" }],
    ["is of another namespace", { ...living, pid: 200, namespace: "pid:[2]", slurmJob: "" }],
  ])("stays when its process %s (W1)", async (_, process) => {
    const world = await aWorld();
    await world.lookAt(process);
    expect(world.farm.sessions.size).toBe(1);
  });

  test.each([
    ["10|10|RUNNING|n1\n12|12|NODE_FAIL|n2", 1],
    ["10|10|RUNNING|n1\n12|12|TIMEOUT|n2", 0],
    ["10|10|RUNNING|n1\n12|12|RUNNING|n[3-4]", 1],
  ])(
    "ends when Slurm says %j, and what ran is suspected only where a node was lost",
    async (squeue, suspected) => {
      const world = await aWorld(squeue);
      await world.lookAt(elsewhere);
      expect(world.asked).toEqual([["10", "12"]]);
      expect(world.farm.sessions.size).toBe(0);
      const facts = world.journal.commits.flat();
      expect(facts.filter(({ kind }) => kind === "ranges-suspected")).toHaveLength(suspected);
    },
  );

  test.each([
    ["its node is still in its job", "12|12|RUNNING|n[1-2]", elsewhere],
    ["Slurm does not know its job", "10|10|RUNNING|n1", elsewhere],
    ["its job is another cluster's", "12|12|TIMEOUT|n2", { ...elsewhere, slurmCluster: "d" }],
    ["what it calls its job is no number", "12|12|TIMEOUT|n2", { ...elsewhere, slurmJob: "--all" }],
    ["it does not know its node", "12|12|RUNNING|n3", { ...elsewhere, slurmNode: "" }],
  ])("stays when %s (W1)", async (_, squeue, process) => {
    const world = await aWorld(squeue);
    await world.lookAt(process);
    expect(world.farm.sessions.size).toBe(1);
  });

  test("stays when Slurm does not answer, which is told (W1)", async () => {
    const world = await aWorld();
    await world.lookAt(elsewhere);
    expect(world.farm.sessions.size).toBe(1);
    expect(world.warnings).toEqual([expect.stringContaining("Slurm does not tell")]);
  });

  test("stays when its process is back, and is not watched any more (W4)", async () => {
    const world = await aWorld("12|12|TIMEOUT|n2");
    join(world, 2);
    await told();
    await world.lookAt(elsewhere);
    expect(world.farm.sessions.size).toBe(1);
    expect(world.asked).toEqual([]);
  });

  test("Slurm is asked once for all that are away (W2)", async () => {
    const world = await aWorld("10|10|RUNNING|n1");
    world.watch.watch(world.peer(elsewhere));
    await Promise.all([world.watch.look(), world.watch.look()]);
    expect(world.asked).toHaveLength(1);
  });

  test("of many Slurm jobs some are asked after at once, and the others when nothing is left of these (P7)", async () => {
    const world = await aWorld();
    const actors = Array.from({ length: 70 }, (_, i) => i + 2);
    for (const actor of actors) {
      join(world, actor, actor);
      world.engine.post({ kind: "detach-stream", stream: actor });
      world.watch.watch(world.peer({ ...elsewhere, slurmJob: String(100 + actor) }, actor));
    }
    await told();
    await world.watch.look();
    expect(world.asked[0]).toHaveLength(1 + 64);
    for (const actor of actors.slice(0, 64)) join(world, 100 + actor, actor);
    await told();
    await world.watch.look();
    expect(world.asked[1]).toEqual(["10", ...actors.slice(64).map((actor) => String(100 + actor))]);
  });
});
