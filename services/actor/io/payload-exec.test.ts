import { mkdtemp, readFile, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Failure } from "../../shared/core/failure.js";
import { silentLogger } from "../../shared/io/logger.js";
import { heldRange, specOf } from "../core/testing.js";
import { usableCpus } from "./node-cpus.js";
import { execPayload } from "./payload-exec.js";
import type { PayloadEnd, PayloadRun } from "./payload.js";
import { identityOf } from "../../shared/io/process-identity.js";
import { systemClock } from "../../shared/io/system-clock.js";
import { SlotLogs } from "./slot-log.js";
import { isThere, newFolder, removeFolders, runTelling, threadsOf, until } from "./testing.js";
import { aRun, endOfRun } from "./testing-run.js";
import { noNeeds, type PayloadNeeds } from "../../shared/core/payload-needs.js";

afterAll(removeFolders);

const workdir = await newFolder();
const groups: number[] = [];
const [aCore = 0] = usableCpus();
const payload = execPayload({
  slots: 1_000,
  cpus: [aCore],
  environment: { PATH: process.env["PATH"], LANG: "C", SITE: "here", SECRET: "x" },
  graceMs: 200,
  logs: new SlotLogs({ workdir, actor: "node-1", node: "n1", clock: systemClock, log: silentLogger }),
  runProgram: runTelling(groups),
});
let runs = 0;

/** A run of the command for events 21 to 30 of /in/1.lhe, in a new folder. */
async function runOf(
  command: readonly string[],
  timeoutMs = 50_000,
  needs: PayloadNeeds = noNeeds,
): Promise<PayloadRun & { readonly folder: string; readonly output: string }> {
  const folder = await mkdtemp(join(workdir, "run-"));
  return aRun({
    slot: (runs += 1),
    held: heldRange(4, 2),
    spec: specOf({ payload: { kind: "exec", command, timeoutMs, needs } }),
    events: { input: 0, first: 21, last: 30 },
    folder,
    output: join(folder, "output.lhe"),
  });
}

const shell = (script: string, ...args: string[]): string[] => ["/bin/sh", "-c", script, "sh", ...args];

async function end(command: readonly string[], timeoutMs?: number): Promise<PayloadEnd> {
  return endOfRun(payload, await runOf(command, timeoutMs));
}

async function failure(command: readonly string[], timeoutMs?: number): Promise<Failure> {
  const ended = await end(command, timeoutMs);
  if (ended.kind === "failure") return ended.failure;
  throw new Error("expected a failure");
}

test("the places of the command are filled in, and no shell reads them", async () => {
  const run = await runOf(
    shell('printf "%s\\n" "$@" > "$3"', "{input}", "{first}-{last}", "{output}", "{jobDir}", "$HOME"),
  );
  expect(await endOfRun(payload, run)).toMatchObject({ kind: "made" });
  const lines = (await readFile(run.output, "utf8")).split("\n");
  expect(lines).toEqual(["/in/1.lhe", "21-30", run.output, "/jobs/drell-yan", "$HOME", ""]);
});

/** Its folder and its environment, as the payload sees them. */
async function seenBy(
  run: PayloadRun & { readonly output: string },
): Promise<[string, Record<string, string>]> {
  await endOfRun(payload, run);
  return JSON.parse(await readFile(run.output, "utf8")) as [string, Record<string, string>];
}

const script = `process.stdout.write(""); require("fs").writeFileSync(process.argv[1], JSON.stringify([process.cwd(), process.env]))`;
const look = [process.execPath, "-e", script, "{output}"];

test("the payload sees its own folder and what was passed on purpose, and nothing else", async () => {
  const run = await runOf(look);
  const [cwd, environment] = await seenBy(run);
  expect(cwd).toBe(await realpath(run.folder));
  expect(environment).toEqual({
    PATH: process.env["PATH"],
    LANG: "C",
    TMPDIR: run.folder,
    NOCTUA_JOB: "1",
    NOCTUA_RANGE: "2",
    NOCTUA_GRANT: "4",
    NOCTUA_SLOT: String(run.slot + 1),
    NOCTUA_CORES: "1",
    ...threadsOf("1"),
  });
});

test("the payload sees what its job sets and names, and does not miss what its node has not", async () => {
  const environment = { LANG: "de", LIB: "{jobDir}/lib:{jobDir}", SITE: "there" };
  const passEnvironment = ["SITE", "NOT_THERE"];
  const [, seen] = await seenBy(await runOf(look, undefined, { ...noNeeds, environment, passEnvironment }));
  const lib = "/jobs/drell-yan/lib:/jobs/drell-yan";
  expect(seen).toMatchObject({ PATH: process.env["PATH"], LANG: "de", LIB: lib, SITE: "there" });
  expect(Object.keys(seen)).not.toContain("NOT_THERE");
  const [, passed] = await seenBy(await runOf(look, undefined, { ...noNeeds, passEnvironment }));
  expect(passed).toMatchObject({ SITE: "here", LANG: "C" });
});

test("the payload is told of as many threads as its range has cores, unless its job says otherwise", async () => {
  const wide = { ...noNeeds, cores: 4 };
  expect((await seenBy(await runOf(look, undefined, wide)))[1]).toMatchObject({
    NOCTUA_CORES: "4",
    ...threadsOf("4"),
  });
  const environment = { OMP_NUM_THREADS: "2" };
  const [, own] = await seenBy(await runOf(look, undefined, { ...wide, environment }));
  expect(own).toMatchObject({ OMP_NUM_THREADS: "2", MKL_NUM_THREADS: "4" });
});

