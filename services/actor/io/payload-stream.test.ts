// Real processes that live for many ranges.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { present } from "../../shared/core/assert.js";
import { jobNumber } from "../../shared/core/id.js";
import { noNeeds } from "../../shared/core/payload-needs.js";
import { isThere, removeFolders, threadsOf, until } from "./testing.js";
import { aNode, closeNodes } from "./testing-stream-node.js";

afterEach(closeNodes);
afterAll(removeFolders);

const made = { kind: "made", wallMs: expect.any(Number) };

test("how far a range is, is told, and not believed beyond what it has", async () => {
  const node = await aNode();
  expect(await node.run(0, 1, { does: ["progress=0.5"] })).toEqual(made);
  expect(await node.run(1, 2, { job: 2, does: ["progress=1e9"] })).toEqual(made);
  expect(node.progress).toEqual([0, 1]);
});

test("a process is begun once, and told what it is for; it sees what was passed on purpose", async () => {
  const node = await aNode();
  const does = [`opened=${node.folder}/opened`];
  for (const first of [1, 2, 3]) expect(await node.run(0, first, { does })).toEqual(made);
  expect(node.pids).toHaveLength(1);
  expect(await node.madeBy(3)).toEqual([String(node.pids[0]), "0"]);
  const opened: unknown = JSON.parse(await readFile(join(node.folder, "opened"), "utf8"));
  const scratch = join(node.folder, "stream1");
  expect(opened).toEqual({
    word: { type: "open", protocol: 1, job: 1, name: "drell-yan", slots: 1, jobDir: "/the/job", scratch },
    environment: {
      PATH: "/usr/bin:/bin",
      TMPDIR: scratch,
      NOCTUA_JOB: "1",
      NOCTUA_SLOT: "1",
      NOCTUA_SLOTS: "1",
      NOCTUA_CORES: "1",
      ...threadsOf("1"),
      NOCTUA_IN_FD: "3",
      NOCTUA_OUT_FD: "4",
    },
    cwd: scratch,
  });
  await node.logs.flush();
  const log = await readFile(join(node.folder, "jobs/1/logs/node-1/slot1.log"), "utf8");
  for (const first of [1, 2, 3]) expect(log).toMatch(`event ${first}\n`);
});

test("one process may have many slots, and another begins where its slots end", async () => {
  const node = await aNode();
  const changes = { slotsPerProcess: 3 };
  await Promise.all([0, 1, 2, 3].map((slot) => node.run(slot, slot + 1, changes)));
  expect(node.pids).toHaveLength(2);
  const [one, two, three, four] = await Promise.all([1, 2, 3, 4].map((first) => node.madeBy(first)));
  expect([one?.[1], two?.[1], three?.[1], four?.[1]]).toEqual(["0", "1", "2", "0"]);
  expect(new Set([one?.[0], two?.[0], three?.[0]]).size).toBe(1);
  expect(four?.[0]).not.toBe(one?.[0]);
});

test("ranges that are handed over ahead are processed in their order, by the next process if this one dies", async () => {
  const node = await aNode();
  const does = ["crash=2"];
  const ends = await Promise.all([1, 2, 3, 4].map((first) => node.run(0, first, { does })));
  expect(ends.map(({ kind }) => kind)).toEqual(["made", "failure", "made", "made"]);
  expect(node.begun).toEqual([1, 2, 3, 4]);
  expect(node.pids).toHaveLength(2);
});

test("what is taken back before its process begins it ends at once, and what that makes of it is removed", async () => {
  const node = await aNode();
  const does = [`go=${node.folder}/go`, "stubborn="];
  const first = node.run(0, 1, { does });
  const ahead = node.start(0, 2, { does });
  await until(() => isThere(node.output(2))); // It does not know what it may do.
  node.payloads.recall(ahead.run);
  expect(await ahead.end).toEqual({ kind: "aborted" });
  await writeFile(join(node.folder, "go"), "");
  expect(await first).toEqual(made);
  await until(async () => !(await isThere(node.output(2))));
  expect(await node.run(0, 3, { does })).toEqual(made);
  expect(node.pids).toHaveLength(1);
  expect(node.begun).toEqual([1, 3]);
});

test("what leaves more in its process' folder than a range may take has failed, and the next process has a new one", async () => {
  const node = await aNode();
  const changes = { needs: { ...noNeeds, scratchBytesMax: 1_000_000 }, does: ["litter=1"] };
  const [one, two] = await Promise.all([1, 2].map((first) => node.run(0, first, changes)));
  expect(one).toMatchObject({
    failure: { class: "event", message: expect.stringMatching(/at most 1MB .*stream1/) as unknown },
  });
  expect(["made", "suspect"]).toContain(two?.kind);
  expect(await node.run(0, 3, changes)).toEqual(made);
  expect(node.pids).toHaveLength(2);
});

