// Jobs without outputs, on real processes: every event is done once, and nothing is stored.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);
const shape = { inputs: 2, eventsPerInput: 200, eventsPerRange: 2 };

/** Notes each event in a file of its own process, the range before it says that it is done. */
const program = `
import { appendFileSync, createReadStream, createWriteStream } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
const out = createWriteStream("", { fd: 4 });
const say = (word) => out.write(JSON.stringify(word) + "\\n");
let jobDir = "";
const heard = {
  open: (word) => { jobDir = word.jobDir; say({ type: "ready" }); },
  range: ({ id, input, first, last, output }) => {
    let text = "";
    for (let event = first; event <= last; event += 1) text += basename(input) + " " + event + (output ?? "") + "\\n";
    appendFileSync(join(jobDir, "notes." + process.pid), text);
    setTimeout(() => say({ type: "done", id }), 10);
  },
  stop: () => process.exit(0),
};
createInterface({ input: createReadStream("", { fd: 3 }) }).on("line", (line) => {
  const word = JSON.parse(line);
  heard[word.type]?.(word);
});
`;

const shell = `#!/bin/sh
# INPUT FIRST LAST
for event in $(seq "$2" "$3"); do echo "\${1##*/} $event"; done > "\${0%/*}/notes.$$"
`;

const kinds = {
  exec: {
    file: "payload.sh",
    text: shell,
    command: '"/bin/sh", "{jobDir}/payload.sh", "{input}", "{first}", "{last}"',
  },
  stream: { file: "payload.mjs", text: program, command: `"${process.execPath}", "{jobDir}/payload.mjs"` },
} as const;

async function notesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith("notes."));
  const texts = await Promise.all(names.map((name) => readFile(`${folder}/${name}`, "utf8")));
  return texts.flatMap((text) => text.trimEnd().split("\n"));
}

describe.each(["exec", "stream"] as const)("a job of kind %s without outputs", (kind) => {
  it("has every event done once, and stores nothing, though its driver is killed", async () => {
    const folder = await privateFolder();
    const farm = new ProcessFarm(`${folder}/work`);
    const { file, text, command } = kinds[kind];
    const payload = `{ kind: ${kind}, command: [${command}], timeout: 60s }`;
    const { path, events } = await writeListedJob(`${folder}/job`, { ...shape, payload, outputs: "none" });
    await writeFile(`${folder}/job/${file}`, text);
    await farm.start("driver", "driver");
    await farm.start("actor", "actor1", "--slots", "2");
    expect(await noctua("submit", path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });

    await farm.jobWhen(job, ({ ranges }) => (ranges?.done ?? 0) >= 60);
    await farm.kill("driver", "SIGKILL");
    await farm.start("driver", "driver");
    const { ranges, eventsDone, filesMerged } = await farm.jobWhen(job, isOver);

    expect({ ...ranges, eventsDone, filesMerged }).toMatchObject({
      done: 200,
      merged: 0,
      failed: 0,
      eventsDone: 400,
      filesMerged: 0,
    });
    expect((await notesIn(`${folder}/job`)).sort()).toEqual([...events].sort());
    const made = new Set(await readdir(`${farm.workdir}/jobs/1`));
    expect([made.has("outputs"), made.has("merged"), made.has("report.json")]).toEqual([false, false, true]);
    const verified = await noctua("verify", "--workdir", farm.workdir);
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining("outputs: none") as unknown });
    const status = await noctua("status", "1", "--workdir", farm.workdir);
    expect(status.stdout).toContain("outputs    none");
    const explained = await noctua("explain", "1", "--workdir", farm.workdir);
    expect(explained.stdout).toContain("all its 200 ranges are done");
    await farm.kill("actor1", "SIGTERM");
  });
});
