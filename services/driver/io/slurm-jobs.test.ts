import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { askSqueue, slurmJobsIn } from "./slurm-jobs.js";
import { nodesIn } from "./slurm-nodes.js";

describe("Slurm's short way to write nodes", () => {
  test.each([
    ["nid00001", ["nid00001"]],
    ["nid[001-003,7],gpu1", ["nid001", "nid002", "nid003", "nid7", "gpu1"]],
    ["r[0-1]n[8-10]", ["r0n8", "r0n9", "r0n10", "r1n8", "r1n9", "r1n10"]],
    ["a[1-2]-ib", ["a1-ib", "a2-ib"]],
  ])("%s is written out", (text, nodes) => {
    expect(nodesIn(text)).toEqual(nodes);
  });

  test.each(["", "a,", "n[1-", "n[2-1]", "n[x]", "n]", "n[1-999999999]", "n[0-999][0-999]"])(
    "%j is not believed",
    (text) => {
      expect(nodesIn(text)).toBeUndefined();
    },
  );
});

describe("what squeue prints", () => {
  test("tells jobs that are over, and the nodes of those that run", () => {
    const jobs = slurmJobsIn("12|12|RUNNING|n[1-2]\n13|13|TIMEOUT|n3\n");
    expect(jobs.get("12")).toEqual({ kind: "running", nodes: new Set(["n1", "n2"]) });
    expect(jobs.get("13")).toEqual({ kind: "over", state: "TIMEOUT" });
  });

  test("a heterogeneous job has the nodes of all its parts, and each part its own", () => {
    const jobs = slurmJobsIn("20+0|20|RUNNING|n1\n20+1|21|RUNNING|n2\n");
    expect(jobs.get("20")).toEqual({ kind: "running", nodes: new Set(["n1", "n2"]) });
    expect(jobs.get("21")).toEqual({ kind: "running", nodes: new Set(["n2"]) });
  });

  test("proves nothing of a job in any other state, without nodes, or that is not there (J2)", () => {
    const text =
      "1|1|PENDING|\n2|2|COMPLETING|n1\n3|3|RUNNING|\n4+0|4|RUNNING|n1\n4+1|5|SUSPENDED|n2\ngarbage\n";
    expect([...slurmJobsIn(text).keys()]).toEqual([]);
  });
});

test("all jobs are asked for in one call, and what fails is told (J1)", async () => {
  const folder = await mkdtemp(join(tmpdir(), "noctua-squeue-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const program = join(folder, "squeue");
  const script = (text: string): Promise<void> => writeFile(program, `#!/bin/sh\n${text}\n`);
  await script('for word; do case "$word" in --jobs=1,2) echo "1|1|RUNNING|n1"; esac; done');
  await chmod(program, 0o700);
  const { signal } = new AbortController();
  expect([...(await askSqueue(program)(["1", "2"], signal)).keys()]).toEqual(["1"]);
  await script("yes | head -c 20000000");
  await expect(askSqueue(program)(["1"], signal)).rejects.toThrow("maxBuffer"); // No more is taken in. (P7)
  await script("echo no such job >&2; exit 1");
  await expect(askSqueue(program)(["1"], signal)).rejects.toThrow("no such job");
  await expect(askSqueue(join(folder, "absent"))(["1"], signal)).rejects.toThrow("ENOENT");
});
