// The command line. Wiring only: arguments in, exit code out.

import { Command, CommanderError } from "commander";
import { realpathSync } from "node:fs";
import { constants } from "node:os";
import { dirname, resolve } from "node:path";
import type { JobNumber } from "../shared/core/id.js";
import { noctuaVersion } from "../shared/core/version.js";
import { errorCode, errorMessage } from "../shared/io/error-code.js";
import { StopRequest, stopSignals } from "../shared/io/shutdown.js";
import { systemClock } from "../shared/io/system-clock.js";
import { add } from "./commands/add.js";
import { addJobFileCommands } from "./commands/job-file-commands.js";
import { control } from "./commands/control.js";
import { showWhy } from "./commands/explain.js";
import { showLogs } from "./commands/logs.js";
import { showReport } from "./commands/report.js";
import { showStatus } from "./commands/status.js";
import { verify } from "./commands/verify.js";
import { logQuestionOf } from "./core/log-question.js";
import { questionOf } from "./core/question.js";
import { jobArgument, jsonOption, requestId, wholeNumber, workdirOption } from "./io/arguments.js";
import { CliError, exitCodes, type ExitCode } from "./io/cli-error.js";
import type { JobControl } from "./io/driver-client.js";
import * as help from "./io/help.js";
import { logsCommand, type LogArguments } from "./io/log-arguments.js";
import { isServiceName, loadService, servicePath, type ServiceName } from "./io/load-service.js";
import { Terminal } from "./io/terminal.js";

/** The file that was started; the services' bundles lie beside it. */
const bundle = realpathSync(process.argv[1] ?? "");
const terminal = new Terminal(process.stdout, process.stderr, systemClock);

type Act = (signal: AbortSignal) => Promise<ExitCode>;

/** Runs a command until it is done or told to stop (P10). */
async function perform(act: Act): Promise<void> {
  const signals = stopSignals();
  try {
    process.exitCode = await act(signals.signal);
  } finally {
    signals.dispose();
  }
}

function program(): Command {
  const noctua = new Command("noctua");
  noctua
    .version(noctuaVersion)
    .description(help.about)
    .addHelpText("after", help.afterAll)
    .exitOverride()
    .enablePositionalOptions();
  noctua
    .showSuggestionAfterError()
    .showHelpAfterError("(add --help to learn how)")
    .helpCommand("help [command]", "teach a command");
  addJobFileCommands(noctua, {
    terminal,
    env: process.env,
    execPath: process.execPath,
    serviceCommand,
    perform,
  });
  addStatus(noctua);
  addExplain(noctua);
  addLogs(noctua);
  addAdd(noctua);
  addControls(noctua);
  addReport(noctua);
  addVerify(noctua);
  for (const [name, text] of Object.entries(help.services)) {
    // Shown in the list of commands only: main() has gone another way by then.
    noctua.command(`${name} [options...]`).description(text).helpOption(false).allowUnknownOption();
  }
  return noctua;
}

function addStatus(noctua: Command): void {
  noctua
    .command("status")
    .description("tell how the jobs of a run stand")
    .argument("[job]", "number of a job, for all that is known of it", jobArgument)
    .addOption(workdirOption())
    .addOption(jsonOption())
    .addHelpText("after", help.status)
    .action((job: JobNumber | undefined, { workdir, json }: { workdir: string; json: boolean }) =>
      perform((signal) => showStatus({ workdir: resolve(workdir), job, json }, terminal, signal)),
    );
}

function addExplain(noctua: Command): void {
  noctua
    .command("explain")
    .description("tell why a job, one of its ranges or a node waits, and what can be done")
    .argument("[job]", "number of a job", jobArgument)
    .argument("[range]", "number of one of its ranges, from 0", wholeNumber(0, 0xffff_ffff))
    .option("--event <file:number>", "the range that has this event of that input file")
    .option("--node <name>", "a node, by its name or by that of its actor or merger")
    .addOption(workdirOption())
    .addOption(jsonOption())
    .addHelpText("after", help.explain)
    .action((job: JobNumber | undefined, range: number | undefined, options: ExplainArguments) => {
      const question = questionOf({ job, range, event: options.event, node: options.node });
      if (typeof question === "string") throw new CliError(exitCodes.usage, question);
      const { json } = options;
      return perform((signal) =>
        showWhy({ workdir: resolve(options.workdir), question, json }, terminal, signal),
      );
    });
}

interface ExplainArguments extends Pick<LogArguments, "workdir" | "event"> {
  readonly node?: string;
  readonly json: boolean;
}

