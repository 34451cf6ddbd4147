// Payloads that do what they should not: each ends its own range, with a class and a reason that a person can use; every
// other range of the job is done, and the actor works on.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { jobNumber } from "../../services/shared/core/id.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { mergedLines, writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";
import { readWholeReport } from "./read-report.js";

const job = jobNumber(1);
const retry = "backoff: { first: 1ms, last: 1ms }";

/** What a payload does at an event, and the class and the words of what the report says of it; none when it is good. */
type Misdeed = readonly [does: string, failure?: readonly [failureClass: string, words: RegExp]];

/** Runs a job with one event for each misdeed, each with a good one behind it. */
async function expectOutcomes(misdeeds: readonly Misdeed[], payload: string, program: string): Promise<void> {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const shape = { inputs: 1, eventsPerInput: 2 * misdeeds.length, eventsPerRange: 1, mergeEvery: 100 };
  const listed = await writeListedJob(join(folder, "job"), { ...shape, payload, retry });
  for (const name of ["program", "program.mjs"]) await writeFile(join(folder, "job", name), program);
  await farm.start("driver", "driver");
  await farm.start("merger", "merger1");
  const answer = await noctua("submit", listed.path, "--workdir", farm.workdir);
  expect(answer, answer.stderr).toMatchObject({ code: 0 });
  // A process that was not good is begun again later and later: slots wait beside each other.
  const actor = ["--slots", "3", "--scratch", join(folder, "scratch")];
  await farm.start("actor", "actor1", ...actor);
  await farm.jobWhen(job, isOver);
  const report = await readWholeReport(farm.workdir, 1);
  for (const [i, [does, expected]] of misdeeds.entries()) {
    // Where it was given to a process that was about to end for another range, it may have failed with that, too.
    const failures = report.failures.filter(({ range }) => range === 2 * i);
    const what = `${does}: ${JSON.stringify(failures)}`;
    expect(
      failures.some(({ final }) => final),
      what,
    ).toBe(expected !== undefined);
    if (expected === undefined) continue;
    const [ofClass, saying] = expected;
    const isSuch = (found: (typeof failures)[number]): boolean =>
      found.class === ofClass && saying.test(`${found.message} ${found.stderrTail}`);
    expect(failures.some(isSuch), what).toBe(true);
  }
  const bad = misdeeds.flatMap(([, failure], i) =>
    failure === undefined ? [] : [`input1.txt ${2 * i + 1}`],
  );
  const good = listed.events.filter((event) => !bad.includes(event));
  expect((await mergedLines(farm.workdir, job)).sort()).toEqual(good.sort());
}

/** Shell words; `good` makes the output as it should be. */
const inShell: readonly Misdeed[] = [
  ["true", ["event", /found nothing there/]],
  [': > "$output"', ["event", /found an empty file/]],
  ['mkdir "$output"', ["event", /found a folder/]],
  ['ln -s "$input" "$output"', ["event", /found a symbolic link, which is not followed/]],
  ['ln "$input" "$output.2"; mv "$output.2" "$output"; ln "$output" "$output.3"', ["event", /hard link/]],
  ['mkfifo "$output"', ["event", /found something that is no file/]],
  ["good; exit 3", ["transient", /found exit code 3/]],
  ["good; kill -KILL $$", ["node", /SIGKILL ended it/]],
  ["good; kill -SEGV $$", ["event", /SIGSEGV ended it/]],
  // A gigabyte, and what comes last is kept.
  ["head -c 1000000000 /dev/zero >&2; good"],
  ["head -c 100000000 /dev/zero >&2; echo the last words >&2; exit 1", ["transient", /the last words/]],
  // No more memory than 100 MB.
  [
    "ulimit -v 100000; good; head -c 400000000 /dev/zero | tail -c 300000000 > large",
    ["transient", /memory/],
  ],
  // No more than a block of 512 bytes in a file.
  ["ulimit -f 1; good; head -c 100000 /dev/zero > large", ["transient", /SIGXFSZ/]],
  // Its child holds stderr open, and lives on in a session of its own.
  ["good; setsid sleep 1000 &"],
  // Its child keeps the group alive.
  ["good; sleep 1000 &"],
];

