// For tests: empty folders that only their owner can read, gone when the tests of the file are over. The guard in
// tools/tmp-guard.mjs fails a run that leaves any.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Absolute path of a new one. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "noctua-test-"));
  folders.push(folder);
  return folder;
}
