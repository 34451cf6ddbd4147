import { access, readFile, rm, writeFile } from "node:fs/promises";
import { afterEach, expect, test, vi } from "vitest";
import type { MergeTool } from "../../shared/core/job-spec.js";
import { seededRng } from "../../shared/core/rng.js";
import { spansOf } from "../../shared/core/spans.js";
import { silentLogger } from "../../shared/io/logger.js";
import { runInProcessGroup } from "../../shared/io/process-group.js";
import { systemClock } from "../../shared/io/system-clock.js";
import type { ServiceEnd } from "../../shared/io/service-process.js";
import { Agent } from "./agent.js";
import { FakeDriver, type FakeDriverOptions } from "./fake-driver.js";
import { fakeGroup, fakeJob, fakeSpec, fakeWorkdir, pathOf } from "./fake-job.js";

/** A limit against hanging, not a measure of speed. */
const patience = { timeout: 30_000, interval: 5 };
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function startDriver(workdir: string, more: Partial<FakeDriverOptions> = {}): Promise<FakeDriver> {
  const driver = await FakeDriver.start({
    workdir,
    epoch: 1,
    run: "r",
    heartbeatIntervalMs: 60_000,
    ...more,
  });
  closing.push(() => driver.kill());
  return driver;
}

interface Started {
  readonly agent: Agent;
  readonly end: Promise<ServiceEnd>;
  stop(): void;
}

function startAgent(workdir: string, drainGraceMs = 30_000, handInMs = 200): Started {
  const stop = new AbortController();
  const agent = new Agent({
    workdir,
    settings: {
      merger: "m1",
      incarnation: "first",
      node: { name: "node17", cores: 2, labels: {}, process: undefined },
      slots: 2,
      prefetch: 0,
      shortMergeMs: 1_000,
      handInMs,
      welcomeWaitMs: 30_000,
    },
    environment: { PATH: process.env["PATH"] ?? "" },
    graceMs: 5_000,
    runProgram: runInProcessGroup,
    lookAgainMs: 0,
    roomWaitMs: 0,
    drainGraceMs,
    clock: systemClock,
    rng: seededRng(1),
    log: silentLogger,
  });
  const end = agent.run(stop.signal);
  const stopAgent = (): void => stop.abort(new Error("enough"));
  closing.push(() => {
    stopAgent();
    return end.catch(() => undefined);
  });
  return { agent, end, stop: stopAgent };
}

const concat: MergeTool = { kind: "concat" };
const shell = (script: string): MergeTool => ({
  kind: "command",
  command: ["sh", "-c", script, "m", "{inputs}", "{output}"],
});
const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

test("a merger joins, merges what it is lent, reports it, and leaves when it is asked to", async () => {
  const workdir = await fakeWorkdir();
  const driver = await startDriver(workdir);
  driver.openJob(fakeJob, fakeSpec(workdir, concat));
  const groups = [1, 2, 3, 4].map((group) =>
    fakeGroup(workdir, group, [
      [10 * group, `${group}a\n`],
      [10 * group - 5, `${group}b\n`],
    ]),
  );
  for (const group of await Promise.all(groups)) driver.lend(group.lent);
  const { agent, end, stop } = startAgent(workdir);
  await vi.waitUntil(() => driver.reports.length === 4, patience);
  expect(driver.hellos).toMatchObject([{ merger: "m1", epoch: undefined, slots: 2, held: [], more: false }]);
  expect(driver.reports.map(({ report }) => report.kind)).toEqual(["merged", "merged", "merged", "merged"]);
  expect(driver.reports.map(({ merge }) => merge.group).sort()).toEqual([1, 2, 3, 4]);
  const { temporary } = await fakeGroup(workdir, 3, []);
  expect(await readFile(temporary, "utf8")).toBe("3a\n3b\n");
  expect(agent.notReady()).toBeUndefined();
  const metrics = await agent.metrics.registry.metrics();
  expect(metrics).toContain('noctua_merger_merges_total{outcome="merged"} 4');
  expect(metrics).toContain("noctua_merger_merged_bytes_total 24");
  expect(metrics).toContain("noctua_merger_link_up 1");
  stop();
  expect(await end).toEqual({ exit: "drained", reason: "enough; all is handed in" });
  await vi.waitUntil(() => driver.left === 1, patience);
  expect(driver.heard.filter(({ kind }) => kind === "draining")).toHaveLength(1);
});

test("damaged outputs are reported lost, and no file is made", async () => {
  const workdir = await fakeWorkdir();
  const driver = await startDriver(workdir);
  driver.openJob(fakeJob, fakeSpec(workdir, concat));
  const group = await fakeGroup(workdir, 1, [
    [7, "seven"],
    [6, "six"],
    [5, "five"],
  ]);
  await rm(pathOf(group, 7));
  await writeFile(pathOf(group, 6), "s");
  driver.lend(group.lent);
  startAgent(workdir);
  await vi.waitUntil(() => driver.reports.length === 1, patience);
  expect(driver.reports).toMatchObject([
    { report: { kind: "failed", lost: spansOf({ first: 6, count: 2 }) } },
  ]);
  expect(await exists(group.temporary)).toBe(false);
});

test("a merge command that fails is reported with the end of its stderr", async () => {
  const workdir = await fakeWorkdir();
  const driver = await startDriver(workdir);
  driver.openJob(fakeJob, fakeSpec(workdir, shell("echo 'bad basket' >&2; exit 4")));
  driver.lend((await fakeGroup(workdir, 1, [[7, "seven"]])).lent);
  startAgent(workdir);
  await vi.waitUntil(() => driver.reports.length === 1, patience);
  expect(driver.reports[0]?.report).toMatchObject({ failure: { exitCode: 4, stderrTail: "bad basket\n" } });
});