function addLogs(noctua: Command): void {
  logsCommand(noctua).action((job: JobNumber, range: number | undefined, options: LogArguments) => {
    const question = logQuestionOf(job, { range, event: options.event, merge: options.merge });
    if (typeof question === "string") throw new CliError(exitCodes.usage, question);
    const { workdir, node, lines, raw, follow } = options;
    const asked = { workdir: resolve(workdir), question, node, linesMax: lines, raw, follow };
    process.stdout.on("error", endWhenUnread);
    return perform((signal) => showLogs(asked, terminal, signal));
  });
}

interface AddArguments {
  readonly workdir: string;
  readonly events?: number;
  readonly firstEvent: number;
  readonly from?: string;
  readonly requestId?: string;
}

function addAdd(noctua: Command): void {
  noctua
    .command("add")
    .description("give a job that was submitted with open: true more inputs")
    .argument("<job>", "number of a job", jobArgument)
    .argument("[files...]", "input files, each with so many events")
    .addOption(workdirOption())
    .option("--events <number>", "events of each file", wholeNumber(1, 0xffff_ffff))
    .option("--first-event <number>", "number of the first of them", wholeNumber(1, 0xffff_ffff), 1)
    .option("--from <file>", "take the inputs that this file lists, as a job file does")
    .option("--request-id <id>", "asking twice with one id is asking once", requestId)
    .addHelpText("after", help.add)
    .action((job: JobNumber, files: readonly string[], given: AddArguments) =>
      perform((signal) => {
        const { events, firstEvent, from, requestId: id } = given;
        const workdir = resolve(given.workdir);
        const inputs = { files, events, firstEvent, from, env: process.env };
        return add({ workdir, job, ...inputs, requestId: id }, terminal, signal);
      }),
    );
}

const controls: readonly (readonly [JobControl, string])[] = [
  ["cancel", "stop a job: what is merged stays, the rest is given up"],
  ["pause", "grant no more ranges of a job; what runs is finished and merged"],
  ["resume", "go on with a paused job"],
  ["retry", "try again what failed in a job that is over, with all its attempts"],
  ["close", "say that nothing more is added to an open job: it ends when all that it has is done"],
];

function addControls(noctua: Command): void {
  for (const [asked, description] of controls) {
    noctua
      .command(asked)
      .description(description)
      .argument("<job>", "number of a job", jobArgument)
      .addOption(workdirOption())
      .action((job: JobNumber, { workdir }: { workdir: string }) =>
        perform((signal) => control({ workdir: resolve(workdir), job, control: asked }, terminal, signal)),
      );
  }
}

function addReport(noctua: Command): void {
  noctua
    .command("report")
    .description("tell what came of a job, or how it stands, as its report says")
    .argument("<job>", "number of a job", jobArgument)
    .addOption(workdirOption())
    .addOption(jsonOption())
    .addHelpText("after", help.report)
    .action((job: JobNumber, { workdir, json }: { workdir: string; json: boolean }) =>
      perform(() => showReport({ workdir: resolve(workdir), job, json }, terminal)),
    );
}

function addVerify(noctua: Command): void {
  noctua
    .command("verify")
    .description("check the report of finished jobs against the files on disk")
    .addOption(workdirOption())
    .option("--job <number>", "that job only", jobArgument)
    .addOption(jsonOption())
    .addHelpText("after", help.verify)
    .action(({ workdir, ...rest }: { workdir: string; job?: JobNumber; json: boolean }) =>
      perform((signal) => verify({ job: undefined, ...rest, workdir: resolve(workdir) }, terminal, signal)),
    );
}

/** Through this program, so that a service ends when its keeper is gone (load-service.ts). */
function serviceCommand(service: ServiceName): readonly string[] {
  servicePath(dirname(bundle), service);
  return [process.execPath, bundle, service];
}

function report(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage; // It has said what is to be said.
  } else if (error instanceof CliError) {
    process.exitCode = error.exitCode;
    terminal.note(`noctua: ${error.message}`);
  } else if (error instanceof StopRequest) {
    process.exitCode = 128 + constants.signals[error.stopSignal];
    terminal.note(`noctua: ${error.message}`);
  } else {
    process.exitCode = exitCodes.internal;
    const stack = error instanceof Error ? error.stack : undefined;
    terminal.note(`noctua: internal error: ${stack ?? errorMessage(error)}`);
  }
}

/** Whoever reads has seen enough, such as `head`. */
function endWhenUnread(error: unknown): void {
  if (errorCode(error) === "EPIPE") process.exit(exitCodes.ok);
  throw error;
}

async function main(args: readonly string[]): Promise<void> {
  const [command, ...rest] = args;
  try {
    if (isServiceName(command)) loadService(dirname(bundle), command, rest);
    else await program().parseAsync(args, { from: "user" });
  } catch (error) {
    report(error);
  }
}

void main(process.argv.slice(2));
