import { expect, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { silentLogger } from "../../shared/io/logger.js";
import { after } from "../../shared/io/system-clock.js";
import { EngineOverError } from "./engine.js";
import { FileWork } from "./file-work.js";
import { jobFilesIn } from "./job-files.js";

test("work of a driver that can't go on is the next one's, and no failure of files", async () => {
  const errors: unknown[] = [];
  const fileWork = new FileWork({
    files: jobFilesIn("/no/such/workdir"),
    read: () => Promise.reject(new EngineOverError("another driver has taken over")),
    reports: { writeLast: () => Promise.resolve() },
    keepBroken: () => Promise.resolve(),
    post: (command) => void errors.push(command),
    log: { ...silentLogger, error: (message) => void errors.push(message) },
    rng: { next: () => 0 },
    after,
  });
  fileWork.start({ kind: "report-job", job: jobNumber(1) });
  await fileWork.stop();
  expect(errors).toEqual([]);
  expect(fileWork.failing).toBeUndefined();
});
