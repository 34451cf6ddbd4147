import { expect, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { ToldDriver } from "../core/testing/testing.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { ReportWriter } from "./report-writer.js";

const job = jobNumber(1);
const all = ["ranges.jsonl", "merged.jsonl", "kept.jsonl", "outputs.jsonl", "failures.jsonl", "report.json"];
const never = new AbortController().signal;

/** A driver with a job, and files of which each is told when it is whole. */
function bench() {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [8] }));
  const written: string[] = [];
  const world = { isCurrent: true, onPiece: (): void => undefined };
  const writer = new ReportWriter({
    read: async (question) => {
      await Promise.resolve();
      return question(driver.farm);
    },
    files: {
      writeWhole: async (path, content) => {
        if (typeof content !== "string") for await (const _piece of content) world.onPiece();
        written.push(path.slice("jobs/1/".length));
      },
    },
    clock: { unixMs: () => 0 },
    isCurrent: () => Promise.resolve(world.isCurrent),
  });
  const cancel = (): unknown => driver.control("cancel");
  return { driver, written, world, writer, cancel };
}

test("`report.json` is written last (W2)", async () => {
  const { writer, written } = bench();
  await writer.update(job, never);
  expect(written).toEqual(all);
});

test("a job is updated while it is at work, and has its last report when it is not", async () => {
  const { writer, written, cancel } = bench();
  await writer.writeLast(job);
  expect(written).toEqual([]);
  cancel();
  await writer.update(job, never);
  expect(written).toEqual([]);
  await writer.writeLast(job);
  expect(written).toEqual(all);
});

test("an update is given up in the middle of a list when the job ends, and the last report follows at once (W1, W3)", async () => {
  const { writer, written, world, cancel } = bench();
  const last: Promise<void>[] = [];
  world.onPiece = () => {
    world.onPiece = () => undefined;
    cancel();
    last.push(writer.writeLast(job));
  };
  await writer.update(job, never);
  expect(written).toEqual(["ranges.jsonl"]); // Its one piece had been asked for.
  await Promise.all(last);
  expect(written.slice(1)).toEqual(all);
});

test("an update is given up when told to stop", async () => {
  const { writer, written, world } = bench();
  const stopped = new AbortController();
  world.onPiece = () => stopped.abort();
  await writer.update(job, stopped.signal);
  expect(written).toEqual(["ranges.jsonl"]);
});

test("a driver that is replaced while it writes a list gives it no name, and writes nothing more (W4)", async () => {
  const { writer, written, world } = bench();
  world.onPiece = () => {
    world.isCurrent = false;
  };
  await expect(writer.update(job, never)).rejects.toThrow("another driver has taken over");
  expect(written).toEqual([]);
});

test("one that fails keeps none from being written later", async () => {
  const { writer, written, world, cancel } = bench();
  world.onPiece = () => {
    throw new Error("no space left on device");
  };
  const failing = writer.update(job, never);
  const next = writer.update(job, never);
  await expect(failing).rejects.toThrow("no space");
  world.onPiece = () => undefined;
  await expect(next).resolves.toBeUndefined();
  expect(written).toEqual(all);
  cancel();
  await writer.writeLast(job);
  expect(written).toEqual([...all, ...all]);
});
