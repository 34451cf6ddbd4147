// A job whose payload processes live for many ranges: they die, their actor dies, the driver dies, and every event is there
// once.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);
const shape = { inputs: 2, eventsPerInput: 200, eventsPerRange: 2, mergeEvery: 40 };

/** Lists its events. At event 31 of each input it dies, the first time. */
const program = `
import { createReadStream, createWriteStream, existsSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
const out = createWriteStream("", { fd: 4 });
const say = (word) => out.write(JSON.stringify(word) + "\\n");
let jobDir = "";
const heard = {
  open: (word) => { jobDir = word.jobDir; writeFileSync(join(jobDir, "process" + process.pid), ""); say({ type: "ready" }); },
  range: ({ id, input, first, last, output }) => {
    const died = join(jobDir, basename(input) + ".died");
    if (first === 31 && !existsSync(died)) { writeFileSync(died, ""); process.kill(process.pid, "SIGKILL"); }
    let text = "";
    for (let event = first; event <= last; event += 1) text += basename(input) + " " + event + "\\n";
    writeFileSync(output, text);
    setTimeout(() => say({ type: "done", id }), 20);
  },
  cancel: ({ id }) => say({ type: "cancelled", id }),
  stop: () => process.exit(0),
};
createInterface({ input: createReadStream("", { fd: 3 }) }).on("line", (line) => {
  const word = JSON.parse(line);
  heard[word.type]?.(word);
});
`;

describe.each([1, "all"])("a job whose payload processes have %s slots", (slots) => {
  it("ends with every event in one merged file, once, whoever is killed", async () => {
    const folder = await privateFolder();
    const farm = new ProcessFarm(`${folder}/work`);
    const command = `command: ["${process.execPath}", "{jobDir}/payload.mjs"]`;
    const payload = `{ kind: stream, ${command}, slots: ${slots}, timeout: 60s }`;
    const { path, events } = await writeListedJob(`${folder}/job`, { ...shape, payload });
    await writeFile(`${folder}/job/payload.mjs`, program);
    await farm.start("driver", "driver");
    await farm.start("merger", "merger1");
    await farm.start("actor", "actor1", "--slots", "2");
    expect(await noctua("submit", path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });

    for (const victim of ["actor", "driver"] as const) {
      const name = victim === "actor" ? "actor1" : "driver";
      const wanted = victim === "actor" ? 40 : 100;
      await farm.jobWhen(job, ({ ranges }) => (ranges?.done ?? 0) + (ranges?.merged ?? 0) >= wanted);
      await farm.kill(name, "SIGKILL");
      await farm.start(victim, name, ...(victim === "actor" ? ["--slots", "2"] : []));
    }
    expect((await farm.jobWhen(job, isOver)).ranges).toMatchObject({ merged: 200, failed: 0 });

    expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...events].sort());
    const processes = (await readdir(`${folder}/job`)).filter((name) => name.startsWith("process"));
    expect(processes.length).toBeLessThanOrEqual(8); // Two to begin with, and then for those that died.
    expect(await readFile(`${folder}/job/input1.txt.died`, "utf8")).toBe("");
    expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  });
});
