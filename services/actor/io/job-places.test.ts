// What is done on a node before the first range of a job, with real processes.

import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { noNeeds, type PayloadNeeds } from "../../shared/core/payload-needs.js";
import { silentLogger } from "../../shared/io/logger.js";
import { runInProcessGroup } from "../../shared/io/process-group.js";
import { systemClock } from "../../shared/io/system-clock.js";
import { heldRange, job1, specOf } from "../core/testing.js";
import { JobPlaces } from "./job-places.js";
import type { PayloadEnd, PayloadRun } from "./payload.js";
import { SlotLogs } from "./slot-log.js";
import { isThere, newFolder, removeFolders, until } from "./testing.js";
import { aRun, endOfRun } from "./testing-run.js";

afterAll(removeFolders);

const made = { kind: "made", wallMs: 1 } as const;

/** A node whose payloads make what they are to make, and note what they were given. */
class Node {
  readonly folder: string;
  readonly places: JobPlaces;
  readonly logs: SlotLogs;
  readonly runs: PayloadRun[] = [];

  constructor(folder: string) {
    this.folder = folder;
    const options = { workdir: folder, actor: "node-1", node: "n1", clock: systemClock, log: silentLogger };
    this.logs = new SlotLogs(options);
    const inner = {
      start: (run: PayloadRun): void => {
        this.runs.push(run);
        run.onEnd(made);
      },
      abort: () => undefined,
      recall: () => undefined,
      endJob: () => undefined,
      close: () => Promise.resolve(),
    };
    this.places = new JobPlaces(inner, {
      slots: 4,
      cpus: [0],
      scratchBytesMin: 0,
      environment: { PATH: process.env["PATH"] },
      graceMs: 200,
      logs: this.logs,
      runProgram: runInProcessGroup,
      log: silentLogger,
      scratch: {
        runFolder: async (name) => {
          await mkdir(join(folder, name));
          return join(folder, name);
        },
      },
    });
  }

  async run(range: number, needs: Partial<PayloadNeeds>, signal?: AbortSignal): Promise<PayloadEnd> {
    const path = join(this.folder, "events.lhe");
    const { size, mtimeMs } = await stat(path);
    const place = { path, firstEvent: 1, events: 10, guid: "", scope: "" };
    const payload = { ...specOf().payload, needs: { ...noNeeds, ...needs } };
    const run = aRun({
      slot: range,
      held: heldRange(1, range),
      spec: specOf({ payload, jobDir: this.folder }),
      input: { ...place, sizeBytes: size, modifiedUnixMs: Math.floor(mtimeMs) },
      folder: this.folder,
    });
    return endOfRun(this.places, run, signal);
  }
}

async function aNode(): Promise<Node> {
  const folder = await newFolder();
  await writeFile(join(folder, "events.lhe"), "events");
  return new Node(folder);
}

const shell = (script: string, timeoutMs = 60_000) => ({
  setup: { command: ["/bin/sh", "-c", script, "sh", "{jobDir}"], timeoutMs },
});

test("a job that asks for nothing has no folder (P1)", async () => {
  const node = await aNode();
  expect(await node.run(1, {})).toBe(made);
  expect(await readdir(node.folder)).toEqual(["events.lhe"]);
});

test("the setup command runs once, before any range, and its folder is the payload's too", async () => {
  const node = await aNode();
  const setup = shell('echo once >> "$1/times"; echo "$NOCTUA_JOB" > "$NOCTUA_JOB_SCRATCH/made"; echo hello');
  expect(await Promise.all([1, 2, 3].map((range) => node.run(range, setup)))).toEqual([made, made, made]);
  expect(await readFile(join(node.folder, "times"), "utf8")).toBe("once\n");
  const scratch = node.runs.map(({ prepared }) => prepared.jobScratch);
  expect(new Set(scratch)).toEqual(new Set([join(node.folder, "job1.1")]));
  expect(await readFile(join(scratch[0] ?? "", "made"), "utf8")).toBe("1\n");
  await node.logs.flush();
  expect(await readFile(join(node.folder, "jobs/1/logs/node-1/setup.log"), "utf8")).toMatch(/^.*hello$/m);
});

test("when it fails, those that wait fail on this node, with its last words; the next range has it run again", async () => {
  const node = await aNode();
  const setup = shell('test -e "$1/mended" || { echo no calibration >&2; exit 3; }');
  const failure = { class: "node", exitCode: 3, stderrTail: "no calibration\n" };
  for (const end of await Promise.all([1, 2].map((range) => node.run(range, setup))))
    expect(end).toMatchObject({ kind: "failure", failure });
  expect(node.runs).toEqual([]);
  await writeFile(join(node.folder, "mended"), "");
  expect(await node.run(3, setup)).toBe(made);
});

test("a setup command that is no program is nobody's fault but the job's; one that takes too long is ended", async () => {
  const missing = { setup: { command: ["no-such-program"], timeoutMs: 60_000 } };
  expect(await (await aNode()).run(1, missing)).toMatchObject({
    failure: {
      class: "fatal",
      message: expect.stringMatching(/^the setup command .*no-such-program/) as unknown,
    },
  });
  expect(await (await aNode()).run(1, shell("sleep 1000", 100))).toMatchObject({
    failure: {
      class: "node",
      message: expect.stringMatching(/setup command to end within 0.1 s/) as unknown,
    },
  });
});

test("a range that is no longer wanted does not wait for the setup, which goes on for the others (P2)", async () => {
  const node = await aNode();
  const setup = shell('echo > "$1/begun"; until test -e "$1/go"; do sleep 0.02; done');
  const abort = new AbortController();
  const [one, two] = [node.run(1, setup, abort.signal), node.run(2, setup)];
  await until(() => isThere(join(node.folder, "begun")));
  abort.abort();
  expect(await one).toEqual({ kind: "aborted" });
  await writeFile(join(node.folder, "go"), "");
  expect(await two).toBe(made);
});

test("the payload gets a copy of its input, and all goes when the job is over (P3)", async () => {
  const node = await aNode();
  expect(await node.run(1, { stageIn: true })).toBe(made);
  expect(node.runs[0]?.input.path).toBe(join(node.folder, "events.lhe"));
  const copy = node.runs[0]?.prepared.inputCopy ?? "";
  expect(copy).toBe(join(node.folder, "job1.1/inputs/1/events.lhe"));
  expect(await readFile(copy, "utf8")).toBe("events");
  node.places.endJob(jobNumber(2));
  node.places.endJob(job1);
  expect(await node.run(2, { stageIn: true })).toBe(made); // Told to go on after all: it has another.
  expect(node.runs[1]?.prepared.inputCopy).toBe(join(node.folder, "job1.2/inputs/1/events.lhe"));
  await node.places.close();
  expect(await readdir(node.folder)).toEqual(["events.lhe"]);
});

test("a setup that runs when the actor ends is ended with it", async () => {
  const node = await aNode();
  const running = node.run(1, shell('echo $$ > "$1/pid"; sleep 1000'));
  await until(() => isThere(join(node.folder, "pid")));
  await node.places.close();
  expect(await running).toMatchObject({ kind: "failure", failure: { class: "node" } });
});
