// What failures mean, on real processes: a node that fails whatever it is given, and a job that says what exit codes mean.

import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob, type ListedJobOptions } from "../support/listed-job.js";
import { readWholeReport } from "./read-report.js";
import { privateFolder } from "../support/private-folder.js";

const job = jobNumber(1);
const retry = "backoff: { first: 50ms, last: 200ms }";

interface Started {
  readonly farm: ProcessFarm;
  /** Where the inputs lie. */
  readonly folder: string;
  readonly events: readonly string[];
}

/** A driver and a merger, and the job submitted. */
async function submitted(options: ListedJobOptions, ...driverArgs: readonly string[]): Promise<Started> {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const { path, events } = await writeListedJob(join(folder, "job"), options);
  await farm.start("driver", "driver", ...driverArgs);
  await farm.start("merger", "merger1");
  const answer = await noctua("submit", path, "--workdir", farm.workdir);
  expect(answer, answer.stderr).toMatchObject({ code: 0 });
  return { farm, folder: dirname(path), events };
}

/** Fails, and from the eighth time on only when it may. */
const hole = `echo no such library >&2
mkdir "$1/failed$2"
[ "$(ls -d "$1"/failed* | wc -l)" -lt 8 ] || until [ -e "$1/go" ]; do sleep 0.05; done
exit 9
`;

/** Nobody is done, and so away from the job, before the test has seen all that are to be there. */
const untilGo = 'until [ -e "${input%/*}/go" ]; do sleep 0.05; done';

it("a node where every payload fails costs the job nothing, though it is the first, and is quarantined", async () => {
  const options = {
    ...{ inputs: 1, eventsPerInput: 60, eventsPerRange: 1, mergeEvery: 20 },
    ...{ attempts: 1, retry, before: untilGo },
    more: `variants:
  - requires: { broken: "yes" }
    payload: { kind: exec, command: [sh, "{jobDir}/hole.sh", "{jobDir}", "{first}", "{output}"] }
`,
  };
  const { farm, folder, events } = await submitted(options, "--witness-wait", "1h");
  await writeFile(join(folder, "hole.sh"), hole);
  const explain = async (...what: readonly string[]): Promise<string> =>
    (await noctua("explain", ...what, "--workdir", farm.workdir)).stdout;
  await farm.start("actor", "hole", "--node", "hole", "--slots", "2", "--label", "broken=yes");
  await farm.jobWhen(job, ({ failures }) => failures >= 7);
  expect(await explain("1", "0")).toContain("no range was done yet by actor hole, which tries again in ");
  await farm.start("actor", "good", "--node", "good", "--slots", "2");
  await farm.jobWhen(job, ({ actors }) => actors === 2);
  await writeFile(join(folder, "go"), "");
  await farm.jobWhen(job, ({ nodesQuarantined }) => nodesQuarantined === 1);
  const reason = /\d+ ranges failed there in a row, and on no other node; the last one: .*found exit code 9/;
  expect(await explain("--node", "hole")).toMatch(reason);
  const status = await noctua("status", "1", "--workdir", farm.workdir);
  expect(status.stdout).toContain("quarantine hole (noctua explain --node hole tells why)");

  const end = await farm.jobWhen(job, isOver);
  expect(end).toMatchObject({ ranges: { merged: 60, failed: 0 } });
  expect((await mergedLines(farm.workdir, job)).sort()).toEqual([...events].sort());
  expect(await readWholeReport(farm.workdir, 1)).toMatchObject({
    state: "finished",
    failed: [],
    quarantinedNodes: [{ node: "hole", reason: expect.stringMatching(reason) as unknown }],
  });
  expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
}, 60_000);

it("an exit code that the job calls an event's fails its range when two nodes have seen it, with credit left", async () => {
  const { farm, folder, events } = await submitted({
    ...{ inputs: 1, eventsPerInput: 24, eventsPerRange: 1, mergeEvery: 8 },
    ...{ attempts: 20, retry: `${retry}, rules: [{ exitCodes: [3], class: event }]` },
    before: `${untilGo}; if [ "$first" = 7 ]; then echo "no such particle" >&2; exit 3; fi`,
  });
  for (const name of ["one", "two"]) await farm.start("actor", name, "--node", name, "--slots", "1");
  await farm.jobWhen(job, ({ actors }) => actors === 2);
  await writeFile(join(folder, "go"), "");
  const end = await farm.jobWhen(job, isOver);
  expect(end).toMatchObject({ ranges: { merged: 23, failed: 1 }, failures: 2 });
  expect((await mergedLines(farm.workdir, job)).sort()).toEqual(
    events.filter((event) => !event.endsWith(" 7")).sort(),
  );
  const tried = { range: 6, class: "event", exitCode: 3, stderrTail: "no such particle\n" };
  expect(await readWholeReport(farm.workdir, 1)).toMatchObject({
    state: "finished-with-failures",
    failed: [{ class: "event", spans: [[6, 1]] }],
    failures: [
      { ...tried, attempt: 1, final: false },
      { ...tried, attempt: 2, final: true },
    ],
  });
}, 60_000);
