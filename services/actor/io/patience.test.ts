import { expect, test } from "vitest";
import { errorMessage } from "../../shared/io/error-code.js";
import { Patience, ToldToStop } from "./patience.js";

const never = new AbortController().signal;

/** A file system that refuses with a code until it is mended, and notes who is tried. */
class Disk {
  flaw: string | undefined = "ENOSPC";
  readonly tried: number[] = [];
  readonly said: (string | undefined)[] = [];
  readonly patience: Patience;

  constructor(troubleMs = 60_000) {
    this.patience = new Patience({ troubleMs, onWait: (why) => this.said.push(why) });
  }

  store(output: number, signal = never): Promise<number> {
    const attempt = (): Promise<number> => {
      this.tried.push(output);
      if (this.flaw === undefined) return Promise.resolve(output);
      return Promise.reject(Object.assign(new Error(this.flaw), { code: this.flaw }));
    };
    return this.patience.try(attempt, errorMessage, () => signal);
  }

  /** Mended at the time of the nth try. */
  mendAt(tries: number): void {
    const { tried } = this;
    const push = tried.push.bind(tried);
    tried.push = (...outputs) => {
      if (tried.length + outputs.length >= tries) this.flaw = undefined;
      return push(...outputs);
    };
  }
}

test("what is stored at once is tried once, and nothing is said", async () => {
  const disk = new Disk();
  disk.flaw = undefined;
  expect(await disk.store(1)).toBe(1);
  expect(disk).toMatchObject({ tried: [1], said: [] });
});

test("outputs wait for room by turns, one at a time, and all are tried when there is some", async () => {
  const disk = new Disk();
  disk.mendAt(6);
  expect(await Promise.all([disk.store(1), disk.store(2), disk.store(3)])).toEqual([1, 2, 3]);
  // Each once; the first two by turns; the third finds room, and then the others do at once.
  expect(disk.tried.slice(0, 6)).toEqual([1, 2, 3, 1, 2, 3]);
  expect(disk.tried.slice(6).sort()).toEqual([1, 2]);
  expect(disk.said).toEqual(["ENOSPC", undefined]);
});

test("who is told to wait no longer stops, and the others wait on", async () => {
  const disk = new Disk();
  const stop = new AbortController();
  const first = disk.store(1, stop.signal);
  const second = disk.store(2);
  stop.abort();
  await expect(first).rejects.toThrow(ToldToStop);
  disk.flaw = undefined;
  expect(await second).toBe(2);
  expect(disk.said).toEqual(["ENOSPC", undefined]);
});

test("who tries when it is told to stop leaves the turn to the next", async () => {
  const disk = new Disk();
  const stop = new AbortController();
  const attempt = async (): Promise<never> => {
    disk.tried.push(1);
    if (disk.tried.length > 2) stop.abort();
    throw Object.assign(new Error("full"), { code: "EDQUOT" });
  };
  const first = disk.patience.try(attempt, errorMessage, () => stop.signal);
  const second = disk.store(2);
  await expect(first).rejects.toThrow(ToldToStop);
  disk.flaw = undefined;
  expect(await second).toBe(2);
});

test("trouble that may pass is waited for a while, and then told", async () => {
  const disk = new Disk(0);
  disk.flaw = "EIO";
  await expect(disk.store(1)).rejects.toThrow("EIO");
  expect(disk.tried).toEqual([1]);
  const patient = new Disk();
  patient.flaw = "ESTALE";
  patient.mendAt(3);
  expect(await patient.store(1)).toBe(1);
  expect(patient.said).toEqual(["ESTALE", undefined]);
});

test("what is wrong with the output itself is not waited for", async () => {
  const disk = new Disk();
  const flaw = new Error("the payload still writes to it");
  await expect(
    disk.patience.try(
      () => Promise.reject(flaw),
      errorMessage,
      () => never,
    ),
  ).rejects.toBe(flaw);
  expect(disk.said).toEqual([]);
});
