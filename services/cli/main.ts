// The command line. Wiring only: arguments in, exit code out.

import { Command, CommanderError } from "commander";
import { realpathSync } from "node:fs";
import { constants } from "node:os";
import { dirname } from "node:path";
import { noctuaVersion } from "../shared/core/version.js";
import { errorCode, errorMessage } from "../shared/io/error-code.js";
import { StopRequest, stopSignals } from "../shared/io/shutdown.js";
import { systemClock } from "../shared/io/system-clock.js";
import { addJobCommands } from "./commands/job-commands.js";
import { addNodeCommands } from "./commands/node-commands.js";
import { addLookCommands } from "./commands/look-commands.js";
import { addJobFileCommands } from "./commands/job-file-commands.js";
import { CliError, exitCodes, type ExitCode } from "./io/cli-error.js";
import * as help from "./io/help.js";
import { isServiceName, loadService, servicePath, type ServiceName } from "./io/load-service.js";
import { Terminal } from "./io/terminal.js";

/** The file that was started; the services' bundles lie beside it. */
const bundle = realpathSync(process.argv[1] ?? "");
const terminal = new Terminal(process.stdout, process.stderr, systemClock);

type Act = (signal: AbortSignal) => Promise<ExitCode>;

/** Runs a command until it is done or told to stop (P10). */
async function perform(act: Act): Promise<void> {
  process.stdout.on("error", endWhenUnread);
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
  const world = {
    terminal,
    stdout: process.stdout,
    env: process.env,
    execPath: process.execPath,
    serviceCommand,
    perform,
  };
  addJobFileCommands(noctua, world);
  addJobCommands(noctua, world);
  addNodeCommands(noctua, world);
  addLookCommands(noctua, world);
  for (const [name, text] of Object.entries(help.services)) {
    // Shown in the list of commands only: main() has gone another way by then.
    noctua.command(`${name} [options...]`).description(text).helpOption(false).allowUnknownOption();
  }
  return noctua;
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
