// The commands about jobs that a driver has: status, list, watch, wait, add, cancel, pause, resume, retry, close.

import type { Command } from "commander";
import { resolve } from "node:path";
import type { JobControl } from "../core/job-control.js";
import type { Selector } from "../core/selector.js";
import {
  durationArgument,
  jobOrLast,
  requestId,
  selectorArgument,
  wholeNumber,
  workdirOption,
  type JobChoice,
} from "../io/arguments.js";
import * as help from "../io/help.js";
import { withOutput, type OutputForm } from "../io/output-form.js";
import { chosenJob } from "../io/select-jobs.js";
import { add } from "./add.js";
import { control } from "./control.js";
import { showList, showStatus } from "./status.js";
import { waitForJobs } from "./wait.js";
import { watch } from "./watch.js";
import type { CommandWorld } from "./world.js";

interface Given {
  readonly workdir: string;
  readonly output: OutputForm;
}

const all: Selector = { kind: "all" };
const last: Selector = { kind: "last" };
const whichJobs = "such as 3, 1,3,5-8, last or all";

export function addJobCommands(noctua: Command, world: CommandWorld): void {
  addList(noctua, world);
  addStatus(noctua, world);
  addWatch(noctua, world);
  addWait(noctua, world);
  addAdd(noctua, world);
  for (const [asked, description] of controls) addControl(noctua, { asked, description }, world);
}

function addList(noctua: Command, { terminal, perform }: CommandWorld): void {
  withOutput(noctua.command("list"))
    .description("list the jobs of a run, a line each")
    .argument("[jobs]", `${whichJobs} (default: all)`, selectorArgument)
    .addOption(workdirOption())
    .addHelpText("after", help.list)
    .action((jobs: Selector | undefined, { workdir, output }: Given) =>
      perform((signal) =>
        showList({ workdir: resolve(workdir), jobs: jobs ?? all, output }, terminal, signal),
      ),
    );
}

function addStatus(noctua: Command, { terminal, perform }: CommandWorld): void {
  withOutput(noctua.command("status"))
    .description("tell how jobs stand: of one, all that is known")
    .argument("[jobs]", `${whichJobs} (default: all)`, selectorArgument)
    .addOption(workdirOption())
    .addHelpText("after", help.status)
    .action((jobs: Selector | undefined, { workdir, output }: Given) =>
      perform((signal) =>
        showStatus({ workdir: resolve(workdir), jobs: jobs ?? all, output }, terminal, signal),
      ),
    );
}

function addWatch(noctua: Command, { terminal, stdout, perform }: CommandWorld): void {
  withOutput(noctua.command("watch"))
    .description("show how jobs go on, until they are over")
    .argument("[jobs]", `${whichJobs} (default: last)`, selectorArgument)
    .addOption(workdirOption())
    .addHelpText("after", help.watch)
    .action((jobs: Selector | undefined, { workdir, output }: Given) =>
      perform((signal) =>
        watch({ workdir: resolve(workdir), jobs: jobs ?? last, output }, { terminal, stdout }, signal),
      ),
    );
}

function addWait(noctua: Command, { terminal, perform }: CommandWorld): void {
  withOutput(noctua.command("wait"))
    .description("wait until jobs are over")
    .argument("[jobs]", `${whichJobs} (default: last)`, selectorArgument)
    .addOption(workdirOption())
    .option("--timeout <duration>", "at most so long, such as 90s or 1h30m", durationArgument)
    .addHelpText("after", help.wait)
    .action((jobs: Selector | undefined, { workdir, output, timeout }: Given & { timeout?: number }) =>
      perform((signal) => {
        const options = { workdir: resolve(workdir), jobs: jobs ?? last, timeoutMs: timeout, output };
        return waitForJobs(options, terminal, signal);
      }),
    );
}

interface AddArguments extends Given {
  readonly events?: number;
  readonly firstEvent: number;
  readonly from?: string;
  readonly requestId?: string;
}

function addAdd(noctua: Command, { terminal, env, perform }: CommandWorld): void {
  withOutput(noctua.command("add"))
    .description("give a job that was submitted with open: true more inputs")
    .argument("<job>", "number of a job, or last", jobOrLast)
    .argument("[files...]", "input files, each with so many events")
    .addOption(workdirOption())
    .option("--events <number>", "events of each file", wholeNumber(1, 0xffff_ffff))
    .option("--first-event <number>", "number of the first of them", wholeNumber(1, 0xffff_ffff), 1)
    .option("--from <file>", "take the inputs that this file lists, as a job file does")
    .option("--request-id <id>", "asking twice with one id is asking once", requestId)
    .addHelpText("after", help.add)
    .action((job: JobChoice, files: readonly string[], given: AddArguments) =>
      perform(async (signal) => {
        const { events, firstEvent, from, requestId: id, output } = given;
        const workdir = resolve(given.workdir);
        const inputs = { files, events, firstEvent, from, env };
        const number = await chosenJob(workdir, job, signal);
        return add({ workdir, job: number, ...inputs, requestId: id, output }, terminal, signal);
      }),
    );
}

const controls: readonly (readonly [JobControl, string])[] = [
  ["cancel", "stop jobs: what is merged stays, the rest is given up"],
  ["pause", "grant no more ranges of jobs; what runs is finished and merged"],
  ["resume", "go on with paused jobs"],
  ["retry", "try again what failed or was given up in jobs that are over"],
  ["close", "say that nothing more is added to open jobs: they end when all that they have is done"],
];

function addControl(
  noctua: Command,
  { asked, description }: { readonly asked: JobControl; readonly description: string },
  { terminal, perform }: CommandWorld,
): void {
  withOutput(noctua.command(asked))
    .description(description)
    .argument("<jobs>", whichJobs, selectorArgument)
    .addOption(workdirOption())
    .option("--request-id <id>", "asking twice with one id is asking once", requestId)
    .addHelpText("after", help.controlHelp(asked))
    .action((jobs: Selector, given: Given & { requestId?: string }) =>
      perform((signal) => {
        const { output, requestId: id } = given;
        const options = { workdir: resolve(given.workdir), jobs, control: asked, requestId: id, output };
        return control(options, terminal, signal);
      }),
    );
}
