// The demonstration: events in, merged files out, nothing lost, nothing twice, and the mass of the Z at the end.
//
//   D1. It clears the work folder of its own former run, and no other folder.
//   D2. It stops at the first step that fails, and says which.
//
// npm run demo                                          2,000 generated events
// node demo.mjs --real FILE.lhe[.gz] [--events N]       the same payload on real events
//
// It uses what any user has: the bundle in dist/, and the programs of this folder.

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { DataError, parseArguments, runAsProgram, UsageError, wholeNumber } from "./command-line.mjs";
import { lineBatches } from "./line-batches.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const NOCTUA = resolve(HERE, "../../dist/noctua.cjs");
const USAGE = "node demo.mjs [--real FILE [--events N]] [--work FOLDER]";
const EVENTS_PER_FILE = 500;
const FILES = 4;
/** Of a job on a real file: enough to keep a process busy for longer than its start takes. */
const EVENTS_PER_RANGE = 10;
const MERGE_EVERY_MAX = 100;

/**
 * @typedef {object} Demo
 * @property {string} work
 * @property {string} jobFile
 * @property {string[]} inputs
 * @property {number} [events] of each input, when not all of them
 *
 * @typedef {{title: string, program: string, args: string[]}} Step
 */

/** A step of the demonstration ended badly; it has said why itself. */
class StepFailure extends DataError {}

/**
 * @param {string[]} args
 * @returns {Promise<number>}
 */
async function main(args) {
  const { values } = parseArguments({
    args,
    options: {
      real: { type: "string" },
      events: { type: "string" },
      work: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  if (values.events !== undefined && values.real === undefined)
    throw new UsageError("--events is for --real");
  if (!existsSync(NOCTUA)) throw new DataError(`expected ${NOCTUA}: build it with  node tools/setup.mjs`);
  const work = resolve(values.work ?? join(HERE, "work"));
  await clearWork(work);
  const demo =
    values.real === undefined
      ? await generatedEvents(work)
      : await realEvents(work, resolve(values.real), values.events);
  await runDemo(demo);
  return 0;
}

/** @param {Demo} demo */
async function runDemo({ work, jobFile, inputs, events }) {
  await perform({
    title: "Noctua runs the payload on every event, and merges while it does",
    program: NOCTUA,
    args: ["run", jobFile, "--workdir", work],
  });
  await perform({
    title: "Noctua looks at what lies on the disk",
    program: NOCTUA,
    args: ["verify", "--workdir", work],
  });
  const mergedFolder = join(work, "jobs", "1", "merged");
  const merged = readdirSync(mergedFolder).map((name) => join(mergedFolder, name));
  await perform({
    title: "A script that knows nothing of Noctua counts events by their content",
    program: join(HERE, "count.mjs"),
    args: [
      ...inputs.flatMap((input) => ["--input", input]),
      ...(events === undefined ? [] : ["--events", String(events)]),
      ...["--merged", ...merged],
    ],
  });
  await perform({ title: "The physics", program: join(HERE, "analyse.mjs"), args: merged });
}

/**
 * @param {string} work
 * @returns {Promise<Demo>}
 */
async function generatedEvents(work) {
  const folder = join(HERE, "input");
  await perform({
    title: "A generator makes events of pp → γ*/Z → e⁺e⁻, μ⁺μ⁻",
    program: join(HERE, "generate.mjs"),
    args: [
      ...["--events", String(EVENTS_PER_FILE), "--files", String(FILES)],
      ...["--seed", "1", "--folder", folder],
    ],
  });
  const inputs = Array.from({ length: FILES }, (_, i) => join(folder, `drell-yan-${i + 1}.lhe`));
  return { work, jobFile: join(HERE, "job.yaml"), inputs };
}

/**
 * Writes the job file for a Les Houches event file from elsewhere.
 * @param {string} work
 * @param {string} input
 * @param {string | undefined} asked how many of its events
 * @returns {Promise<Demo>}
 */
async function realEvents(work, input, asked) {
  const there = await countEvents(input);
  const events = asked === undefined ? there : wholeNumber(asked, "--events", 1);
  if (events > there) throw new UsageError(`--events: asked for ${events}, file ${input} has ${there}`);
  console.log(`${input}: ${events} of its ${there} events`);
  const ranges = Math.ceil(events / EVENTS_PER_RANGE);
  const program = join(relative(work, HERE), "simulate-stream.mjs");
  const job = {
    name: "drell-yan-real",
    inputs: [{ path: input, events }],
    eventsPerRange: EVENTS_PER_RANGE,
    payload: { kind: "stream", command: ["node", `{jobDir}/${program}`], timeout: "5m" },
    output: { suffix: ".jsonl" },
    merge: { every: Math.min(MERGE_EVERY_MAX, Math.ceil(ranges / 4)), kind: "concat" },
  };
  await mkdir(work, { recursive: true });
  const jobFile = join(work, "job.json");
  await writeFile(jobFile, `${JSON.stringify(job, undefined, 2)}\n`);
  return { work, jobFile, inputs: [input], events };
}

/**
 * @param {string} path
 * @returns {Promise<number>}
 */
async function countEvents(path) {
  let events = 0;
  for await (const lines of lineBatches(path)) {
    for (const line of lines) if (/^\s*<event[\s>]/.test(line)) events++;
  }
  if (events === 0) throw new DataError(`file ${path}: expected Les Houches events, found none`);
  return events;
}

/**
 * Removes what a former run left (D1).
 * @param {string} work
 */
async function clearWork(work) {
  const found = existsSync(work) ? readdirSync(work) : [];
  if (found.length > 0 && !found.includes("driver") && !found.includes("jobs")) {
    throw new DataError(
      `expected ${work} to be the demonstration's or empty, found ${found.slice(0, 3).join(", ")}`,
    );
  }
  const pid = livingDriver(work);
  if (pid !== undefined)
    throw new DataError(`a driver still runs on ${work} (process ${pid}): stop it first`);
  await rm(work, { recursive: true, force: true });
}

/**
 * The process of a driver that runs on the folder, where that can be seen.
 * @param {string} work
 * @returns {number | undefined}
 */
function livingDriver(work) {
  try {
    const { pid } = JSON.parse(readFileSync(join(work, "driver", "address.json"), "utf8"));
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(work) ? pid : undefined;
  } catch {
    return undefined; // No address, no such process, or no /proc: then Noctua itself refuses a second driver.
  }
}

/**
 * Runs a program of Node to its end, in the open.
 * @param {Step} step
 */
async function perform({ title, program, args }) {
  console.log(`\n── ${title}\n`);
  const child = spawn(process.execPath, [program, ...args], { stdio: "inherit" });
  // A Ctrl-C reaches the child by itself; we wait for its orderly stop.
  const wait = () => undefined;
  const pass = () => child.kill("SIGTERM");
  process.on("SIGINT", wait).on("SIGTERM", pass);
  const ending = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? signal));
  });
  process.off("SIGINT", wait).off("SIGTERM", pass);
  if (ending === 0) return;
  const how = typeof ending === "number" ? `exit code ${ending}` : ending;
  throw new StepFailure(`The demonstration stops here: "${title}" ended with ${how}.`); // (D2)
}

await runAsProgram(import.meta.url, main);
