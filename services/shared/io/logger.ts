// Logs: one JSON object a line on stderr, for machines first: {"time","level","service","message", ids and fields}.
// Ids are fields, never part of the message. No field can take the place of the first four.
//
//   L1. Of one message so many lines are written in an interval; the next one says how many were left out. Who calls again and
//       again fills no disk. What was asked for by --log-level debug is all written.

import { createLogger as createWinston, format, transports } from "winston";
import type { Clock } from "../core/clock.js";
import { logLimit, type LogLimit } from "./log-limit.js";
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

/** (L1) */
const linesOfMessage = { max: 100, intervalMs: 10_000 };

/** A log on stderr. It ends nobody when it has no room (log-stream.ts). */
export function createLogger(options: LoggerOptions, clock: Clock = systemClock): Logger {
  const { service, ids = {} } = options;
  const limits = new Map<string, LogLimit>();
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
  return logOver(service, ids, ({ level, message }, lineOf) => {
    if (!winston.isLevelEnabled(level)) return;
    const limit = limits.get(message) ?? logLimit(clock, linesOfMessage.max, linesOfMessage.intervalMs);
    if (level !== "debug") limits.set(message, limit);
    const leftOut = limit.next();
    if (leftOut !== undefined) winston.log(level, lineOf(leftOut === 0 ? {} : { leftOut }));
  });
}

/** For tests. */
export const silentLogger: Logger = logOver("silent", {}, () => undefined);

interface Told {
  readonly level: LogLevel;
  readonly message: string;
}

type Write = (told: Told, lineOf: (more: Fields) => string) => void;

function logOver(service: string, ids: Fields, write: Write): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields?: Fields): void =>
      write({ level, message }, (more) =>
        logLine({ level, service, message }, { ...more, ...ids, ...fields }),
      );
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
