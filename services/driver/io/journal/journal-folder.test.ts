import { constants } from "node:fs";
import { chmod, mkdtemp, readdir, readFile, readlink, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { epochNumber } from "../../../shared/core/id.js";
import { systemClock } from "../../../shared/io/system-clock.js";
import { openJournalFolder, parseSegmentName, segmentName } from "./journal-folder.js";
import { factsOf } from "./journal-test-support.js";
import { Journal } from "./journal.js";

let workdir: string;

beforeEach(async () => {
  workdir = await mkdtemp(join(tmpdir(), "noctua-journal-"));
});

/** Closed when the test is over: drivers that die do not close their journals. */
const left: Journal[] = [];

afterEach(async () => {
  for (const journal of left.splice(0)) await journal.close();
  await rm(workdir, { recursive: true });
});

async function start(epoch: number): Promise<{ journal: Journal; found: number }> {
  let found = 0;
  const onFacts = (facts: readonly unknown[]): void => void (found += facts.length);
  const options = { epoch: epochNumber(epoch), clock: systemClock, onState: () => undefined, onFacts };
  const folder = await openJournalFolder(join(workdir, "journal"));
  const journal = await Journal.open(folder, options, new AbortController().signal);
  left.push(journal);
  return { journal, found };
}

describe("a journal on the file system", () => {
  it("comes back over many epochs", async () => {
    let commits = 0;
    for (let epoch = 1; epoch <= 10; epoch += 1) {
      const { journal, found } = await start(epoch);
      expect(found).toBe(commits);
      for (let i = 0; i < 5; i += 1) await journal.append(factsOf(`${epoch}.${i}`));
      commits += 5;
    }
    expect(await readdir(join(workdir, "journal"))).toHaveLength(10);
  });

  it("is written so that each write is durable when it is done", async () => {
    await start(1);
    const path = join(workdir, "journal", segmentName({ epoch: 1, part: 0 }));
    const flags: number[] = [];
    for (const file of await readdir("/proc/self/fd")) {
      if ((await readlink(`/proc/self/fd/${file}`).catch(() => "")) !== path) continue;
      const [, octal] = /^flags:\t(\d+)$/m.exec(await readFile(`/proc/self/fdinfo/${file}`, "utf8")) ?? [];
      flags.push(Number.parseInt(octal ?? "", 8) & constants.O_DSYNC);
    }
    expect(flags).toEqual([constants.O_DSYNC]);
  });

  it("goes on from the last whole commit of a file that was cut off", async () => {
    const { journal } = await start(1);
    for (const text of ["a", "b", "c"]) await journal.append(factsOf(text));
    const path = join(workdir, "journal", segmentName({ epoch: 1, part: 0 }));
    await truncate(path, (await stat(path)).size - 1);
    const next = await start(2);
    expect(next.found).toBe(2);
    expect(next.journal.recovery.tornTail).toMatch(
      /0000000001.log: frame 3 at byte \d+: cut off after \d+ bytes$/,
    );
    await next.journal.append(factsOf("d"));
    expect((await start(3)).found).toBe(3);
  });

  it("is its owner's alone to read", async () => {
    await start(1);
    const path = join(workdir, "journal");
    expect((await stat(join(path, "0000000001.log"))).mode & 0o777).toBe(0o600);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    await chmod(path, 0o755);
    await expect(start(2)).rejects.toThrow(/mode 755: run {2}chmod 700/);
  });

  it("a segment's file is made once", async () => {
    await start(1);
    await expect(start(1)).rejects.toThrow("found 0000000001.log: a later driver has begun");
  });

  it("names tell epoch and part, and nothing else is taken for one", () => {
    for (const id of [
      { epoch: 1, part: 0 },
      { epoch: 2 ** 32 - 1, part: 12 },
    ]) {
      expect(parseSegmentName(segmentName(id))).toEqual(id);
    }
    for (const name of ["1.log", "0000000001-0.log", "0000000001.log.bak", ".nfs0001", "0000000001.snap"]) {
      expect(parseSegmentName(name)).toBeUndefined();
    }
  });
});
