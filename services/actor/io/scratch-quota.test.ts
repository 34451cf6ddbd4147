import { mkdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test, vi } from "vitest";
import { ScratchQuota } from "./scratch-quota.js";
import { newFolder, removeFolders } from "./testing.js";

afterAll(removeFolders);

interface Quota {
  readonly quota: ScratchQuota;
  readonly folder: string;
  readonly flaws: string[];
  readonly running: { ranges: number };
}

/** Of 1 MB. */
async function aQuota(): Promise<Quota> {
  const folder = await newFolder();
  const flaws: string[] = [];
  const running = { ranges: 1 };
  const quota = new ScratchQuota({
    bytesMax: 1_000_000,
    use: () => ({ paths: [folder], ranges: running.ranges }),
    onFlaw: ({ message }) => flaws.push(message),
  });
  onTestFinished(() => quota.close());
  return { quota, folder, flaws, running };
}

const message = async ({ quota, folder, running }: Quota): Promise<string | undefined> =>
  (await quota.flawOf({ paths: [folder], ...running }))?.message;

test("what is in all folders counts, and too much names limit, folder and what was found", async () => {
  const one = await aQuota();
  await mkdir(join(one.folder, "deep/down"), { recursive: true });
  await writeFile(join(one.folder, "deep/down/a"), Buffer.alloc(600_000, 1));
  expect(await message(one)).toBeUndefined();
  await writeFile(join(one.folder, "b"), Buffer.alloc(600_000, 1));
  const allowed = "expected at most 1MB of the node's scratch for a range (scratchMax)";
  expect(await message(one)).toBe(`${allowed}, found 1.2MB or more in ${one.folder}`);
  const use = { paths: [one.folder], ranges: 1 };
  expect(await one.quota.flawOf(use)).toMatchObject({ class: "event" });
  expect(one.quota.isDue).toBe(true);
  expect(await one.quota.look(use)).toMatchObject({ class: "event" });
  expect(one.quota.isDue).toBe(false);
});

test("a program that works on several ranges has as much for each", async () => {
  const one = await aQuota();
  await writeFile(join(one.folder, "a"), Buffer.alloc(1_600_000, 1));
  one.running.ranges = 2;
  expect(await message(one)).toBeUndefined();
  await writeFile(join(one.folder, "b"), Buffer.alloc(600_000, 1));
  expect(await message(one)).toMatch(/2.2MB or more in .* for 2 ranges$/);
});

test("holes take nothing, no link is followed, and what is gone takes nothing (Q3)", async () => {
  const one = await aQuota();
  const elsewhere = await newFolder();
  await writeFile(join(elsewhere, "large"), Buffer.alloc(2_000_000, 1));
  await symlink(elsewhere, join(one.folder, "link"));
  await writeFile(join(one.folder, "hole"), "");
  await truncate(join(one.folder, "hole"), 1e9);
  expect(await message(one)).toBeUndefined();
  await rm(one.folder, { recursive: true });
  expect(await message(one)).toBeUndefined();
});

test("while ranges run it is looked at now and then (Q1)", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const one = await aQuota();
  one.running.ranges = 0;
  await writeFile(join(one.folder, "a"), Buffer.alloc(2_000_000, 1));
  vi.advanceTimersByTime(20_000);
  one.running.ranges = 1;
  vi.advanceTimersByTime(5_000);
  await vi.waitFor(() => expect(one.flaws).toHaveLength(1), 30_000);
});

test("who has too many files is told so, and they are not all counted (Q2)", async () => {
  const folder = await newFolder();
  for (let i = 0; i < 12; i += 1) await writeFile(join(folder, String(i)), "");
  const quota = new ScratchQuota({
    bytesMax: 1_000_000,
    filesMax: 10,
    use: () => ({ paths: [folder], ranges: 1 }),
    onFlaw: () => undefined,
  });
  onTestFinished(() => quota.close());
  expect((await quota.flawOf({ paths: [folder], ranges: 1 }))?.message).toMatch(
    "found more than 10 files in",
  );
});
