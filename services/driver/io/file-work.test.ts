import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { present } from "../../shared/core/assert.js";
import { grantNumber, groupNumber, jobNumber } from "../../shared/core/id.js";
import { mergedPath, outputPath, temporaryMergedPath } from "../../shared/core/names.js";
import { silentLogger } from "../../shared/io/logger.js";
import { after } from "../../shared/io/system-clock.js";
import type { Command } from "../core/facts/command.js";
import { JobFault } from "../core/state/fault.js";
import { mergeOf, ToldDriver } from "../core/testing/testing.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { realParts } from "../core/turn.js";
import { FileWork } from "./file-work.js";
import type { ReadFarm } from "./report-lists.js";
import { ReportWriter } from "./report-writer.js";
import { jobFilesIn, type JobFiles } from "./job-files.js";

const job = jobNumber(1);
const spec = aSpec({ inputs: [3] });
const ending: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

/** A queue that a test waits at: for words that work is done, and for errors that are logged. */
class News<Item> {
  readonly #items: Item[] = [];
  #wake: (() => void) | undefined;

  put(item: Item): void {
    this.#items.push(item);
    this.#wake?.();
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  async next(): Promise<Item> {
    while (this.#items.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return present(this.#items.shift(), "news");
  }
}

/** A workdir with job 1's folders, a driver whose group 1 of three ranges was accepted under grant 2, and its file work. */
async function aWork(driver = accepted(), change: (files: JobFiles) => JobFiles = (files) => files) {
  const workdir = await mkdtemp(join(tmpdir(), "noctua-"));
  ending.push(() => rm(workdir, { recursive: true }));
  const posted = new News<Command>();
  const errors = new News<string>();
  const files = change(jobFilesIn(workdir));
  const readFarm: ReadFarm = (question) => Promise.resolve(question(driver.farm));
  const fileWork = new FileWork({
    files,
    read: readFarm,
    reports: new ReportWriter({ files, read: readFarm, clock: { unixMs: () => 0 } }),
    keepBroken: () => Promise.resolve(),
    post: (command) => posted.put(command),
    log: { ...silentLogger, error: (_, fields) => errors.put(String(fields?.["error"])) },
    rng: { next: () => 0 },
    after,
  });
  ending.push(() => fileWork.stop());
  const put = async (path: string, text: string): Promise<string> => {
    await mkdir(dirname(join(workdir, path)), { recursive: true });
    await writeFile(join(workdir, path), text);
    return path;
  };
  const read = (path: string): Promise<string> => readFile(join(workdir, path), "utf8");
  return { workdir, driver, fileWork, posted, errors, put, read };
}

function accepted(): ToldDriver {
  const driver = new ToldDriver();
  driver.submit(spec);
  driver.actor().ask(3).done(1, [0, 1, 2]);
  driver.merger().ask(1).merged(mergeOf(1, 2));
  return driver;
}

function output(range: number, grant = 1): string {
  const events = { input: 0, first: range + 1, last: range + 1 };
  return outputPath({ job, range, grant: grantNumber(grant), events }, ".lhe");
}

const temporary = temporaryMergedPath(job, groupNumber(1), grantNumber(2));
const final = mergedPath(job, { group: 1, late: 0 }, spec);
/** The driver in these tests was told of a merged file of 1000 bytes. */
const content = "x".repeat(1_000);
const publish = { kind: "publish-merge", merge: mergeOf(1, 2) } as const;
const isPublished = { kind: "confirm-published", merge: { job: 1, group: 1 } };

describe("publishing a merged file", () => {
  test("gives it its final name, and says so when that is done", async () => {
    const { fileWork, posted, put, read } = await aWork();
    await put(temporary, content);
    fileWork.start(publish);
    expect(await posted.next()).toEqual(isPublished);
    expect(await read(final)).toBe(content);
    await expect(read(temporary)).rejects.toThrow("ENOENT");
  });

  test("finds what a former try has done already (Z1)", async () => {
    const { fileWork, posted, put, read } = await aWork();
    await put(final, content);
    fileWork.start(publish);
    expect(await posted.next()).toEqual(isPublished);
    expect(await read(final)).toBe(content);
  });

  test("that finds neither file says what it expected, and is tried again until it succeeds (Z2)", async () => {
    const { fileWork, posted, errors, put } = await aWork();
    fileWork.start(publish);
    expect(await errors.next()).toMatch(
      /^expected .*1\.2\.tmp, or .*drell-yan\.0001\.lhe of 1000 bytes, found neither$/,
    );
    expect(fileWork.failing).toMatch(/^publish-merge fails: expected/);
    await put(temporary, content);
    expect(await posted.next()).toEqual(isPublished);
    expect(fileWork.failing).toBeUndefined();
  });

  test("is not tried for ever where the program is wrong: its job goes out of service (Z4)", async () => {
    const wrong = new TypeError("path is not a string");
    const { fileWork, posted } = await aWork(accepted(), (files) => ({
      ...files,
      rename: () => Promise.reject(wrong),
    }));
    fileWork.start(publish);
    expect(await posted.next()).toMatchObject({ kind: "tell-fault", blamed: { job: 1, cause: wrong } });
    expect(fileWork.failing).toBeUndefined();
  });

  test("that failed is no longer in the way when its job went out of service meanwhile (Z2, Z4)", async () => {
    const { driver, fileWork, posted, errors } = await aWork();
    fileWork.start(publish);
    await errors.next();
    driver.parts = { ...realParts };
    driver.tell({ kind: "tell-fault", blamed: new JobFault(job, "it was said", new TypeError("no")) });
    expect(await posted.next()).toMatchObject({ kind: "tell-fault" });
    expect(fileWork.failing).toBeUndefined();
  });

  test("takes no file of another size for its own", async () => {
    const { fileWork, errors, put } = await aWork();
    await put(final, "short");
    fileWork.start(publish);
    expect(await errors.next()).toContain("of 5 bytes");
  });
});

describe("removing the inputs of a published file", () => {
  const remove = { kind: "remove-inputs", merge: { job, group: groupNumber(1) } } as const;
  const areRemoved = { kind: "confirm-inputs-removed", merge: { job: 1, group: 1 } };

  test("removes the outputs that were fused, and no other's", async () => {
    const driver = accepted();
    driver.tell({ kind: "confirm-published", merge: mergeOf(1, 2) });
    const { fileWork, posted, put, read, workdir } = await aWork(driver);
    for (const range of [0, 1, 2]) await put(output(range), "won");
    const late = await put(output(1, 7), "superseded");
    fileWork.start(remove);
    expect(await posted.next()).toEqual(areRemoved);
    expect(await read(late)).toBe("superseded");
    expect(await readdir(join(workdir, dirname(late)))).toHaveLength(1);
  });

  test("may be repeated, and begun when some are gone already (Z1)", async () => {
    const driver = accepted();
    driver.tell({ kind: "confirm-published", merge: mergeOf(1, 2) });
    const { fileWork, posted, put } = await aWork(driver);
    await put(output(1), "won");
    fileWork.start(remove);
    fileWork.start(remove);
    expect(await posted.next()).toEqual(areRemoved);
    expect(await posted.next()).toEqual(areRemoved);
  });
});

/** A driver that has so many files of one output each, accepted and not published. */
function manyAccepted(files: number): ToldDriver {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [files], everyOutputs: 1 }));
  const ranges = Array.from({ length: files }, (_, range) => range);
  driver.actor().ask(files).done(1, ranges);
  const merger = driver.merger().ask(files);
  for (const merge of merger.merges()) merger.merged(merge);
  return driver;
}

