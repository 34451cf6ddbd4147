// For tests of what happens in the world.

import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, vi } from "vitest";

const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** An empty folder, removed when the tests of the file are over. */
export async function newFolder(root = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(root, "noctua-actor-"));
  folders.push(folder);
  return folder;
}

/** Waits for a state, on a machine however slow. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitUntil(holds, { timeout: 50_000, interval: 10 });
}

export async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
