import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { readAddress } from "../../shared/io/address-file.js";
import { reportFilesOf, reportOf } from "../core/testing.js";
import { exitCodes } from "../io/cli-error.js";
import type { FakeBooks, FakeDriver } from "../io/wire-fake-driver.js";
import { run, type RunOptions } from "./run.js";
import { capturedTerminal, fakeRun, type Captured, type JobFolder } from "./testing.js";

// The services' processes are small scripts that note their start and their end in a file. The driver's JobService is
// the fake one, in this process; the driver's script writes its own pid into the address, as the driver does.

let place: JobFolder;
let captured: Captured;
let books: FakeBooks;
let driver: FakeDriver;
let stop: AbortController;

beforeEach(async () => {
  ({ place, captured, books, driver } = await fakeRun(1));
  stop = new AbortController();
  await writeFile(script(), serviceScript);
});

const serviceScript = `
import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
const [, , service, , workdir, ...options] = process.argv;
const note = (text) => appendFileSync(workdir + "/history", service + " " + text + "\\n");
process.on("SIGTERM", () => { note("stopped"); process.exit(0); });
setInterval(() => {}, 1000);
if (service === "driver") {
  const path = workdir + "/driver/address.json";
  const address = { ...JSON.parse(readFileSync(path, "utf8")), pid: process.pid };
  writeFileSync(path + ".tmp", JSON.stringify(address), { mode: 0o600 });
  renameSync(path + ".tmp", path);
}
note(["started", ...options].join(" "));
note("pid " + process.pid);
`;

function script(): string {
  return join(place.folder, "service.mjs");
}

function runJob(changes: Partial<RunOptions> = {}): Promise<number> {
  const options: RunOptions = {
    jobFile: place.jobFile,
    workdir: place.workdir,
    config: undefined,
    slots: 3,
    mergers: 1,
    output: "text",
    serviceCommand: (service) => [process.execPath, script(), service],
    env: process.env,
    ...changes,
  };
  return run(options, captured.terminal, stop.signal);
}

async function history(): Promise<readonly string[]> {
  const path = join(place.workdir, "history");
  if (!existsSync(path)) return [];
  return (await readFile(path, "utf8")).trim().split("\n");
}

/** Until a line of the history is as expected. */
async function untilNoted(pattern: RegExp, times = 1): Promise<readonly string[]> {
  const matching = async (): Promise<readonly string[]> =>
    (await history()).filter((line) => pattern.test(line));
  await expect
    .poll(async () => (await matching()).length, { timeout: 30_000, interval: 10 })
    .toBeGreaterThanOrEqual(times);
  return matching();
}

async function endJob(): Promise<void> {
  await untilNoted(/^merger pid/);
  await untilNoted(/^actor pid/);
  await mkdir(join(place.workdir, "jobs/1"), { recursive: true });
  for (const [name, text] of reportFilesOf(reportOf()))
    await writeFile(join(place.workdir, "jobs/1", name), text);
  driver.change(1, { state: "finished", ranges: { ready: 0, held: 0, done: 0, merged: 20, failed: 0 } });
}

async function expectNobodyLeft(): Promise<void> {
  const pids = (await history()).flatMap((line) => /pid (\d+)/.exec(line)?.slice(1).map(Number) ?? []);
  expect(pids.length).toBeGreaterThan(0);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
}

