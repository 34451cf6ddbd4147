// How long things take reaches the report and the driver's metrics from where it is measured.

import { readFile, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { z } from "zod";
import { jobNumber } from "../../services/shared/core/id.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

/** Each event takes it 20 ms. */
const program = `
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
const out = createWriteStream("", { fd: 4 });
const say = (word) => out.write(JSON.stringify(word) + "\\n");
const heard = {
  open: () => say({ type: "ready" }),
  range: ({ id }) => setTimeout(() => say({ type: "done", id }), 20),
  stop: () => process.exit(0),
};
createInterface({ input: createReadStream("", { fd: 3 }) }).on("line", (line) => {
  const word = JSON.parse(line);
  heard[word.type]?.(word);
});
`;

/** Of which the report tells how long they took: each with a count, a median, and a p99 that is no less. */
async function figuresIn(path: string): Promise<string[]> {
  const told = z.object({
    figure: z.string(),
    count: z.int().min(1),
    medianMs: z.number(),
    p99Ms: z.number(),
  });
  const report = z.object({ latencies: z.array(told) }).parse(JSON.parse(await readFile(path, "utf8")));
  for (const { medianMs, p99Ms } of report.latencies) expect(p99Ms).toBeGreaterThanOrEqual(medianMs);
  return report.latencies.map(({ figure }) => figure);
}

it("tells in the report how long each of the five things took", async () => {
  const folder = await privateFolder();
  const farm = new ProcessFarm(`${folder}/work`);
  const payload = `{ kind: stream, command: ["${process.execPath}", "{jobDir}/payload.mjs"], timeout: 60s }`;
  // More than is ever sent without an acknowledgement: so the time of one is known before the last results.
  const shape = { inputs: 1, eventsPerInput: 3_000, eventsPerRange: 1, payload, outputs: "none" } as const;
  const { path } = await writeListedJob(`${folder}/job`, shape);
  await writeFile(`${folder}/job/payload.mjs`, program);
  await farm.start("driver", "driver");
  await farm.start("actor", "actor1", "--slots", "2");
  expect(await noctua("submit", path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  await farm.jobWhen(jobNumber(1), isOver);
  const figures = await figuresIn(`${farm.workdir}/jobs/1/report.json`);
  expect(figures.map((figure) => figure.replace("-of-actor", ""))).toEqual([
    "slot-idle",
    "first-event",
    "driver-request",
    "payload-request",
    "client-request",
  ]);
  await farm.kill("actor1", "SIGTERM");
});