const hasTaskset = (await end(["taskset", "--version"])).kind === "made";

test.skipIf(!hasTaskset)(
  "a payload that is pinned runs on the cores of its slot, and nowhere else",
  async () => {
    const where = shell('grep Cpus_allowed_list: /proc/self/status > "$1"', "{output}");
    const run = await runOf(where, undefined, { ...noNeeds, pin: "cores" });
    expect(await endOfRun(payload, run)).toMatchObject({ kind: "made" });
    expect(await readFile(run.output, "utf8")).toBe(`Cpus_allowed_list:\t${aCore}\n`);
    expect(
      await endOfRun(payload, await runOf(["no-such-program"], undefined, { ...noNeeds, pin: "cores" })),
    ).toMatchObject({
      failure: { class: "fatal", stderrTail: expect.stringMatching(/no-such-program/) as unknown },
    });
  },
);

test("a node without taskset can't pin a payload: its failure says so, and what to do", async () => {
  const needs = { ...noNeeds, pin: "cores", environment: { PATH: "/no/such/folder" } } as const;
  expect(await endOfRun(payload, await runOf(["/bin/true"], undefined, needs))).toMatchObject({
    kind: "failure",
    failure: {
      class: "node",
      message: expect.stringMatching(/pin: cores.*taskset.*leave pin out/) as unknown,
    },
  });
});

test("a payload that takes more of the scratch than its range may is failed for the event, and its output is not taken", async () => {
  const needs = { ...noNeeds, scratchBytesMax: 1_000_000 };
  const script = 'head -c 2000000 /dev/zero | tr "\\0" x > more; echo > "$1"';
  const tooMuch = await runOf(shell(script, "{output}"), undefined, needs);
  expect(await endOfRun(payload, tooMuch)).toMatchObject({
    failure: { class: "event", message: expect.stringMatching(/at most 1MB .*found 2MB .*in \//) as unknown },
  });
  const enough = await runOf(shell('echo > "$1"', "{output}"), undefined, needs);
  expect(await endOfRun(payload, enough)).toMatchObject({ kind: "made" });
});

test("a payload that takes too long is ended with all that it started", async () => {
  const script =
    "trap '' TERM; sleep 1000 & echo $! > inner; (sleep 1000 & echo $! > innermost; wait) & wait; wait";
  const run = await runOf(shell(script), 300);
  const ended = await endOfRun(payload, run);
  expect(ended).toMatchObject({ kind: "failure", failure: { class: "event", signal: "SIGKILL" } });
  for (const name of ["inner", "innermost"]) {
    const pid = Number(await readFile(join(run.folder, name), "utf8"));
    await until(() => identityOf(pid) === undefined);
  }
});

test("a payload that is no longer wanted is ended", async () => {
  const run = await runOf(shell("echo > ready; sleep 1000"));
  const abort = new AbortController();
  const running = endOfRun(payload, run, abort.signal);
  await until(() => isThere(join(run.folder, "ready")));
  abort.abort();
  expect(await running).toEqual({ kind: "aborted" });
  expect(identityOf(groups.at(-1) ?? 0)).toBeUndefined();
});

test("of a flood on stderr the end is kept", async () => {
  const found = await failure(shell("head -c 20000000 /dev/zero | tr '\\0' x >&2; echo the end >&2; exit 7"));
  expect(found).toMatchObject({ class: "transient", exitCode: 7 });
  expect(found.stderrTail).toMatch(/^x+the end\n$/);
  expect(Buffer.byteLength(found.stderrTail)).toBeLessThanOrEqual(4_096);
});

test("no such program, and no right to run it, are fatal", async () => {
  expect(await failure(["/no/such/program"])).toMatchObject({ class: "fatal" });
  expect((await failure(["/no/such/program"])).message).toMatch("no such program");
  expect(await failure(["/etc/passwd"])).toMatchObject({ class: "fatal" });
});

test("a run whose folder is gone is the node's failure", async () => {
  const run = await runOf(["true"]);
  const ended = await endOfRun(payload, { ...run, folder: join(run.folder, "gone") });
  expect(ended).toMatchObject({ kind: "failure", failure: { class: "node" } });
});

test("a payload that somebody else killed is the node's failure, and a crash the event's", async () => {
  expect(await failure(shell("kill -KILL $$"))).toMatchObject({ class: "node", signal: "SIGKILL" });
  expect(await failure(shell("kill -SEGV $$"))).toMatchObject({ class: "event", signal: "SIGSEGV" });
});

test("the process group is told before anything else, and leads itself", async () => {
  const run = await runOf(shell("readlink /proc/self > /dev/null; echo $$ > {output}"));
  await endOfRun(payload, run);
  expect(Number(await readFile(run.output, "utf8"))).toBe(groups.at(-1));
  await expect(readlink("/proc/self")).resolves.not.toBe("");
});

test("the job's rules say what the end of its payload means", async () => {
  const run = await runOf(shell("exit 3"));
  const rule = { exitCodes: [3], signals: [], timeout: false, class: "event" } as const;
  const spec = { ...run.spec, retry: { ...run.spec.retry, rules: [rule] } };
  expect(await endOfRun(payload, { ...run, spec })).toMatchObject({
    kind: "failure",
    failure: { class: "event", exitCode: 3 },
  });
});
