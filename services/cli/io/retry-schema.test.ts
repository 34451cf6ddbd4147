import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RetrySpec } from "../../shared/core/job-spec.js";
import { readJobFile } from "./job-file.js";
import { quietReader } from "./testing-reader.js";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "noctua-retry-"));
  await writeFile(join(folder, "1.lhe"), "12345");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a job file with this `retry` on its fourth line becomes. */
async function read(retry: string): Promise<RetrySpec> {
  const payload = '{ kind: exec, command: [run, "{output}"] }';
  const lines = ["name: x", "inputs: [{ path: 1.lhe, events: 1 }]", `payload: ${payload}`, `retry: ${retry}`];
  const path = join(folder, "job.yaml");
  await writeFile(path, lines.join("\n"));
  return (await readJobFile(path, quietReader)).retry;
}

describe("what a job file says of failures", () => {
  test("may be a rule for exit codes, signals and the timeout", async () => {
    const rules = "[{ exitCodes: [2, 3], class: event }, { signals: [SIGKILL], timeout: true, class: node }]";
    expect((await read(`{ rules: ${rules} }`)).rules).toEqual([
      { exitCodes: [2, 3], signals: [], timeout: false, class: "event" },
      { exitCodes: [], signals: ["SIGKILL"], timeout: true, class: "node" },
    ]);
  });

  test.each([
    ["{ first: 2s, last: 5m }", { firstMs: 2_000, lastMs: 300_000 }],
    ["{ first: 0s, last: 0s }", { firstMs: 0, lastMs: 0 }],
    ["{ first: 5m }", { firstMs: 300_000, lastMs: 300_000 }],
    ["{ last: 500ms }", { firstMs: 500, lastMs: 500 }],
  ])("may be half of the backoff, and the rest follows: %s", async (backoff, expected) => {
    expect((await read(`{ backoff: ${backoff} }`)).backoff).toEqual(expected);
  });

  test.each([
    [
      "{ rules: [{ class: node }] }",
      ["job.yaml:4: retry.rules[0]: expected exitCodes, signals or timeout: true, found a class alone"],
    ],
    [
      "{ rules: [{ exitCodes: [0], signals: [KILL], timeout: no, clas: node }] }",
      [
        "retry.rules[0].exitCodes[0]: expected a whole number from 1 to 255, found the number 0",
        "retry.rules[0].signals[0]: expected one of SIGHUP, ",
        'SIGSYS, found "KILL"',
        'retry.rules[0].timeout: expected true, found "no"',
        "retry.rules[0].class: expected one of transient, node, event, fatal, found nothing",
        'expected one of exitCodes, signals, timeout, class, found "clas" (did you mean "class"?)',
      ],
    ],
    [
      "{ backoff: { first: 2s, last: 1s, middle: 1s } }",
      [
        'retry.backoff.middle: expected one of first, last, found "middle"',
        'retry.backoff.last: expected at least as long as first, found "1s"',
      ],
    ],
    ["{ backoff: { first: -1s } }", ["retry.backoff.first: expected a duration from 0s to 20d"]],
  ])("is told its mistakes, all of them: %s", async (retry, expected) => {
    const error: unknown = await read(retry).catch((found: unknown) => found);
    for (const mistake of expected) expect(String(error)).toContain(mistake);
  });
});
