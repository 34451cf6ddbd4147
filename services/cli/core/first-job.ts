// The job file that `noctua init` writes. It runs as it stands: the events of its input are its own lines.

import type { PayloadSpec } from "../../shared/core/job-spec.js";

export interface FirstJob {
  /** Name of the job file. */
  readonly file: string;
  readonly kind: PayloadSpec["kind"];
  /** How Node is called here. */
  readonly node: string;
}

/** Beside the job file, for editors. */
export const schemaFile = "noctua-job.schema.json";
/** Beside a job file of kind stream. */
export const programFile = "payload.mjs";

export function firstJobText({ file, kind, node }: FirstJob): string {
  return `# yaml-language-server: $schema=${schemaFile}
#
# A job of Noctua's. As it stands it copies the first lines of this file, a range for each, into merged files:
#
#   noctua check ${file}     what is wrong with it, and what it would run
#   noctua run ${file}       run it on this machine; again, to go on with it
#
# Lines such as "# cores: 1" show more that may be said; docs/job-file.md has every field.

name: first-job

inputs:
  # Yours: { path: "input/*.lhe", events: 200 }, or { list: files.txt }, a path and its events on each line;
  # and events: { command: [count-events, "{input}"] } where nobody knows how many there are.
  - { path: ${JSON.stringify(file)}, events: 12 }
eventsPerRange: 1 # that a payload is given at a time; a range is done or failed as a whole

payload:
${payloadLines[kind](node)}
  timeout: 10m # of a range
  # cores: 1 # of its node, for a range
  # environment: { LIB: "{jobDir}/lib" }
  # setup: { command: ["{jobDir}/prepare.sh"], timeout: 10m } # once on each node

output: { suffix: .txt }
merge: { every: 5, kind: concat } # or tar; or command, with command: [hadd, "{output}", "@{inputs}"]

retry:
  attempts: 3 # of a range; a lost node costs none
  # rules: [{ exitCodes: [2, 3], class: event }] # or transient, node, fatal

# priority: 0 # jobs of a higher one are served first
# requires: { arch: x64 } # labels that a node must have
# durability: strict # relaxed: a lost output is done again
`;
}

const payloadLines: Readonly<Record<PayloadSpec["kind"], (node: string) => string>> = {
  exec: () => `  kind: exec # a process for each range; noctua init --kind stream shows the other
  # Yours: ["{jobDir}/simulate", "{input}", "{first}", "{last}", "{output}"]. No shell reads it.
  command: [sh, -c, 'sed -n "$2,$3p" "$1" > "$4"', sh, "{input}", "{first}", "{last}", "{output}"]`,
  stream: (node) => `  kind: stream # a process that lives for many ranges
  command: [${JSON.stringify(node)}, "{jobDir}/${programFile}"] # yours, in any language
  slots: 1 # of one process; all: one process a node
  # startTimeout: 5m # for what is costly at its start`,
};

/** What that payload of kind stream runs. */
export const programText = `// A payload that is started once and told of many ranges: one JSON object a line, in on descriptor 3, out on 4. All of its own
// output stays its own. Noctua's files to copy (payloads/ for Python, C++ and JavaScript) do more, such as several ranges at a time.

import { createReadStream, readFileSync, writeFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";

const say = (word) => writeSync(4, JSON.stringify(word) + "\\n");

/** Lines first to last of the input; an error fails the range, and the next one goes on. */
function work({ input, first, last, output }) {
  const lines = readFileSync(input, "utf8").split("\\n");
  writeFileSync(output, lines.slice(first - 1, last).join("\\n") + "\\n");
}

for await (const line of createInterface({ input: createReadStream("", { fd: 3 }) })) {
  const word = JSON.parse(line);
  if (word.type === "open") say({ type: "ready" }); // What is costly has been done by now.
  if (word.type === "stop") process.exit(0);
  if (word.type !== "range") continue;
  try {
    work(word);
    say({ type: "done", id: word.id });
  } catch (error) {
    say({ type: "failed", id: word.id, class: "transient", message: String(error) });
  }
}
`;
