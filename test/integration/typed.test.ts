// Every command, as a user types it, in one run that a user began with `noctua run` on a terminal.

import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { noctua as runNoctua } from "../support/run-node.js";
import { writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";
import { ctrlC, typed } from "../support/pseudo-terminal.js";

const program = `${process.execPath} ${join(import.meta.dirname, "../../dist/noctua.cjs")}`;
const typedSoFar = new Set<string>();

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `noctua ...` in a pipe; `words` have no spaces in them. */
async function noctua(words: string): Promise<Answer> {
  const args = words.split(" ");
  typedSoFar.add(args[0] ?? "");
  return runNoctua(...args);
}

/** What it prints, if all is well. */
async function said(words: string): Promise<string> {
  const { code, stdout, stderr } = await noctua(words);
  expect(code, `${words}: ${stderr}`).toBe(0);
  return stdout;
}

/** On a terminal. */
function onTerminal(words: string, env: Readonly<Record<string, string>> = {}): ReturnType<typeof typed> {
  typedSoFar.add(words.split(" ")[0] ?? "");
  return typed(`exec ${program} ${words}`, env);
}

async function writeJobs(folder: string): Promise<void> {
  const shape = { inputs: 1, eventsPerInput: 6, eventsPerRange: 1, mergeEvery: 3 };
  const untilGo = `while ! test -e ${folder}/go; do sleep 0.05; done`;
  await writeListedJob(join(folder, "held"), { ...shape, before: `[ $first -le 2 ] || ${untilGo}` });
  const before = "[ $first != 4 ] || { echo no calibration >&2; exit 3; }";
  await writeListedJob(join(folder, "failing"), { ...shape, before, attempts: 1 });
  const open = { ...shape, eventsPerInput: 2, open: true };
  await writeListedJob(join(folder, "open"), { ...open, before: untilGo });
  await writeFile(join(folder, "open/more.txt"), "2 events\n");
}

it("every command does what it says, on a terminal and in a pipe", { timeout: 300_000 }, async () => {
  const folder = await privateFolder();
  const work = `--workdir ${folder}/work`;
  await writeJobs(folder);

  expect(await said(`init ${folder}/mine.yaml`)).toContain("next: noctua check");
  expect(await said(`check ${folder}/mine.yaml`)).toContain("is good. It would run");
  const held = `run ${folder}/held/job.yaml ${work} --slots 5`;
  const first = onTerminal(held);
  await first.shows(/\r[^\n]*listed \[#*=+>*\.*\] 2\/6 ranges, 0\/2 merged/);

  const submitted = await said(`submit ${folder}/failing/job.yaml ${work} --json`);
  expect(JSON.parse(submitted)).toMatchObject({ schema: "noctua.submit/v1", job: 2 });
  expect((await noctua(`wait 1 ${work} --timeout 1ms`)).code).toBe(2);
  expect(await said(`credentials ${folder}/lent ${work}`)).toContain(`${folder}/lent`);
  expect(await said(`explain last ${work}`)).toContain("Job 2 (listed)");
  await lookAtNodes(work);
  await watchOnTerminals(folder, work);

  expect(await noctua(`wait 2 ${work}`)).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/finished-with-failures: 5\/6 ranges, 1 failed/),
  });
  expect(await said(`retry 2 ${work}`)).toBe("job 2 is running\n");
  expect(await said(`pause 1 ${work}`)).toBe("job 1 is suspended\n");
  expect(await said(`resume 1 ${work}`)).toBe("job 1 is running\n");
  expect(await said(`submit ${folder}/open/job.yaml ${work}`)).toBe("job 3\n");
  expect(await said(`add last ${folder}/open/more.txt --events 2 ${work}`)).toBe("job 3: ranges 2-3\n");
  expect(await said(`close last ${work}`)).toBe("job 3 is running and takes no more inputs\n");
  expect(await said(`cancel last ${work}`)).toMatch(/^job 3 is (being )?cancelled\n$/);

  first.type(ctrlC);
  expect(await first.ended).toBe(2);
  expect(first.written()).toContain("the job is not over, and the same command goes on with it");
  expect((await noctua(`list ${work}`)).code).toBe(69);

  await writeFile(join(folder, "go"), "");
  const second = onTerminal(held);
  expect(await second.ended).toBe(0);
  expect(second.written()).toMatch(/job 1 listed: finished after .*\r\n {2}6 of 6 events in 2 merged files/);
  await lookAfterwards(folder, work);
});

it("a run whose terminal is closed stops in order", async () => {
  const folder = await privateFolder();
  const shape = { inputs: 1, eventsPerInput: 2, eventsPerRange: 1, open: true };
  const { path } = await writeListedJob(join(folder, "open"), shape);
  const words = `run ${path} --workdir ${folder}/work --slots 1`;
  // A shell tells its jobs, and so does this one; then it tells us.
  const shell = `trap "kill -HUP \\$!" HUP; wait; wait $!; echo $? > ${folder}/code`;
  const run = typed(`${program} ${words} & ${shell}`);
  await run.shows("2/2 ranges");
  run.hangUp();
  const codeNow = (): Promise<string> => readFile(join(folder, "code"), "utf8").catch(() => "");
  await expect.poll(codeNow).toBe("129\n");
  for (const [service, end] of [
    ["actor", '"exit":"drained"'],
    ["driver", '"stopMs":'],
  ] as const)
    expect(await readFile(join(folder, `work/logs/${service}.log`), "utf8")).toContain(end);
});

