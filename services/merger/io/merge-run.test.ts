import { closeSync, openSync, writeSync } from "node:fs";
import { appendFile, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { newPlan } from "../../shared/core/job-plan.js";
import { noSpans, spansOf } from "../../shared/core/spans.js";
import { checksumFile } from "../../shared/io/checksum.js";
import { runInProcessGroup } from "../../shared/io/process-group.js";
import { fakeSpec, pathOf } from "./fake-job.js";
import { removeTemporary, runMerge } from "./merge-run.js";
import { concat, mergeBench, shell } from "./testing-merge.js";

const never = new AbortController().signal;
const fuse = shell('while read -r path; do cat "$path"; done < "$1" > "$2"');

/** Changes the first letter of a file, in place. */
function changeFirst(path: string, letter: string): void {
  const file = openSync(path, "r+");
  writeSync(file, letter);
  closeSync(file);
}

const three = [
  [4, "four\n"],
  [2, "two\n"],
  [100, "last\n"],
] as const;

describe.each([
  ["concat", concat],
  ["a command", fuse],
])("%s", (_name, tool) => {
  test("fuses the outputs in their order, and counts their events", async () => {
    const { run, group, left, progress } = await mergeBench(three);
    const outcome = await run(tool);
    const sum = await checksumFile(group.temporary, never);
    expect(outcome).toMatchObject({ kind: "merged", file: { ...sum, events: 25 } });
    expect(await readFile(group.temporary, "utf8")).toBe("four\ntwo\nlast\n");
    expect(await left()).toEqual(["7.107.tmp"]);
    expect(progress.at(-1)).toBe(14);
  });

  test("names all outputs that are missing, short, corrupt or no files, and leaves nothing behind", async () => {
    const outputs = [9, 5, 4, 3, 2, 1].map((range) => [range, `output ${range}\n`] as const);
    const { run, group, left } = await mergeBench(outputs);
    await rm(pathOf(group, 9));
    await writeFile(pathOf(group, 5), "short");
    await writeFile(pathOf(group, 4), "Output 4\n");
    await rename(pathOf(group, 2), `${pathOf(group, 2)}.moved`);
    await symlink(`${pathOf(group, 2)}.moved`, pathOf(group, 2));
    await rm(pathOf(group, 1));
    await mkdir(pathOf(group, 1));
    const outcome = await run(tool);
    expect(outcome).toMatchObject({
      kind: "failed",
      lost: spansOf({ first: 1, count: 2 }, { first: 4, count: 2 }, { first: 9, count: 1 }),
    });
    expect(outcome).toMatchObject({
      failure: { message: expect.stringMatching(/^the output .*grant1\.txt /) },
    });
    expect(await left()).toEqual([]);
  });

  test("merges outputs that are all empty into an empty file", async () => {
    const { run, group } = await mergeBench([
      [1, ""],
      [2, ""],
    ]);
    expect(await run(tool)).toMatchObject({ kind: "merged", file: { sizeBytes: 0, adler32: 1, events: 20 } });
    expect(await readFile(group.temporary, "utf8")).toBe("");
  });

  test("when the workdir is out of sight nothing is declared lost", async () => {
    const { run, workdir } = await mergeBench(three);
    await rename(join(workdir, "driver"), join(workdir, "gone"));
    await rename(join(workdir, "jobs", "1", "outputs"), join(workdir, "outputs"));
    expect(await run(tool)).toMatchObject({ kind: "failed", failure: { class: "node" }, lost: noSpans });
    await rm(workdir, { recursive: true });
    expect(await run(tool)).toMatchObject({
      kind: "failed",
      failure: { class: "node", message: expect.stringContaining(join(workdir, "jobs")) },
      lost: noSpans,
    });
  });

  test("a merge that is told to stop leaves nothing behind, and says so", async () => {
    const { workdir, group, left } = await mergeBench(three);
    const stop = new AbortController();
    const running = runMerge(
      {
        ...{ workdir, environment: {}, graceMs: 5_000, runProgram: runInProcessGroup },
        ...{ lookAgainMs: 0, roomWaitMs: 0, onWait: () => undefined },
      },
      {
        lent: group.lent,
        plan: newPlan(fakeSpec(workdir, tool)),
        onProgress: () => stop.abort(new Error("revoked")),
        onOutput: () => undefined,
      },
      stop.signal,
    );
    await expect(running).rejects.toThrow("revoked");
    expect(await left()).toEqual([]);
  });
});

describe("concat", () => {
  test("outputs that read differently each time are read twice, and then it is the node's failure (P7)", async () => {
    const content = "a".repeat(1_100_000);
    const { run, group } = await mergeBench([
      [1, content],
      [2, content],
    ]);
    // The second is bad from when the first is read until its own beginning was.
    const changed: string[] = [];
    const onProgress = (bytes: number): void => {
      const letter = bytes > content.length ? "a" : "b";
      if (changed.at(-1) === letter) return;
      changeFirst(pathOf(group, 2), letter);
      changed.push(letter);
    };
    expect(await run(concat, { lookAgainMs: 50, onProgress })).toMatchObject({
      failure: {
        class: "node",
        message: expect.stringMatching(/^the outputs of the group read differently/),
      },
      lost: noSpans,
    });
    expect(changed).toEqual(["b", "a", "b", "a"]);
  });

  test("replaces what an earlier try under the same grant left", async () => {
    const { run, group } = await mergeBench(three);
    await mkdir(dirname(group.temporary), { recursive: true });
    await writeFile(group.temporary, "left over");
    expect(await run(concat)).toMatchObject({ kind: "merged" });
    expect(await readFile(group.temporary, "utf8")).toBe("four\ntwo\nlast\n");
  });

  test("what cannot be written is the node's failure, and names the file", async () => {
    const { workdir, run } = await mergeBench(three);
    await writeFile(join(workdir, "jobs", "1", "merged"), "a file where a folder should be");
    expect(await run(concat)).toMatchObject({
      failure: { class: "node", message: expect.stringContaining("jobs/1/merged/7.107.tmp") },
      lost: noSpans,
    });
  });

  test("an output that was appended to while it was read is found out", async () => {
    const { run, group } = await mergeBench([[1, "x".repeat(10)]]);
    await appendFile(pathOf(group, 1), "more");
    expect(await run(concat)).toMatchObject({
      failure: { message: expect.stringMatching(/was reported with 10 bytes and has 14$/) },
    });
  });
});

describe("a command", () => {
  test("that fails is reported with its exit code and the end of stderr, and its file is removed", async () => {
    const { run, left } = await mergeBench(three);
    const outcome = await run(shell('echo half > "$2"; echo "no histogram of that name" >&2; exit 3'));
    expect(outcome).toMatchObject({
      kind: "failed",
      failure: {
        class: "transient",
        message: "expected the merge command to end with exit code 0, found exit code 3",
        exitCode: 3,
        stderrTail: "no histogram of that name\n",
      },
      lost: noSpans,
    });
    expect(await left()).toEqual([]);
  });

  test("runs in the job's folder, with the environment that is passed on and no other", async () => {
    const { run, group, workdir } = await mergeBench(three);
    const outcome = await run(shell('{ pwd; echo "$3"; env | grep -c SECRET; } > "$2"; true'), {
      environment: { PATH: process.env["PATH"] ?? "", OPEN: "1" },
    });
    expect(outcome).toMatchObject({ kind: "merged" });
    expect(await readFile(group.temporary, "utf8")).toBe(`${workdir}\n${workdir}\n0\n`);
  });

  test("that takes too long is ended, with all that it started", async () => {
    const { run, left } = await mergeBench(three);
    const outcome = await run(shell("sleep 1000 & sleep 1000"), { rule: { timeoutMs: 100 } });
    expect(outcome).toMatchObject({
      failure: {
        message: "expected the merge command to end within 0.1 s, and ended it after that",
        signal: "SIGTERM",
      },
    });
    expect(await left()).toEqual([]);
  });

  test.each([
    ["nothing", "true", /made no file: expected a file at .*7\.107\.tmp, and there is none$/],
    ["a folder", 'mkdir "$2"', /it is no regular file$/],
    ["a link", 'ln -s /etc/passwd "$2"', /it is no regular file$/],
    ["an empty file of full ones", ': > "$2"', /and it is empty$/],
  ])("that ends well and makes %s has failed", async (_what, script, message) => {
    const { run, left } = await mergeBench(three);
    expect(await run(shell(script))).toMatchObject({
      kind: "failed",
      failure: { class: "transient", message: expect.stringMatching(message), exitCode: 0 },
    });
    expect(await left()).toEqual([]);
  });

  test("that does not exist is a failure that no other try mends", async () => {
    const { run } = await mergeBench(three);
    expect(await run({ kind: "command", command: ["no-such-merge"] })).toMatchObject({
      failure: { class: "fatal", message: expect.stringContaining('cannot start "no-such-merge"') },
    });
  });
});

test("a temporary is removed whether it is there or not", async () => {
  const { run, workdir, group, left } = await mergeBench(three);
  await run(concat);
  await removeTemporary(workdir, group.lent.merge);
  await removeTemporary(workdir, group.lent.merge);
  expect(await left()).toEqual([]);
});
