// What a node gives to a payload, with real processes.

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { sleep } from "../../services/shared/io/system-clock.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

/** Lists its events, while it has each of its slots for itself: two programs that had one would both fail. */
const program = `
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
const [jobDir, input, first, last, output] = process.argv.slice(2);
const { NOCTUA_SLOT, NOCTUA_CORES, OMP_NUM_THREADS, TASTE } = process.env;
if (TASTE !== "sour" || OMP_NUM_THREADS !== NOCTUA_CORES) process.exit(1);
const slots = Array.from({ length: Number(NOCTUA_CORES) }, (_, i) => join(jobDir, "..", "slot" + (Number(NOCTUA_SLOT) + i)));
for (const slot of slots) closeSync(openSync(slot, "wx"));
let text = "";
for (let event = Number(first); event <= Number(last); event += 1) text += basename(input) + " " + event + "\\n";
setTimeout(() => {
  for (const slot of slots) rmSync(slot);
  writeFileSync(output, text);
}, 20);
`;

it("ranges that take one core and such that take two share a node, each with its cores for itself", async () => {
  const folder = await privateFolder();
  const farm = new ProcessFarm(`${folder}/work`);
  await farm.start("driver", "driver");
  await farm.start("merger", "merger1", "--scratch", `${folder}/scratch`);
  await farm.start("actor", "actor1", "--slots", "5", "--scratch", `${folder}/scratch`);
  const jobs = [];
  for (const [i, cores] of [1, 2].entries()) {
    const command = `command: ["${process.execPath}", "{jobDir}/payload.mjs", "{jobDir}", "{input}", "{first}", "{last}", "{output}"]`;
    const payload = `{ kind: exec, ${command}, cores: ${cores}, environment: { TASTE: sour } }`;
    const shape = { inputs: 2, eventsPerInput: 20, eventsPerRange: 1, mergeEvery: 40, payload };
    const { path, events } = await writeListedJob(`${folder}/job${cores}`, shape);
    await writeFile(`${folder}/job${cores}/payload.mjs`, program);
    expect(await noctua("submit", path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
    jobs.push({ number: jobNumber(i + 1), events });
  }
  for (const { number, events } of jobs) {
    const status = await farm.jobWhen(number, isOver);
    expect(status.failures).toBe(0);
    expect((await mergedLines(farm.workdir, number)).sort()).toEqual([...events].sort());
  }
});

it("a node is made ready once for a job, and its payloads read copies of their inputs", async () => {
  const folder = await privateFolder();
  const farm = new ProcessFarm(`${folder}/work`);
  await farm.start("driver", "driver");
  await farm.start("merger", "merger1", "--scratch", `${folder}/scratch`);
  await farm.start("actor", "actor1", "--slots", "3", "--scratch", `${folder}/scratch`);
  const script = [
    'case "$1" in "$NOCTUA_JOB_SCRATCH"/inputs/*) ;; *) exit 1 ;; esac',
    'for event in $(seq "$2" "$3"); do echo "${1##*/} $event $(cat "$NOCTUA_JOB_SCRATCH/ready")"; done > "$4"',
  ];
  await mkdir(`${folder}/job`);
  await writeFile(`${folder}/job/list.sh`, script.join("\n"));
  await writeFile(
    `${folder}/job/setup.sh`,
    'echo once >> "$1/setups"; echo sour > "$NOCTUA_JOB_SCRATCH/ready"',
  );
  const command = 'command: [/bin/sh, "{jobDir}/list.sh", "{input}", "{first}", "{last}", "{output}"]';
  const setup = 'setup: { command: [/bin/sh, "{jobDir}/setup.sh", "{jobDir}"] }';
  const payload = `{ kind: exec, ${command}, ${setup}, stageIn: true }`;
  const shape = { inputs: 2, eventsPerInput: 10, eventsPerRange: 1, mergeEvery: 20, payload };
  const { path, events } = await writeListedJob(`${folder}/job`, shape);
  expect(await noctua("submit", path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  const number = jobNumber(1);
  expect((await farm.jobWhen(number, isOver)).failures).toBe(0);
  expect((await mergedLines(farm.workdir, number)).sort()).toEqual(
    events.map((event) => `${event} sour`).sort(),
  );
  expect(await readFile(`${folder}/job/setups`, "utf8")).toBe("once\n");
  await until(async () => (await jobFolders(`${folder}/scratch`)).length === 0);
});

/** Those of jobs, in the place of whatever actor. */
async function jobFolders(scratch: string): Promise<readonly string[]> {
  return (await readdir(scratch, { recursive: true })).filter((name) => /runs\/job[^/]*$/.test(name));
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20, new AbortController().signal);
}