async function lookAtNodes(work: string): Promise<void> {
  const { nodes } = JSON.parse(await said(`nodes ${work} --json`)) as { nodes: { name: string }[] };
  const node = nodes[0]?.name ?? "";
  expect(await said(`explain --node ${node} ${work}`)).toContain(`Node ${node} `);
  expect(await said(`drain ${node} ${work} --reason slow`)).toBe(`node ${node} is draining\n`);
  expect((await noctua(`drain ${node} ${work} --timeout 1ms`)).code).toBe(2);
  expect(await said(`undrain ${node} ${work}`)).toBe(`node ${node} is at work\n`);
  const [list, status, one, top] = await Promise.all(
    ["list", "status", "status 1", "top"].map((words) => said(`${words} ${work}`)),
  );
  expect(list).toMatch(/^ID {2}NAME/);
  expect(status).toMatch(/^JOB {2}NAME/);
  expect(one).toMatch(/^job 1 {2}listed {2}running/);
  expect(top).toMatch(/^noctua .*2 jobs.*\n1 node: 1 at work\n\nID {2}NAME[^]*NODE {2}STATE/);
  for (const text of [list, status, one, top]) expect(text).not.toContain("\u001b");
  const { stdout, stderr } = await promisify(execFile)("bash", ["-c", `${program} list ${work} | head -1`]);
  expect({ lines: stdout.split("\n").length, stderr }).toEqual({ lines: 2, stderr: "" });
}

async function watchOnTerminals(folder: string, work: string): Promise<void> {
  const watch = onTerminal(`watch 1 ${work}`);
  const top = onTerminal(`top ${work} --interval 200ms`);
  const plain = onTerminal(`top ${work} --interval 200ms`, { NO_COLOR: "1" });
  const dumb = onTerminal(`watch 1 ${work}`, { TERM: "dumb" });
  const unheard = typed(`trap "" HUP; ${program} top ${work} --interval 200ms; echo $? > ${folder}/top-code`);
  await watch.shows(/\r1 listed \[.*\] 2\/6 ranges.*\^\[\[K\r\n/);
  await top.shows(/\^\[\[\?1049h[^]*\^\[\[7mNODE/);
  await plain.shows("NODE");
  await dumb.shows(/1 listed \[/);
  await unheard.shows("NODE");
  unheard.hangUp();
  watch.type(ctrlC);
  dumb.type(ctrlC);
  top.type("q");
  plain.type(ctrlC);
  expect(await Promise.all([watch.ended, dumb.ended])).toEqual([130, 130]);
  expect(await Promise.all([top.ended, plain.ended])).toEqual([0, 0]);
  expect(dumb.written()).not.toContain("^[");
  expect(plain.written()).not.toContain("^[[7m");
  const codeNow = (): Promise<string> => readFile(`${folder}/top-code`, "utf8").catch(() => "");
  await expect.poll(codeNow).toBe("129\n");
  for (const { written } of [top, plain]) expect(written().endsWith("^[[?25h^[[?1049l")).toBe(true);
}

/** Without a driver. */
async function lookAfterwards(folder: string, work: string): Promise<void> {
  expect(await said(`report 1 ${work}`)).toContain("6 of 6 events in 2 merged files");
  const ofLast = await noctua(`report ${work}`); // Whose end it may not have seen.
  expect(ofLast.stdout + ofLast.stderr).toMatch(/^job 3 /);
  expect(await said(`verify 1 ${work}`)).toContain("verified: every range is accounted for");
  expect(await said(`logs 2 ${work}`)).toContain("  no calibration\n");
  expect(JSON.parse(await said(`bench --folder ${folder} --time 10ms --slots 1 --json`))).toMatchObject({
    runs: [{ name: "without outputs" }, { name: "outputs of 1 kB" }],
  });
  expect((await readdir(folder)).filter((name) => name.includes("bench"))).toEqual([]);
  expect(await said(`config ${work}`)).toMatch(/^settings file: none\n\nSETTING .*\nworkdir +--workdir /);
  expect(await said("completion bash")).toContain("complete -F _noctua noctua");
}

afterAll(async () => {
  const { stdout } = await runNoctua("--help");
  const commands = [...stdout.matchAll(/^ {2}(\w+) \[/gm)].map(([, name = ""]) => name);
  expect(commands.length).toBeGreaterThan(20);
  // `run` starts the services; help is what tells of them.
  for (const name of ["help", "driver", "actor", "merger"]) typedSoFar.add(name);
  expect(commands.filter((name) => !typedSoFar.has(name))).toEqual([]);
});
