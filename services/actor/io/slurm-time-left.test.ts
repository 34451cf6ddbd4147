import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { seededRng } from "../../shared/core/rng.js";
import { silentLogger, type Logger } from "../../shared/io/logger.js";
import { followTimeLeft, timeLeftMs } from "./slurm-time-left.js";
import { newFolder, removeFolders } from "./testing.js";

afterAll(removeFolders);

test.each([
  ["1-02:03:04", 93_784_000],
  ["10:00:00", 36_000_000],
  ["59:59\n", 3_599_000],
  ["0:00", 0],
  ["UNLIMITED", undefined],
  ["INVALID", undefined],
  ["", undefined],
])("%j is so many milliseconds: %j", (text, ms) => expect(timeLeftMs(text)).toBe(ms));

const asked = { allocation: { job: "77", nodes: 3 }, rng: seededRng(1), log: silentLogger, intervalMs: 1 };

test("each answer that is a time is told, and others are passed over (T2)", async () => {
  const folder = await newFolder();
  const squeue = join(folder, "squeue");
  const said = ["INVALID", "1:00", "", "2:00"].map((text, i) => `${i}) echo '${text}';;`).join(" ");
  const lines = [
    `[ "$2" = --jobs=77 ] || exit 1`,
    `n=$(cat ${folder}/asked 2>/dev/null || echo 0)`,
    `echo $((n + 1)) > ${folder}/asked`,
    `case $n in ${said} esac`,
  ];
  await writeFile(squeue, `#!/bin/sh\n${lines.join("\n")}\n`);
  await chmod(squeue, 0o700);
  const told: number[] = [];
  const stop = new AbortController();
  const tell = (leftMs: number): void => {
    told.push(leftMs);
    if (told.length === 2) stop.abort();
  };
  await followTimeLeft({ ...asked, squeue, tell }, stop.signal);
  expect(told).toEqual([60_000, 120_000]);
});

test("where there is no squeue, nobody asks again (T2)", async () => {
  const squeue = join(await newFolder(), "absent");
  const tell = (): void => expect.unreachable();
  await followTimeLeft({ ...asked, squeue, tell }, new AbortController().signal);
});

test("an answer that is too long is none, and is not taken in (P7)", async () => {
  const squeue = join(await newFolder(), "squeue");
  await writeFile(squeue, "#!/bin/sh\nyes 1:00 | head -c 100000\n");
  await chmod(squeue, 0o700);
  const stop = new AbortController();
  const flaws: unknown[] = [];
  const info: Logger["info"] = (_message, fields) => {
    flaws.push(fields?.["error"]);
    stop.abort();
  };
  const tell = (): void => expect.unreachable();
  await followTimeLeft({ ...asked, log: { ...silentLogger, info }, squeue, tell }, stop.signal);
  expect(flaws).toEqual([expect.stringContaining("maxBuffer")]);
});
