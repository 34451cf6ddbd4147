// The process of a service, from its arguments to its exit code.
//
//   code  when
//   0     all that was to be done is done; or help was asked for
//   64    the arguments make no sense
//   69    another process has its place
//   70    it could not go on
//   75    it was stopped before a driver had acknowledged all
//
//   X1. Why it ended otherwise than well is said on stderr in words, beside the log: a person may see no more of it.
//   X3. An error that nobody expected has it stop in order, and end with 70 all the same (unexpected.ts).
//   X2. Once it is told to stop it ends within a limit, whatever hangs (P10); the last line of its log says how long it took.

import type { ExitKind } from "../core/peer-step.js";
import { keepMemoryToItself } from "./core-file.js";
import { errorFields, errorMessage } from "./error-code.js";
import { createLogger, type Logger, type LogLevel } from "./logger.js";
import { boundExit, endProcess, fileCallsUnderWay } from "./process-end.js";
import { ConfigError } from "./service-arguments.js";
import { stopSignals } from "./shutdown.js";
import { after, systemClock } from "./system-clock.js";
import { unexpectedErrors } from "./unexpected.js";

/** How a service ended that was asked to, or that had to. */
export interface ServiceEnd {
  readonly exit: ExitKind;
  readonly reason: string;
}

export interface ServiceParts<Config extends { readonly logLevel: LogLevel }> {
  readonly service: string;
  /** Rejects with a `ConfigError`. */
  readonly readConfig: () => Promise<Config>;
  /** In every line of the log. */
  readonly ids: (config: Config) => Readonly<Record<string, string>>;
  /** From the signal that asks it to stop, to its end at any price. */
  readonly stopMsMax: (config: Config) => number;
  /** Rejects when it can't go on. */
  readonly run: (config: Config, log: Logger, stop: AbortSignal) => Promise<ServiceEnd>;
}

const exitCodes: Record<ExitKind, number> = { drained: 0, fenced: 69, "left-behind": 75 };
const exitBroken = 70;

/** Becomes the service, to the end of the process. */
export function runService<Config extends { readonly logLevel: LogLevel }>(
  parts: ServiceParts<Config>,
): void {
  keepMemoryToItself();
  process.on("uncaughtExceptionMonitor", boundExit); // It ends the process, and is not to wait for a file system either.
  parts.readConfig().then(
    (config) => runConfigured(parts, config),
    (error: unknown) => {
      if (!(error instanceof ConfigError)) throw error;
      refuse(parts.service, error);
    },
  );
}

function runConfigured<Config extends { readonly logLevel: LogLevel }>(
  parts: ServiceParts<Config>,
  config: Config,
): void {
  const { service } = parts;
  const log = createLogger({ service, level: config.logLevel, ids: parts.ids(config) });
  const unexpected = unexpectedErrors(log, systemClock);
  process.off("uncaughtExceptionMonitor", boundExit); // From now on such an error has it stop, which takes longer (X3).
  const stop = AbortSignal.any([stopSignals().signal, unexpected]);
  const sinceStop = boundStop(parts, config, log, stop);
  const endBroken = (error: unknown): never => {
    log.error(`${service} ended`, { ...errorFields(error), ...sinceStop() });
    say(service, errorMessage(error)); // (X1)
    endProcess(exitBroken);
  };
  parts.run(config, log, stop).then(
    ({ exit, reason }) => {
      if (unexpected.aborted) endBroken(unexpected.reason); // (X3)
      log.info(`${service} stopped`, { exit, reason, ...sinceStop() });
      if (exit !== "drained") say(service, reason);
      endProcess(exitCodes[exit]);
    },
    (error: unknown) => {
      // Before it had begun.
      if (stop.aborted && error === stop.reason && !unexpected.aborted) endProcess(exitCodes.drained);
      endBroken(error);
    },
  );
}

/** (X2) Returns what the last line says of the stop. */
function boundStop<Config extends { readonly logLevel: LogLevel }>(
  { service, stopMsMax }: ServiceParts<Config>,
  config: Config,
  log: Logger,
  stop: AbortSignal,
): () => Readonly<Record<string, unknown>> {
  let stoppedAtMs: number | undefined;
  const sinceStop = (): Readonly<Record<string, unknown>> => {
    const fileCalls = fileCallsUnderWay();
    return {
      stopMs: stoppedAtMs === undefined ? undefined : Math.round(systemClock.nowMs() - stoppedAtMs),
      ...(fileCalls === 0 ? {} : { fileCallsUnderWay: fileCalls }),
    };
  };
  const endAnyway = (): void => {
    const reason = `it has not stopped ${stopMsMax(config) / 1_000} s after it was told to, and is ended`;
    log.error(`${service} ended`, { error: reason, ...sinceStop() });
    say(service, reason);
    endProcess(exitCodes["left-behind"]);
  };
  const begin = (): void => {
    stoppedAtMs = systemClock.nowMs();
    after(stopMsMax(config), endAnyway);
  };
  stop.addEventListener("abort", begin, { once: true });
  return sinceStop;
}

function refuse(service: string, { message, exitCode }: ConfigError): never {
  if (exitCode === 0) process.stdout.write(`${message}\n`);
  else {
    for (const mistake of message.split("\n")) say(service, mistake);
    process.stderr.write("(add --help to learn how)\n");
  }
  process.exit(exitCode);
}

function say(service: string, sentence: string): void {
  process.stderr.write(`noctua ${service}: ${sentence}\n`);
}