describe("file work", () => {
  test("publishes while removals go on that take long, which are few at a time (Z3)", async () => {
    const driver = manyAccepted(9);
    const [publishLast, ...rest] = driver.effects("publish-merge").reverse();
    const { merge: last } = present(publishLast, "last");
    for (const { merge } of rest) driver.tell({ kind: "confirm-published", merge });
    const removed: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { fileWork, posted, put } = await aWork(driver, (files) => ({
      ...files,
      remove: (paths) => (removed.push(...paths), held),
    }));
    await put(temporaryMergedPath(job, last.group, last.grant), content);
    for (const effect of driver.effects("remove-inputs")) fileWork.start(effect);
    fileWork.start({ kind: "publish-merge", merge: last });
    expect(await posted.next()).toEqual({ kind: "confirm-published", merge: { job: 1, group: 9 } });
    expect(removed).toHaveLength(2);
    release();
    for (let i = 0; i < 8; i += 1)
      expect(await posted.next()).toMatchObject({ kind: "confirm-inputs-removed" });
  });

  test("removes few of many files after it is stopped, and does not say that they are gone", async () => {
    const outputs = 2_000;
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [outputs], everyOutputs: outputs }));
    driver
      .actor()
      .ask(outputs)
      .done(
        1,
        Array.from({ length: outputs }, (_, range) => range),
      );
    driver.merger().ask(1).merged(mergeOf(1, 2));
    driver.tell({ kind: "confirm-published", merge: mergeOf(1, 2) });
    let removed = 0;
    const stopped: Promise<void>[] = [];
    const { fileWork, posted } = await aWork(driver, (files) => ({
      ...files,
      remove: (paths) => {
        removed += paths.length;
        if (stopped.length === 0) stopped.push(fileWork.stop());
        return Promise.resolve();
      },
    }));
    fileWork.start({ kind: "remove-inputs", merge: { job, group: groupNumber(1) } });
    while (stopped.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all(stopped);
    expect(removed).toBeLessThanOrEqual(512);
    fileWork.start({ kind: "remove-inputs", merge: { job, group: groupNumber(1) } }); // Nothing begins any more.
    expect(posted.isEmpty).toBe(true);
  });

  test("runs at most eight at a time, and all of it in the end (Z3)", async () => {
    const driver = manyAccepted(20);
    const { workdir, put } = await aWork(driver);
    for (const { merge } of driver.effects("publish-merge"))
      await put(temporaryMergedPath(job, merge.group, merge.grant), content);
    let [running, most] = [0, 0];
    const posted = new News<Command>();
    const fileWork = new FileWork({
      files: jobFilesIn(workdir),
      reports: { writeLast: () => Promise.resolve() },
      keepBroken: () => Promise.resolve(),
      read: async (question) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        return question(driver.farm);
      },
      post: (command) => {
        running -= 1;
        posted.put(command);
      },
      log: silentLogger,
      rng: { next: () => 0 },
      after,
    });
    for (const effect of driver.effects("publish-merge")) fileWork.start(effect);
    for (let i = 0; i < 20; i += 1) await posted.next();
    expect(most).toBe(8);
    await fileWork.stop();
  });

  test("that fails does not stand in the way of other work (Z2)", async () => {
    const driver = manyAccepted(9);
    const { fileWork, posted, errors, put } = await aWork(driver);
    const works = driver.effects("publish-merge");
    const last = present(works.at(-1), "last").merge;
    await put(temporaryMergedPath(job, last.group, last.grant), content);
    for (const effect of works) fileWork.start(effect);
    expect(await posted.next()).toEqual({ kind: "confirm-published", merge: { job: 1, group: 9 } });
    expect(await errors.next()).toContain("found neither");
    expect(fileWork.failing).toContain("publish-merge fails");
  });

  test("that fails is left to the next driver when this one stops", async () => {
    const { fileWork, errors } = await aWork();
    fileWork.start(publish);
    await errors.next();
    await fileWork.stop();
    fileWork.start(publish); // Too late: nothing begins any more.
    await fileWork.stop();
  });
});
