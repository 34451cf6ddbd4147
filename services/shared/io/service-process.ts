// The process of a service, from its arguments to its exit code.
//
//   code  when
//   0     all that was to be done is done; or help was asked for
//   64    the arguments make no sense
//   69    another process has its place
//   70    it could not go on
//   75    it was stopped before all was handed in
//
//   X1. Why it ended otherwise than well is said on stderr in words, beside the log: a person may see no more of it.

import type { ExitKind } from "../core/peer-step.js";
import { keepMemoryToItself } from "./core-file.js";
import { errorMessage } from "./error-code.js";
import { createLogger, type Logger, type LogLevel } from "./logger.js";
import { ConfigError } from "./service-arguments.js";
import { stopSignals } from "./shutdown.js";

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
  const stop = stopSignals().signal;
  parts.run(config, log, stop).then(
    ({ exit, reason }) => {
      log.info(`${service} stopped`, { exit, reason });
      if (exit !== "drained") say(service, reason);
      process.exit(exitCodes[exit]);
    },
    (error: unknown) => {
      if (stop.aborted && error === stop.reason) process.exit(exitCodes.drained); // Before it had begun.
      const stack = error instanceof Error ? error.stack : undefined;
      log.error(`${service} ended`, { error: errorMessage(error), stack });
      say(service, errorMessage(error)); // (X1)
      process.exit(exitBroken);
    },
  );
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
