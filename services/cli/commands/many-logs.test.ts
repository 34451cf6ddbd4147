import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { logLine } from "../../shared/io/run-log.js";
import { showLogs } from "./logs.js";
import { capturedTerminal, jobFolder } from "./testing.js";

it("of very many logs those that were written last are looked through, and followed, and it is said so (L3, P7)", async () => {
  const place = await jobFolder();
  onTestFinished(() => rm(place.folder, { recursive: true, force: true }));
  const folder = join(place.workdir, "jobs/1/logs/a1");
  await mkdir(folder, { recursive: true });
  const text = (slot: number): string => {
    const range = { range: slot, grant: 7, input: "/data/1.lhe", first: 1, last: 1, began: "" };
    const at = "2026-11-22T20:00:00.000Z";
    return `${logLine({ kind: "output", job: 1, node: "n1", at, ranges: [range] })}slot ${slot}\n`;
  };
  const slots = Array.from({ length: 1_001 }, (_, slot) => slot);
  await Promise.all(slots.map((slot) => writeFile(join(folder, `slot${slot}.log`), text(slot))));
  await writeFile(join(place.workdir, "jobs/1/report.json"), JSON.stringify({ state: "finished" }));
  const { terminal, stderr } = capturedTerminal();
  const question = { kind: "job", job: jobNumber(1) } as const;
  const options = { workdir: place.workdir, question, node: undefined, linesMax: undefined, raw: false };
  await showLogs({ ...options, follow: true, output: "text" }, terminal, new AbortController().signal);
  expect(stderr()).toContain("(of 1001 logs, the 1000 that were written last were looked through)");
  expect(stderr()).toContain("(of 1001 logs, the 1000 that were written last are followed)");
});
