// What a job's user sees when things fail for real: payloads, merge commands, nodes.

import { utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob, type ListedJob, type ListedJobOptions } from "../support/listed-job.js";
import { readWholeReport } from "./read-report.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);
const shape = { inputs: 1, eventsPerInput: 40, eventsPerRange: 2, mergeEvery: 8 };

interface Started {
  readonly farm: ProcessFarm;
  readonly listed: ListedJob;
}

/** A farm with one actor and one merger, and the job submitted. */
async function submitted(options: ListedJobOptions, ...driverArgs: readonly string[]): Promise<Started> {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const listed = await writeListedJob(join(folder, "job"), options);
  await farm.start("driver", "driver", ...driverArgs);
  await farm.start("actor", "actor1", "--slots", "2");
  await farm.start("merger", "merger1");
  const answer = await noctua("submit", listed.path, "--workdir", farm.workdir);
  expect(answer, answer.stderr).toMatchObject({ code: 0, stdout: "job 1\n" });
  return { farm, listed };
}

describe("a bad event", () => {
  it("fails for good when its credit is spent, is in the report with its stderr, and the others are merged", async () => {
    const before = 'if [ "$first" = 7 ]; then echo "no such particle in event 7" >&2; exit 3; fi';
    const { farm, listed } = await submitted({ ...shape, before, attempts: 2 });
    const end = await farm.jobWhen(1, isOver);
    expect(end).toMatchObject({ ranges: { merged: 19, failed: 1 }, failures: 2 });
    const good = listed.events.filter((event) => !/ [78]$/.test(event));
    expect((await mergedLines(farm.workdir, job)).sort()).toEqual(good.sort());
    expect(await readWholeReport(farm.workdir, 1)).toMatchObject({
      state: "finished-with-failures",
      failed: [{ spans: [[3, 1]] }],
      failures: [
        { range: 3, attempt: 1, final: false, exitCode: 3, stderrTail: "no such particle in event 7\n" },
        { range: 3, attempt: 2, final: true, exitCode: 3, events: { first: 7, last: 8 } },
      ],
    });
    expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  });

  it("is done when it succeeds at a later attempt", async () => {
    const before = 'if [ "$first" = 7 ] && mkdir "${input%/*}/failed-once" 2>/dev/null; then exit 3; fi';
    const { farm, listed } = await submitted({ ...shape, before });
    expect(await farm.jobWhen(1, isOver)).toMatchObject({ ranges: { merged: 20, failed: 0 }, failures: 1 });
    expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...listed.events].sort());
  });
});

describe("a program that is not there", () => {
  it("stops the job at once, with the reason", async () => {
    const { farm } = await submitted({ ...shape, program: "{jobDir}/no-such-program" });
    const end = await farm.jobWhen(1, isOver);
    expect(end).toMatchObject({ ranges: { merged: 0, failed: 20 } });
    expect(end.reason).toContain("no-such-program");
    expect(await readWholeReport(farm.workdir, 1)).toMatchObject({
      state: "failed",
      failed: [{ class: "fatal", spans: [[0, 20]] }],
    });
    expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  });
});

describe("a node that is lost", () => {
  it("gives back what it held when its lease ends, at no cost", async () => {
    const before = 'until [ -e "${input%/*}/go" ]; do sleep 0.05; done';
    const { farm, listed } = await submitted({ ...shape, before }, "--lease", "2s");
    await farm.jobWhen(1, ({ ranges }) => (ranges?.held ?? 0) > 0);
    await farm.kill("actor1", "SIGKILL");
    await farm.start("actor", "actor2", "--slots", "2");
    await writeFile(join(dirname(listed.path), "go"), "");
    expect(await farm.jobWhen(1, isOver)).toMatchObject({ ranges: { merged: 20, failed: 0 }, failures: 0 });
    expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...listed.events].sort());
  });
});

describe("a merge command", () => {
  it("fuses the outputs that its argument file names", async () => {
    const merge =
      'kind: command, command: [sh, -c, "xargs cat < $1 | sort > $2", sh, "{inputs}", "{output}"]';
    const { farm, listed } = await submitted({ ...shape, merge });
    expect(await farm.jobWhen(1, isOver)).toMatchObject({ filesMerged: 3, groupsFailed: 0 });
    expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...listed.events].sort());
  });

  it("that keeps failing fails its groups in the report, and retry merges the outputs that are kept", async () => {
    const licence = join(await privateFolder(), "licence");
    const script = `[ -e ${licence} ] || { echo no licence >&2; exit 9; }; xargs cat < $1 > $2`;
    const merge = `kind: command, command: [sh, -c, "${script}", sh, "{inputs}", "{output}"], attempts: 2`;
    const { farm, listed } = await submitted({ ...shape, merge });
    expect(await farm.jobWhen(1, isOver)).toMatchObject({
      filesMerged: 0,
      groupsFailed: 3,
      ranges: { done: 20 },
    });
    expect(await readWholeReport(farm.workdir, 1)).toMatchObject({
      state: "finished-with-failures",
      ranges: { kept: 20 },
      keptGroups: [1, 2, 3].map((group) => ({ group, attempts: 2, stderrTail: "no licence\n" })),
    });
    const inWorkdir = ["--workdir", farm.workdir];
    expect(await noctua("verify", ...inWorkdir)).toMatchObject({ code: 0 });
    expect((await noctua("report", "1", ...inWorkdir)).stdout).toMatch(
      /group 1, 2 tries on .*\n +\| no licence/,
    );
    await writeFile(licence, "");
    expect(await noctua("retry", "1", ...inWorkdir)).toMatchObject({ code: 0 });
    expect(await farm.jobWhen(1, isOver)).toMatchObject({ filesMerged: 3, groupsFailed: 0 });
    expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...listed.events].sort());
    expect(await noctua("report", "1", ...inWorkdir)).toMatchObject({ code: 0 });
    expect(await noctua("verify", ...inWorkdir)).toMatchObject({ code: 0 });
  });
});

describe("asking twice", () => {
  it("is asking once; a changed job under the same request is refused, with the difference", async () => {
    const { farm, listed } = await submitted(shape);
    const again = await noctua("submit", listed.path, "--workdir", farm.workdir);
    expect(again).toMatchObject({ code: 0, stdout: "job 2\n" }); // A request of its own is a job of its own.
    const named = ["--workdir", farm.workdir, "--request-id", "mine"];
    expect(await noctua("submit", listed.path, ...named)).toMatchObject({ code: 0, stdout: "job 3\n" });
    expect(await noctua("submit", listed.path, ...named)).toMatchObject({ code: 0, stdout: "job 3\n" });
    const changed = await writeListedJob(join(farm.workdir, "changed"), { ...shape, eventsPerInput: 41 });
    const refused = await noctua("submit", changed.path, ...named);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/job_?[dD]ir was .* and is now/);
    const input = join(dirname(listed.path), "input1.txt");
    await utimes(input, 1, 1); // The same bytes, but who knows that?
    const touched = await noctua("submit", listed.path, ...named);
    expect(touched.code).not.toBe(0);
    expect(touched.stderr).toMatch(/inputs\[0\] \(.*\/input1\.txt\): modifiedUnixMs was \d+ and is now 1000/);
  });
});
