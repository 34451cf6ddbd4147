// A folder of a test's own, away with all that is in it when the test is over.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Absolute path of a new, empty folder that only its owner can read. */
export async function privateFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "noctua-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
