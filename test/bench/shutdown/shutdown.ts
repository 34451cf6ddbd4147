// How long driver, actor, merger and `noctua run` take to stop, in each situation, beside their deadlines.

import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sleep } from "../../../services/shared/io/system-clock.js";
import { writeListedJob } from "../../support/listed-job.js";
import { noctua } from "../../support/run-node.js";
import { withFolder } from "../bench-folder.js";
import { tableText } from "../table.js";
import { badDisk, type BadDisk } from "./bad-disk.js";
import { letEnd, mergeScript, payloadLines, situations, type Situation } from "./situations.js";
import { StoppedProcess, type Stop } from "./stopped-process.js";

export interface ShutdownFigures {
  readonly situation: string;
  /** Empty where this machine can't make the situation. */
  readonly stops: readonly Stop[];
}

/** What docs/nodes.md promises, with the exit. */
const deadlineMs = { driver: 17_000, peer: 33_000, run: 37_000 };
const grace = ["--grace", "1s"];
const dist = join(import.meta.dirname, "..", "..", "..", "dist");
const lookAgainMs = 50;

/** Measures each situation that is named; all when none is. */
export async function measureShutdown(
  options: { readonly folder: string; readonly situations: readonly string[] },
  progress: (what: string) => void,
  signal: AbortSignal,
): Promise<readonly ShutdownFigures[]> {
  const figures: ShutdownFigures[] = [];
  const wanted = options.situations.length === 0 ? situations.map(({ name }) => name) : options.situations;
  for (const situation of situations.filter(({ name }) => wanted.includes(name))) {
    for (const measure of [stopServices, stopRun]) {
      progress(`${situation.name}: ${measure === stopRun ? "noctua run" : "services"}`);
      const stops = await withFolder(options.folder, (folder) => measure({ folder, situation, signal }));
      figures.push({ situation: situation.name, stops });
    }
  }
  return figures;
}

export function isLate(figures: readonly ShutdownFigures[]): boolean {
  return figures.some(({ stops }) => stops.some((stop) => stop.isLate));
}

export function shutdownText(figures: readonly ShutdownFigures[]): string {
  const rows = figures.flatMap(({ situation, stops }) =>
    stops.map(({ name, end, tookMs, deadlineMs: most, isLate: late, phases }) => {
      const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
      return [`${situation}: ${name}`, seconds(tookMs), seconds(most), late ? "LATE" : end, phases] as const;
    }),
  );
  return tableText([["told to stop", "s", "at most", "ended by", "phases in ms"], ...rows]);
}

interface Scene {
  readonly folder: string;
  readonly situation: Situation;
  readonly signal: AbortSignal;
}

async function stopServices({ folder, situation, signal }: Scene): Promise<Stop[]> {
  const workdir = join(folder, "work");
  await mkdir(workdir);
  const disk = await badDisk(folder, workdir);
  const begun: StoppedProcess[] = [];
  const start = async (
    service: "driver" | "actor" | "merger",
    ...args: string[]
  ): Promise<StoppedProcess> => {
    const words = [join(dist, `${service}.cjs`), "--workdir", workdir, ...args];
    const place = { logPath: join(folder, `${service}.log`), env: disk?.env ?? {} };
    const process = await StoppedProcess.start(service, words, place);
    begun.push(process);
    return process;
  };
  try {
    const driver = await start("driver");
    await until(async () => (await driver.log()).includes("driver ready"), signal);
    const scratch = ["--scratch", join(folder, "scratch")];
    const peers = [
      await start("actor", "--slots", String(Math.max(1, situation.slots)), ...grace, ...scratch),
      await start("merger", ...grace, ...scratch),
    ];
    for (const peer of peers) await until(async () => (await peer.log()).includes("joined the run"), signal);
    if (situation.slots > 0) {
      const job = await writeJob(folder, situation);
      const { code, stderr } = await noctua("submit", job, "--workdir", workdir);
      if (code !== 0) throw new Error(`expected the job to be submitted, found: ${stderr}`);
    }
    if (!(await isSet(folder, { situation, disk, driver, signal }))) return [];
    const stops = await Promise.all(peers.map((peer) => peer.stop(deadlineMs.peer)));
    if (driver.isGone) return stops;
    driver.child.kill("SIGCONT");
    return [...stops, await driver.stop(deadlineMs.driver)];
  } finally {
    for (const process of begun) await process.kill();
  }
}

async function stopRun({ folder, situation, signal }: Scene): Promise<Stop[]> {
  if (situation.slots === 0) return [];
  const workdir = join(folder, "work");
  await mkdir(workdir);
  const disk = await badDisk(folder, workdir);
  const job = await writeJob(folder, situation);
  const words = [
    join(dist, "noctua.cjs"),
    "run",
    job,
    "--workdir",
    workdir,
    "--slots",
    String(situation.slots),
  ];
  const env = { ...disk?.env, TMPDIR: folder };
  const run = await StoppedProcess.start("noctua run", words, { logPath: join(folder, "run.log"), env });
  try {
    const isThere = await isSet(folder, { situation, disk, driver: undefined, signal });
    return isThere ? [await run.stop(deadlineMs.run)] : [];
  } finally {
    await run.kill();
  }
}

/** The situation has come about; false where it can't. */
async function isSet(
  folder: string,
  scene: {
    readonly situation: Situation;
    readonly disk: BadDisk | undefined;
    readonly driver: StoppedProcess | undefined;
    readonly signal: AbortSignal;
  },
): Promise<boolean> {
  const { situation, signal } = scene;
  // All slots, and a merge.
  const runs = situation.slots === 0 ? 0 : situation.slots + 1;
  await until(
    async () => (await readdir(folder)).filter((n) => n.startsWith("running.")).length >= runs,
    signal,
  );
  const isThere = situation.prepare === undefined || (await situation.prepare(scene));
  if (isThere && situation.ends === true) await letEnd(folder, signal);
  return isThere;
}

async function writeJob(folder: string, situation: Situation): Promise<string> {
  const merge = join(folder, "merge.sh");
  await writeFile(merge, mergeScript(folder, situation));
  await chmod(merge, 0o755);
  const { path } = await writeListedJob(join(folder, "job"), {
    inputs: 1,
    eventsPerInput: situation.slots + 1,
    eventsPerRange: 1,
    mergeEvery: 1,
    merge: `kind: command, command: ["${merge}", "{inputs}", "{output}"]`,
    before: payloadLines(folder, situation),
  });
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace("timeout: 60s", "timeout: 1h"));
  return path;
}

async function until(holds: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await holds())) await sleep(lookAgainMs, signal);
}
