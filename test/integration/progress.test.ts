// What a payload says while it works is shown: how far it is, and why it failed, in words that harm no terminal.

import { writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

/** Says that three events are done, and that is all of it until it is let go on; then it fails, and shouts. */
const program = `
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { createInterface } from "node:readline";
const out = createWriteStream("", { fd: 4 });
const say = (word) => out.write(JSON.stringify(word) + "\\n");
let jobDir = "";
const end = (id) => {
  if (existsSync(jobDir + "/go")) say({ type: "failed", id, class: "event", message: "\\x1b[2Jbad \\u202e event" });
  else setTimeout(end, 10, id);
};
const heard = {
  open: (word) => { jobDir = word.jobDir; say({ type: "ready" }); },
  range: ({ id }) => { say({ type: "progress", id, events: 3 }); end(id); },
  stop: () => process.exit(0),
};
createInterface({ input: createReadStream("", { fd: 3 }) }).on("line", (line) => {
  const word = JSON.parse(line);
  heard[word.type]?.(word);
});
`;

it("shows how far a range is that runs, and makes what its payload says harmless", async () => {
  const folder = await privateFolder();
  const farm = new ProcessFarm(`${folder}/work`);
  const payload = `{ kind: stream, command: ["${process.execPath}", "{jobDir}/payload.mjs"], timeout: 10m }`;
  const shape = { inputs: 1, eventsPerInput: 5, eventsPerRange: 5, attempts: 1, payload } as const;
  const { path } = await writeListedJob(`${folder}/job`, { ...shape, outputs: "none" });
  await writeFile(`${folder}/job/payload.mjs`, program);
  await farm.start("driver", "driver");
  await farm.start("actor", "actor1", "--slots", "1");
  expect(await noctua("submit", path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });

  await farm.jobWhen(jobNumber(1), ({ eventsRunning }) => eventsRunning === 3);
  const { stdout: status } = await noctua("status", "1", "--workdir", farm.workdir);
  expect(status).toContain("0 of 5 done, 3 more in ranges that run");

  await writeFile(`${folder}/job/go`, "");
  const over = await farm.jobWhen(jobNumber(1), isOver);
  expect(over).toMatchObject({ eventsRunning: 0, ranges: { failed: 1 } });
  const { stdout: why } = await noctua("explain", "1", "--workdir", farm.workdir);
  expect(why).toContain("^[[2Jbad <U+202E> event");
  for (const harm of ["\u001b", "\u202e"]) expect(why).not.toContain(harm);
  await farm.kill("actor1", "SIGTERM");
});