describe("run", () => {
  it("starts the services, submits the job, reports, and stops them in order", async () => {
    const running = runJob();
    await endJob();
    expect(await running).toBe(exitCodes.ok);
    expect([...books.requests.keys()]).toEqual(["run"]);
    expect(captured.stderr()).toMatch(/noctua: begins job 1, drell-yan: 20 ranges of 2 inputs, in /);
    expect(captured.stdout()).toMatch(
      /^job 1 drell-yan: finished after .*\n {2}20 of 20 events in 2 merged files/,
    );
    const lines = await history();
    expect(lines[0]).toMatch(/^driver started$/);
    expect(lines).toContainEqual(expect.stringMatching(/^actor started --slots 3 --grace 5s$/));
    expect(lines).toContain("merger started --grace 5s"); // What runs has less time than a service has before it is ended.
    expect(lines.slice(-3).sort()).toEqual(["actor stopped", "driver stopped", "merger stopped"]);
    expect(lines.at(-1)).toBe("driver stopped");
    await expectNobodyLeft();
  });

  it("goes on with the job that it began, and starts nobody for one that is over", async () => {
    const running = runJob();
    await endJob();
    await running;
    captured = capturedTerminal();
    expect(await runJob()).toBe(exitCodes.ok);
    expect(captured.stderr()).toMatch(/goes on with job 1/);
    expect((await history()).filter((line) => line.startsWith("actor started"))).toHaveLength(1);
    expect(books.jobs).toHaveLength(1);
  });

  it("is refused when the input has changed, and names the difference", async () => {
    const running = runJob();
    await endJob();
    await running;
    await writeFile(join(place.folder, "1.lhe"), "changed events");
    await expect(runJob()).rejects.toMatchObject({
      exitCode: exitCodes.usage,
      message: expect.stringContaining("spec.name differs"),
    });
    await expectNobodyLeft();
  });

  it("starts as many mergers as it is told to, each under a name and with a log of its own", async () => {
    const running = runJob({ mergers: 2 });
    await untilNoted(/^merger pid/, 2);
    const names = await untilNoted(/^merger started/, 2);
    expect(names.map((line) => /--name \S+-(merger\d)/.exec(line)?.[1]).sort()).toEqual([
      "merger1",
      "merger2",
    ]);
    expect(existsSync(join(place.workdir, "logs/merger2.log"))).toBe(true);
    await endJob();
    expect(await running).toBe(exitCodes.ok);
  });

  it("starts a killed service again, with a line that says so, and the job goes on", async () => {
    const running = runJob();
    const [line = ""] = await untilNoted(/^actor pid/);
    process.kill(Number(line.split(" ").at(-1)), "SIGKILL");
    await untilNoted(/^actor pid/, 2);
    expect(captured.stderr()).toMatch(/noctua: actor was ended by SIGKILL; starting it again in/);
    await endJob();
    expect(await running).toBe(exitCodes.ok);
    await expectNobodyLeft();
  });

  it("ends when its actor has left, and says how to go on", async () => {
    const running = runJob();
    const [line = ""] = await untilNoted(/^actor pid/);
    process.kill(Number(line.split(" ").at(-1)), "SIGTERM");
    expect(await running).toBe(exitCodes.notOver);
    expect(captured.stderr()).toMatch(/the actor has left, since .*actor\.log/);
    expect(captured.stderr()).toMatch(/not over, and the same command goes on with it/);
    await expectNobodyLeft();
  });

  it("stops everybody when it is told to, and says how to go on", async () => {
    const running = runJob();
    await untilNoted(/^merger pid/);
    await untilNoted(/^actor pid/);
    stop.abort();
    expect(await running).toBe(exitCodes.notOver);
    expect(captured.stderr()).toMatch(/not over, and the same command goes on with it/);
    expect(captured.stderr()).toMatch(
      /noctua: stopped; actor and mergers took \d\.\d s, the driver \d\.\d s\n/,
    );
    expect((await history()).at(-1)).toBe("driver stopped");
    await expectNobodyLeft();
  });

  it("ends with the driver's own words when the driver refuses to start", async () => {
    const refuses = "console.error('another driver holds the workdir: pid 7'); process.exit(69)";
    const serviceCommand = () => [process.execPath, "-e", refuses, "--"];
    await expect(runJob({ serviceCommand })).rejects.toMatchObject({
      exitCode: exitCodes.driverUnavailable,
      message: expect.stringMatching(
        /^driver ended with exit code 69.*driver\.log\n {2}\| another driver holds .*pid 7$/,
      ),
    });
  });

  it("says what is wrong with the job file before it starts anybody", async () => {
    await writeFile(place.jobFile, "name: x");
    await expect(runJob()).rejects.toThrow("the job file has 2 mistakes");
    expect(await history()).toEqual([]);
    expect(await readAddress(place.workdir)).toMatchObject({ pid: 1 });
  });
});
