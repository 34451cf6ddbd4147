import { execFile } from "node:child_process";
import { readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MergeTool } from "../../shared/core/job-spec.js";
import { noSpans, spansOf } from "../../shared/core/spans.js";
import { checksumFile } from "../../shared/io/checksum.js";
import { runInProcessGroup } from "../../shared/io/process-group.js";
import { after } from "../../shared/io/system-clock.js";
import { pathOf } from "./fake-job.js";
import { concat, mergeBench } from "./testing-merge.js";

const never = new AbortController().signal;
const tar: MergeTool = { kind: "tar" };
const execute = promisify(execFile);
const three = [
  [4, "four\n"],
  [2, "two\n"],
  [100, "last\n"],
] as const;

describe("tar", () => {
  test("makes an archive that says what is in it by events, the same one whenever it is made", async () => {
    const { run, group } = await mergeBench(three);
    const first = await run(tar);
    const bytes = await readFile(group.temporary);
    const second = await run(tar);
    expect(first).toMatchObject({
      kind: "merged",
      file: { ...(await checksumFile(group.temporary, never)), events: 25 },
    });
    expect(await readFile(group.temporary)).toEqual(bytes);
    expect(second).not.toEqual(first); // Another file has another UUID.
    const names = await execute("tar", ["-tf", group.temporary]);
    expect(names.stdout).toBe("input1.events41-50.txt\ninput1.events21-30.txt\ninput1.events1001-1005.txt\n");
    const content = await execute("tar", ["-xOf", group.temporary]);
    expect(content.stdout).toBe("four\ntwo\nlast\n");
  });
});

describe.each([
  ["concat", concat],
  ["tar", tar],
])("%s", (_name, tool) => {
  test("whatever the sizes are, all bytes are there once and their checksum is right", async () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 1_040_000, max: 2_200_000 }));
    const sizes = fc.array(size, { minLength: 1, maxLength: 50 });
    for (const some of fc.sample(sizes, { numRuns: 6, seed: 5 })) {
      const texts = some.map((length, i) => String.fromCharCode(97 + (i % 26)).repeat(length));
      const { run, group, progress } = await mergeBench(texts.map((text, i) => [i, text]));
      const outcome = await run(tool);
      const sum = await checksumFile(group.temporary, never);
      expect(outcome).toMatchObject({ kind: "merged", file: sum });
      expect(progress.at(-1) ?? 0).toBe(some.reduce((all, length) => all + length, 0));
      const file = await readFile(group.temporary, "latin1");
      if (tool.kind === "concat") expect(file === texts.join("")).toBe(true);
      else
        expect(
          (await execute("tar", ["-xOf", group.temporary], { maxBuffer: 1e9 })).stdout === texts.join(""),
        ).toBe(true);
    }
  });

  test("an output that shows late is waited for", async () => {
    const { run, group } = await mergeBench([...three, [7, "x".repeat(3_000_000)]]);
    for (const range of [2, 7]) await rename(pathOf(group, range), `${pathOf(group, range)}.late`);
    const running = run(tool, { lookAgainMs: 20_000 });
    const shown = new Promise((resolve, reject) => {
      after(50, () => {
        Promise.all([2, 7].map((range) => rename(`${pathOf(group, range)}.late`, pathOf(group, range)))).then(
          resolve,
          reject,
        );
      });
    });
    expect(await running).toMatchObject({ kind: "merged" });
    await shown;
  });

  test("a large output that was cut short or has a bit flipped is lost, and no other is", async () => {
    const large = "x".repeat(3_000_000);
    const { run, group, left } = await mergeBench([
      [1, large],
      [2, large],
      [3, large],
      [4, "small"],
    ]);
    await truncate(pathOf(group, 1), 2_999_999);
    await writeFile(pathOf(group, 3), `${large.slice(0, -1)}y`);
    expect(await run(tool)).toMatchObject({
      kind: "failed",
      lost: spansOf({ first: 1, count: 1 }, { first: 3, count: 1 }),
      failure: {
        message: expect.stringMatching(/was reported with 3000000 bytes and has 2999999 \(and 1 more\)$/),
      },
    });
    expect(await left()).toEqual([]);
  });
});

