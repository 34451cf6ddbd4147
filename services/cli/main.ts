// The command line. Wiring only: arguments in, exit code out.

import { CommanderError } from "commander";
import { realpathSync } from "node:fs";
import { constants } from "node:os";
import { dirname } from "node:path";
import { keepMemoryToItself } from "../shared/io/core-file.js";
import { errorCode, errorMessage } from "../shared/io/error-code.js";
import { endProcess, endProcessBy } from "../shared/io/process-end.js";
import { StopRequest, stopSignals } from "../shared/io/shutdown.js";
import { after, systemClock } from "../shared/io/system-clock.js";
import { noctuaProgram } from "./commands/program.js";
import type { CommandWorld } from "./commands/world.js";
import { CliError, exitCodes, type ExitCode } from "./io/cli-error.js";
import { isServiceName, loadService, servicePath, type ServiceName } from "./io/load-service.js";
import { screenOf } from "./io/screen.js";
import { Terminal } from "./io/terminal.js";

/** The file that was started; the services' bundles lie beside it. */
const bundle = realpathSync(process.argv[1] ?? "");
const term = process.env["TERM"];
const stdout = screenOf(process.stdout, term);
const terminal = new Terminal(stdout, screenOf(process.stderr, term), systemClock);

type Act = (signal: AbortSignal) => Promise<ExitCode>;

/** From the signal that asks to stop to the end at any price: the services of a run have twice 15 s (service-team.ts). */
const stopMsMax = 35_000;

/** Runs a command until it is done or told to stop, and then within a limit (P10). */
async function perform(act: Act): Promise<void> {
  const stopping = stopSignals();
  const { signal } = stopping;
  let cancelEnd = (): void => undefined;
  signal.addEventListener("abort", () => (cancelEnd = after(stopMsMax, () => endProcess(exitCodes.notOver))));
  try {
    process.exitCode = await act(signal);
  } catch (error) {
    report(error);
  } finally {
    cancelEnd();
    stopping.dispose();
  }
  // What still asks a file system that stands still is not waited for.
  if (signal.aborted) endProcess(Number(process.exitCode));
}

const world: CommandWorld = {
  terminal,
  stdout,
  stdin: process.stdin,
  env: process.env,
  execPath: process.execPath,
  serviceCommand,
  perform,
};

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

/** Whoever reads has seen enough, such as `head`; or the terminal is gone, and a shell kept that to itself. */
function endWhenUnread(error: unknown): void {
  if (errorCode(error) === "EPIPE") process.exit(exitCodes.ok);
  if (errorCode(error) === "EIO") endProcessBy("SIGHUP");
  throw error;
}

/** What is done is done also when nobody is told of it: its reader, or its terminal, is gone. */
function goOnUnread(error: unknown): void {
  if (!["EPIPE", "EIO"].includes(errorCode(error))) throw error;
}

async function main(args: readonly string[]): Promise<void> {
  const [command, ...rest] = args;
  try {
    if (isServiceName(command)) loadService(dirname(bundle), command, rest);
    else {
      keepMemoryToItself();
      process.stdout.on("error", endWhenUnread);
      process.stderr.on("error", goOnUnread);
      await noctuaProgram(world).parseAsync(args, { from: "user" });
    }
  } catch (error) {
    report(error);
  }
}

void main(process.argv.slice(2));
