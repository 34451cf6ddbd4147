// For tests: empty folders that only their owner can read, gone when the test is over. The guard in tools/tmp-guard.mjs
// fails a run that leaves any.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Absolute path of a new one. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "noctua-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
