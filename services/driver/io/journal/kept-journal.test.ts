import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jobNumber } from "../../../shared/core/id.js";
import { testFolder } from "../../../shared/io/testing-folder.js";
import { keepJournal, keptMax } from "./kept-journal.js";

async function aWorkdir(): Promise<{ workdir: string; journal: string }> {
  const workdir = await testFolder();
  const journal = join(workdir, "driver", "journal");
  await mkdir(journal, { recursive: true, mode: 0o700 });
  await writeFile(join(journal, "0000000001.log"), "facts");
  return { workdir, journal };
}

test("the journal of a job that is out of service stays when the journal's own files go; asked again, nothing is done", async () => {
  const { workdir, journal } = await aWorkdir();
  const kept = await keepJournal(workdir, jobNumber(3));
  expect(kept).toBe("driver/broken/job-3");
  await rm(join(journal, "0000000001.log"));
  await writeFile(join(journal, "0000000002.log"), "later");
  expect(await keepJournal(workdir, jobNumber(3))).toBe(kept); // (K3)
  expect(await readdir(join(workdir, "driver/broken/job-3"))).toEqual(["0000000001.log"]);
  expect(await readFile(join(workdir, "driver/broken/job-3/0000000001.log"), "utf8")).toBe("facts");
});

test("journals are kept of so many jobs, and what was begun and not ended is begun anew (K1, K2)", async () => {
  const { workdir } = await aWorkdir();
  await mkdir(join(workdir, "driver/broken/job-1.tmp"), { recursive: true, mode: 0o700 });
  await writeFile(join(workdir, "driver/broken/job-1.tmp/0000000001.log"), "fa");
  for (let job = 1; job <= keptMax; job += 1)
    expect(await keepJournal(workdir, jobNumber(job))).toBe(`driver/broken/job-${job}`);
  expect(await keepJournal(workdir, jobNumber(keptMax + 1))).toBeUndefined();
  expect(await readdir(join(workdir, "driver/broken"))).toHaveLength(keptMax);
  expect(await readFile(join(workdir, "driver/broken/job-1/0000000001.log"), "utf8")).toBe("facts");
});

test("where facts go while their journal is kept, the snapshot that has them is kept", async () => {
  const { workdir, journal } = await aWorkdir();
  const segments = Array.from({ length: 500 }, (_, i) => join(journal, `${i + 2}.log`));
  for (const segment of segments) await writeFile(segment, "facts");
  const keeping = keepJournal(workdir, jobNumber(1));
  const draft = join(workdir, "driver/broken/job-1.tmp");
  await expect.poll(() => readdir(draft).catch(() => []), { interval: 1 }).not.toEqual([]);
  await writeFile(join(journal, "snapshot"), "what the facts came to");
  for (const segment of segments) await rm(segment);
  await keeping;
  const kept = await readdir(join(workdir, "driver/broken/job-1"));
  expect(kept.length === segments.length + 1 || kept.includes("snapshot"), `${kept.length} kept`).toBe(true);
});