test("a process that dies fails its range with its last words, and the next range gets a new one", async () => {
  const node = await aNode();
  const does = ["crash=2"];
  expect(await node.run(0, 1, { does })).toEqual(made);
  expect(await node.run(0, 2, { does })).toMatchObject({
    kind: "failure",
    failure: { class: "transient", exitCode: 3, stderrTail: "no such cell\n" },
  });
  expect(await node.run(0, 3, { does })).toEqual(made);
  expect(node.pids).toHaveLength(2);
});

test("of a process with many slots that dies all ranges are suspects, and no other process is touched", async () => {
  const node = await aNode();
  const changes = { slotsPerProcess: 2, does: ["crash=2", `go=${node.folder}/go`] };
  const ends = [0, 2, 3].map((slot) => node.run(slot, 10 + slot, changes));
  await until(() => node.begun.length === 3);
  expect(await node.run(1, 2, changes)).toEqual({ kind: "suspect" });
  expect(await ends[0]).toEqual({ kind: "suspect" });
  await writeFile(join(node.folder, "go"), "");
  expect(await Promise.all(ends.slice(1))).toEqual([made, made]);
});

test("a range that is to be alone has a process of its own, which ends with it", async () => {
  const node = await aNode();
  const does = [`go=${node.folder}/go`];
  const beside = node.run(0, 1, { slotsPerProcess: 4, does });
  expect(await node.run(1, 2, { slotsPerProcess: 4, alone: true, does: ["crash=2"] })).toMatchObject({
    kind: "failure",
    failure: { exitCode: 3 },
  });
  await writeFile(join(node.folder, "go"), "");
  expect(await beside).toEqual(made);
});

test("a range that takes too long fails, and its process is ended even when it does not listen", async () => {
  const node = await aNode();
  expect(await node.run(0, 1, { does: ["hang=1", "deaf"], timeoutMs: 300 })).toMatchObject({
    kind: "failure",
    failure: {
      class: "event",
      message: "expected the payload to end within 0.3 s, and ended it after that",
    },
  });
});

test.each([
  ["mumble=1", /broke its protocol: expected a JSON object on each line, found "working on it"/],
  ["lie=1", /broke its protocol: expected the id of a range that it was given .* found "77.77"/],
])("a process that talks nonsense is ended, and the failure says what it said: %s", async (what, message) => {
  const node = await aNode();
  const end = await node.run(0, 1, { does: [what] });
  expect(end).toMatchObject({ kind: "failure", failure: { message: expect.stringMatching(message) } });
  expect(await node.run(0, 2, { does: [what] })).toEqual(made);
});

test("a failure that the payload tells of ends its range only", async () => {
  const node = await aNode();
  const does = ["fail=1"];
  const failure = { class: "event", message: "bad event" };
  expect(await node.run(0, 1, { does })).toMatchObject({ kind: "failure", failure });
  expect(await node.run(0, 2, { does })).toEqual(made);
  expect(node.pids).toHaveLength(1);
});

test("no range waits for ever for a program that is not there, or never ready", async () => {
  const node = await aNode();
  expect(await node.run(0, 1, { command: ["/no/such/program"] })).toMatchObject({
    kind: "failure",
    failure: { class: "fatal", message: /no such program/ },
  });
  expect(await node.run(1, 2, { job: 2, does: ["mute"], startTimeoutMs: 100 })).toMatchObject({
    kind: "failure",
    failure: {
      class: "node",
      message: "expected the payload to be ready within 0.1 s, and ended it after that",
    },
  });
});

test("what is no longer wanted is given up, and its process lives on", async () => {
  const node = await aNode();
  const stop = new AbortController();
  const end = node.run(0, 1, { does: ["hang=1"] }, stop.signal);
  await until(() => node.begun.length === 1);
  stop.abort();
  expect(await end).toEqual({ kind: "aborted" });
  expect(await node.run(0, 2, { does: ["hang=1"] })).toEqual(made);
  expect(node.pids).toHaveLength(1);
});

test("a process that goes on with what is no longer wanted is ended", async () => {
  const node = await aNode();
  const stop = new AbortController();
  const end = node.run(0, 1, { does: ["hang=1", "stubborn"] }, stop.signal);
  await until(() => node.begun.length === 1);
  stop.abort();
  expect(await end).toEqual({ kind: "aborted" });
});

test("when another job needs the slot its process is told to stop, and so when its job is over", async () => {
  const node = await aNode();
  await node.run(0, 1, { job: 1 });
  await node.run(0, 2, { job: 2 });
  await until(() => isGone(node.pids[0]));
  node.payloads.endJob(jobNumber(2));
  await until(() => isGone(node.pids[1]));
  await until(async () => !(await isThere(join(node.folder, "stream2"))));
});

test("nothing is left when all is closed, whether it listens or not", async () => {
  const node = await aNode();
  await node.run(0, 1, { does: ["deaf"] });
  const running = node.run(1, 2, { does: ["hang=2"] });
  await until(() => node.begun.length === 2);
  await node.payloads.close();
  expect(await running).toEqual({ kind: "aborted" });
  expect(node.pids.map(isGone)).toEqual([true, true]);
});

function isGone(pid: number | undefined): boolean {
  try {
    process.kill(present(pid, "pid"), 0);
    return false;
  } catch {
    return true;
  }
}
