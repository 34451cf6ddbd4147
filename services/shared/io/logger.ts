// Logs: one JSON object a line on stderr, for machines first: {"time","level","service","message", ids and fields}.
// Ids are fields, never part of the message. No field can take the place of the first four.

import { createLogger as createWinston, format, transports } from "winston";
import { LogStream } from "./log-stream.js";
import { systemClock } from "./system-clock.js";

export const logLevels = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof logLevels)[number];

type Fields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** The same log, with these ids in every line. */
  with(ids: Fields): Logger;
}

export interface LoggerOptions {
  /** Name of the service, in every line. */
  readonly service: string;
  /** Lines below it are left out. */
  readonly level: LogLevel;
  /** In every line. */
  readonly ids?: Fields;
}

/** A log on stderr. It ends nobody when it has no room (log-stream.ts). */
export function createLogger(options: LoggerOptions): Logger {
  const { service, ids = {} } = options;
  const stream = new LogStream(process.stderr, (lines) => {
    const message = "lines of this log could not be written, and are left out";
    return `${logLine({ level: "warn", service, message }, { ...ids, lines })}\n`;
  });
  const winston = createWinston({
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    level: options.level,
    format: format.printf((line) => String(line.message)),
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston's typings name one class twice
    transports: [new transports.Stream({ stream })],
  });
  return logOver(service, ids, (level, lineOf) => {
    if (winston.isLevelEnabled(level)) winston.log(level, lineOf());
  });
}

/** For tests. */
export const silentLogger: Logger = logOver("silent", {}, () => undefined);

type Write = (level: LogLevel, lineOf: () => string) => void;

function logOver(service: string, ids: Fields, write: Write): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields?: Fields): void =>
      write(level, () => logLine({ level, service, message }, { ...ids, ...fields }));
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (more) => logOver(service, { ...ids, ...more }, write),
  };
}

function logLine(head: { level: LogLevel; service: string; message: string }, fields: Fields): string {
  const first = { time: new Date(systemClock.unixMs()).toISOString(), ...head };
  return JSON.stringify({ ...first, ...fields, ...first }, plain);
}

/** What JSON would lose or refuse, as something that it keeps. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Error) {
    const { name, message, stack, cause } = value;
    return { name, message, stack, ...(cause === undefined ? {} : { cause }) };
  }
  return typeof value === "bigint" ? String(value) : value;
}