describe("a merge command", () => {
  test("is given the UUID that is reported", async () => {
    const { run, group } = await mergeBench(three);
    const outcome = await run({
      kind: "command",
      command: ["sh", "-c", "echo {guid} > {output}; : {inputs}"],
    });
    const guid = (await readFile(group.temporary, "utf8")).trim();
    expect(guid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(outcome).toMatchObject({ kind: "merged", file: { guid } });
  });
});

describe("a merged file is looked at before it is reported", () => {
  const counting = (script: string) => ({
    count: ["sh", "-c", script, "count", "{output}", "{jobDir}"],
    check: [],
  });
  const checking = (script: string) => ({
    count: [],
    check: ["sh", "-c", script, "check", "{output}", "{jobDir}"],
  });

  test("by a count that agrees and a check that passes", async () => {
    const { run } = await mergeBench(three);
    const checks = {
      ...checking('grep -q two "$1"'),
      count: ["sh", "-c", "echo; echo ' 25 events'; echo 3", "{output}"],
    };
    expect(await run(concat, { rule: { checks } })).toMatchObject({ kind: "merged", file: { events: 25 } });
  });

  test.each([
    [
      "another number",
      counting('wc -l "$1"'),
      /^expected 25 events in .*7\.107\.tmp, found that the count command says 3$/,
    ],
    ["no number", counting("echo many"), /the count command says "many", which is no number$/],
    ["nothing", counting("true"), /the count command says "", which is no number$/],
    ["too much", counting("yes 2 | head -c 1000000"), /the count command says 2$/],
    [
      "an error",
      counting("exit 4"),
      /^expected the count command to end with exit code 0, found exit code 4$/,
    ],
    [
      "a bad file",
      checking("echo torn >&2; exit 1"),
      /^expected the check command to end with exit code 0, found exit code 1$/,
    ],
    [
      "a crash",
      checking("kill -SEGV $$"),
      /^expected the check command to end with exit code 0, found that SIGSEGV/,
    ],
    [
      "a change",
      checking('echo more >> "$1"'),
      /to be as it was, found it changed by a count or check command$/,
    ],
  ])("%s fails the try, and leaves nothing behind", async (_what, checks, message) => {
    const { run, left } = await mergeBench(three);
    expect(await run(tar, { rule: { checks } })).toMatchObject({
      kind: "failed",
      failure: { class: "transient", message: expect.stringMatching(message) },
      lost: noSpans,
    });
    expect(await left()).toEqual([]);
  });

  test("a check that takes too long is ended, and one that is not there is nobody's to mend", async () => {
    const { run } = await mergeBench(three);
    const slow = { checks: checking("sleep 1000"), timeoutMs: 100 };
    expect(await run(concat, { rule: slow })).toMatchObject({
      failure: { message: "expected the check command to end within 0.1 s, and ended it after that" },
    });
    const none = { checks: { count: [], check: ["no-such-check", "{output}"] } };
    expect(await run(concat, { rule: none })).toMatchObject({ failure: { class: "fatal" } });
  });

  test("and a merge that is revoked meanwhile ends the check", async () => {
    const { run, group, left } = await mergeBench(three);
    const stop = new AbortController();
    const runProgram: typeof runInProcessGroup = (words, options, signal) => {
      after(20, () => stop.abort(new Error("revoked")));
      return runInProcessGroup(words, options, AbortSignal.any([signal, stop.signal]));
    };
    const running = run(concat, { rule: { checks: checking("sleep 1000") }, runProgram });
    await expect(running).rejects.toThrow("revoked");
    expect(await left()).toEqual([]);
    await rm(group.temporary, { force: true });
  });
});
