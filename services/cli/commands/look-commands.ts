// The commands that say why, and what came of it: explain, logs, report, verify.

import type { Command } from "commander";
import { resolve } from "node:path";
import { logQuestionOf } from "../core/log-question.js";
import { questionOf } from "../core/question.js";
import type { Selector } from "../core/selector.js";
import { jobOrLast, selectorArgument, wholeNumber, workdirOption, type JobChoice } from "../io/arguments.js";
import { CliError, exitCodes } from "../io/cli-error.js";
import * as help from "../io/help-look.js";
import { logsCommand, type LogArguments } from "../io/log-arguments.js";
import { withOutput, type OutputForm } from "../io/output-form.js";
import { chosenFolder, chosenJob } from "../io/select-jobs.js";
import { showWhy } from "./explain.js";
import { showLogs } from "./logs.js";
import { showReports } from "./report.js";
import { verify } from "./verify.js";
import type { CommandWorld } from "./world.js";

interface Given {
  readonly workdir: string;
  readonly output: OutputForm;
}

export function addLookCommands(noctua: Command, world: CommandWorld): void {
  addExplain(noctua, world);
  addLogs(noctua, world);
  addReport(noctua, world);
  addVerify(noctua, world);
}

interface ExplainArguments extends Given {
  readonly event?: string;
  readonly node?: string;
}

function addExplain(noctua: Command, { terminal, perform }: CommandWorld): void {
  withOutput(noctua.command("explain"))
    .description("tell why a job, one of its ranges or a node waits, and what can be done")
    .argument("[job]", "number of a job, or last", jobOrLast)
    .argument("[range]", "number of one of its ranges, from 0", wholeNumber(0, 0xffff_ffff))
    .option("--event <file:number>", "the range that has this event of that input file")
    .option("--node <name>", "a node, by its name or by that of its actor or merger")
    .addOption(workdirOption())
    .addHelpText("after", help.explain)
    .action((choice: JobChoice | undefined, range: number | undefined, options: ExplainArguments) =>
      perform(async (signal) => {
        const { event, node, output } = options;
        const workdir = resolve(options.workdir);
        const job = choice === undefined ? choice : await chosenJob(workdir, choice, signal);
        const question = questionOf({ job, range, event, node });
        if (typeof question === "string") throw new CliError(exitCodes.usage, question);
        return showWhy({ workdir, question, output }, terminal, signal);
      }),
    );
}

function addLogs(noctua: Command, { terminal, perform }: CommandWorld): void {
  logsCommand(noctua).action((choice: JobChoice, range: number | undefined, options: LogArguments) =>
    perform(async (signal) => {
      const { event, merge, node, lines, raw, follow, output } = options;
      const workdir = resolve(options.workdir);
      const question = logQuestionOf(await chosenFolder(workdir, choice), { range, event, merge });
      if (typeof question === "string") throw new CliError(exitCodes.usage, question);
      return showLogs({ workdir, question, node, linesMax: lines, raw, follow, output }, terminal, signal);
    }),
  );
}

function addReport(noctua: Command, { terminal, perform }: CommandWorld): void {
  withOutput(noctua.command("report"))
    .description("tell what came of jobs, or how they stand, as their reports say")
    .argument("[jobs]", "such as 3, 1,3,5-8, last or all (default: last)", selectorArgument)
    .addOption(workdirOption())
    .addHelpText("after", help.report)
    .action((jobs: Selector | undefined, { workdir, output }: Given) =>
      perform(() =>
        showReports({ workdir: resolve(workdir), jobs: jobs ?? { kind: "last" }, output }, terminal),
      ),
    );
}

function addVerify(noctua: Command, { terminal, perform }: CommandWorld): void {
  withOutput(noctua.command("verify"))
    .description("check the reports of finished jobs against the files on disk")
    .argument("[jobs]", "such as 3, 1,3,5-8, last or all (default: all)", selectorArgument)
    .addOption(workdirOption())
    .addHelpText("after", help.verify)
    .action((jobs: Selector | undefined, { workdir, output }: Given) =>
      perform((signal) =>
        verify({ workdir: resolve(workdir), jobs: jobs ?? { kind: "all" }, output }, terminal, signal),
      ),
    );
}