test("a driver that was restarted is told of what runs and of what was not acknowledged (P6)", async () => {
  const workdir = await fakeWorkdir();
  const first = await startDriver(workdir);
  first.acknowledges = false;
  // The second group waits until the test lets it go on.
  const spec = fakeSpec(
    workdir,
    shell('if grep -q 20 "$1"; then while [ ! -e go ]; do sleep 0.02; done; fi; cat "$1" > "$2"'),
  );
  first.openJob(fakeJob, spec);
  first.lend((await fakeGroup(workdir, 1, [[10, "one"]])).lent);
  first.lend((await fakeGroup(workdir, 2, [[19, "two"]])).lent);
  const { agent } = startAgent(workdir);
  await vi.waitUntil(() => first.reports.length === 1, patience);
  first.kill();
  await vi.waitUntil(() => agent.notReady() !== undefined, patience);
  const second = await startDriver(workdir, { epoch: 2 });
  second.openJob(fakeJob, spec);
  await vi.waitUntil(() => second.reports.length === 1, patience);
  expect(second.hellos[0]).toMatchObject({ epoch: 1, incarnation: "first" });
  expect(second.hellos[0]?.held.map(({ group }) => group).sort()).toEqual([1, 2]);
  expect(second.reports).toEqual([{ ...first.reports[0], number: 2 }]);
  await writeFile(`${workdir}/go`, "");
  await vi.waitUntil(() => second.reports.length === 2, patience);
  expect(second.reports[1]).toMatchObject({ merge: { group: 2 }, report: { kind: "merged" } });
});

test("a merge that is revoked is ended, and its temporary goes", async () => {
  const workdir = await fakeWorkdir();
  const driver = await startDriver(workdir);
  driver.openJob(fakeJob, fakeSpec(workdir, shell('echo begun > "$2"; sleep 1000')));
  const group = await fakeGroup(workdir, 1, [[10, "one"]]);
  driver.lend(group.lent);
  const { agent } = startAgent(workdir);
  await vi.waitUntil(() => exists(group.temporary), patience);
  driver.say({ kind: "revoke", merges: [group.lent.merge] });
  await vi.waitUntil(async () => !(await exists(group.temporary)), patience);
  await vi.waitUntil(
    async () => (await agent.metrics.registry.metrics()).includes('merges_total{outcome="aborted"} 1'),
    patience,
  );
  expect(driver.reports).toEqual([]);
});

test("who is asked to stop hands back what runs longer than the grace", async () => {
  const workdir = await fakeWorkdir();
  const driver = await startDriver(workdir);
  driver.openJob(fakeJob, fakeSpec(workdir, shell('echo begun > "$2"; sleep 1000')));
  const group = await fakeGroup(workdir, 1, [[10, "one"]]);
  driver.lend(group.lent);
  const { end, stop } = startAgent(workdir, 0, 20_000);
  await vi.waitUntil(() => exists(group.temporary), patience);
  stop();
  expect((await end).exit).toBe("drained");
  expect(driver.reports).toMatchObject([{ report: { kind: "returned", reason: "enough" } }]);
  expect(await exists(group.temporary)).toBe(false);
});

test("without a driver a merger waits, says why, and leaves when it is asked to", async () => {
  const { agent, end, stop } = startAgent(await fakeWorkdir());
  expect(agent.notReady()).toBe("there is no session with the driver: the driver has not been reached yet");
  stop();
  expect((await end).exit).toBe("drained");
});

test("results that nobody acknowledges hold up the end only so long (P10)", async () => {
  const workdir = await fakeWorkdir();
  const driver = await startDriver(workdir);
  driver.acknowledges = false;
  driver.openJob(fakeJob, fakeSpec(workdir, concat));
  driver.lend((await fakeGroup(workdir, 1, [[10, "one"]])).lent);
  const { end, stop } = startAgent(workdir, 0);
  await vi.waitUntil(() => driver.reports.length === 1, patience);
  stop();
  const reason = "enough; no driver has acknowledged 1 merge group that it holds";
  expect(await end).toEqual({ exit: "left-behind", reason });
});

test("a merger that was fenced ends, and its merges with it", async () => {
  const workdir = await fakeWorkdir();
  const driver = await startDriver(workdir);
  driver.openJob(fakeJob, fakeSpec(workdir, shell('echo begun > "$2"; sleep 1000')));
  const group = await fakeGroup(workdir, 1, [[10, "one"]]);
  driver.lend(group.lent);
  const { end } = startAgent(workdir);
  await vi.waitUntil(() => exists(group.temporary), patience);
  driver.fence("another process joined as merger m1");
  expect(await end).toEqual({
    exit: "fenced",
    reason: "FAILED_PRECONDITION: another process joined as merger m1",
  });
  expect(await exists(group.temporary)).toBe(false);
});

test("a merger that has nothing to say says that it lives", async () => {
  const workdir = await fakeWorkdir();
  const driver = await startDriver(workdir, { heartbeatIntervalMs: 20 });
  startAgent(workdir);
  await vi.waitUntil(() => driver.heard.filter(({ kind }) => kind === "demand").length >= 3, patience);
  expect(new Set(driver.heard.map(({ kind }) => kind))).toEqual(new Set(["hello", "demand"]));
});
