import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { grantNumber, jobNumber } from "../../shared/core/id.js";
import { handInFolder } from "../../shared/core/names.js";
import { handInBytesMax } from "../../shared/io/hand-in-file.js";
import type { RangeResults } from "../core/message.js";
import { messageBytesMax } from "../core/outbox.js";
import { writeHandIn } from "./hand-in.js";
import { leftIn } from "./wire-peer.js";

const job = jobNumber(3);

/** A message as long as they get: a failure with much to say. */
function longMessage(number: number): RangeResults {
  const end = { exitCode: 1, signal: "", stderrTail: "" };
  const failure = { class: "event", message: "m".repeat(messageBytesMax - 200), ...end } as const;
  const failures = [{ job, range: number, grant: grantNumber(1), failure }];
  return { kind: "results", number, outputs: [], failures, returned: [], suspected: [] };
}

test("what is too much for one file goes into several, in order, each private and no longer than the driver takes (L2, L3)", async () => {
  const workdir = await mkdtemp(join(tmpdir(), "noctua-hand-in-"));
  onTestFinished(() => rm(workdir, { recursive: true }));
  const messages = Array.from({ length: 600 }, (_, i) => longMessage(i + 1));
  const origin = { run: "r", actor: "a", incarnation: "i", node: "n" };

  const paths = await writeHandIn(workdir, origin, { job, messages });

  const names = [1, 2, 3].map((part) => `a.i.${part}.handin`);
  expect(paths).toEqual(names.map((name) => join(workdir, handInFolder(job), name)));
  expect((await readdir(join(workdir, handInFolder(job)))).sort()).toEqual(names);
  const numbers: number[] = [];
  for (const path of paths) {
    const { size, mode } = await stat(path);
    expect(size).toBeLessThanOrEqual(handInBytesMax);
    expect(mode & 0o777).toBe(0o600);
    const left = leftIn(await readFile(path));
    expect(left).toMatchObject({ ...origin, job });
    numbers.push(...left.results.map(({ number }) => number));
  }
  expect(numbers).toEqual(messages.map(({ number }) => number));
});