it(
  "a process for each range may do what it likes: its range fails, with the reason, and the others are done",
  { timeout: 120_000 },
  async () => {
    const program = `input=$1 first=$2 output=$3
good() { echo "input1.txt $first" > "$output"; }
case $first in
${inShell.map(([does], i) => `${2 * i + 1})\n${does}\n;;`).join("\n")}
*) good ;;
esac
`;
    const command = `["sh", "{jobDir}/program", "{input}", "{first}", "{output}"]`;
    await expectOutcomes(inShell, `{ kind: exec, command: ${command}, timeout: 120s }`, program);
  },
);

/** JavaScript; `good` makes the output, `say` says a line. */
const inStream: readonly Misdeed[] = [
  ["say({ type: 'done', id })", ["event", /found nothing there/]],
  // Another range's output, as if it were its own.
  ["linkSync(made(output), output); say({ type: 'done', id })", ["event", /hard link/]],
  ["symlinkSync(made(output), output); say({ type: 'done', id })", ["event", /symbolic link/]],
  [
    "good(); say({ type: 'done', id: '77.77' })",
    ["transient", /id of a range that it was given .* found "77.77"/],
  ],
  ["good(); say('done\\n')", ["transient", /expected a JSON object on each line/]],
  // Half a line, and its end.
  ['good(); say(\'{"type":"done","id":"\'); process.exit(0)', ["transient", /ended with exit code 0/]],
  ["good(); say('x'.repeat(3_000_000))", ["transient", /expected lines of at most 1048576 bytes/]],
  ["say('[]\\n'.repeat(100_000))", ["transient", /expected a JSON object on each line/]],
  // What it said first counts.
  ["good(); say({ type: 'done', id }); say({ type: 'done', id })"],
  ["good(); say({ type: 'done', id }); say({ type: 'failed', id })"],
  // It ends before anybody has heard it.
  ["good(); say({ type: 'done', id }); process.exit(3)"],
  ["good(); say({ type: 'done', id }); process.kill(process.pid, 'SIGKILL')"],
  ["process.exit(3)", ["transient", /found exit code 3/]],
  [
    "for (let i = 0; i < 100; i += 1) writeSync(2, 'x'.repeat(1_000_000)); writeSync(2, 'the last words'); process.abort()",
    ["event", /SIGABRT .*the last words/s],
  ],
  // It is done, and its child, which has all its pipes, goes on.
  [
    "good(); say({ type: 'done', id }); spawn('setsid', ['sleep', '1000'], { stdio: 'inherit', detached: true }); process.exit(0)",
  ],
];

it(
  "a process for many ranges may do what it likes: its range fails, with the reason, and the others are done",
  { timeout: 120_000 },
  async () => {
    const program = `
import { spawn } from "node:child_process";
import { createReadStream, linkSync, symlinkSync, writeFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
const say = (word) => writeSync(4, typeof word === "string" ? word : JSON.stringify(word) + "\\n");
// Beside the output, where it outlives this process, which the next deed may end.
const made = (output) => {
  const another = output + ".another";
  writeFileSync(another, "input1.txt 1\\n");
  return another;
};
const deeds = [${inStream.map(([does]) => `({ id, output, good }) => { ${does} }`).join(",\n")}];
createInterface({ input: createReadStream("", { fd: 3 }) }).on("line", (line) => {
  const { type, id, first, output } = JSON.parse(line);
  const good = () => writeFileSync(output, "input1.txt " + first + "\\n");
  if (type === "open") say({ type: "ready" });
  else if (type === "cancel") say({ type: "cancelled", id });
  else if (type === "stop") process.exit(0);
  else if (first % 2 === 1) deeds[(first - 1) / 2]({ id, output, good });
  else { good(); say({ type: "done", id }); }
});
`;
    const payload = `{ kind: stream, command: ["${process.execPath}", "{jobDir}/program.mjs"], timeout: 120s }`;
    await expectOutcomes(inStream, payload, program);
  },
);
