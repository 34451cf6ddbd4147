// The arguments of a service: one style of help, and one of mistakes.
//
//   A1. All mistakes are told in one message, one a line, each with its option, what was expected and what was found.
//       Only an option without its value comes alone: what follows it can't be told apart.
//   A2. What comes out is complete and frozen.

import { Command, CommanderError, Option } from "commander";
import { noctuaVersion } from "../core/version.js";
import { argumentReader, type ArgumentReader } from "./argument-reader.js";
import { logLevels } from "./logger.js";

/** The arguments make no sense; the message has all mistakes. Or help was asked for, and is the message: then `exitCode` is 0. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly exitCode: 0 | 64;

  constructor(message: string, exitCode: 0 | 64) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What `--help` teaches. Every service also has `--workdir`, `--log-level` and `--version`. */
export interface ServiceHelp {
  readonly service: string;
  readonly description: string;
  readonly options: readonly Option[];
  /** Options of a command that makes sense. */
  readonly example: string;
}

/** An option with a value; `fallback` is its value when it is not given. */
export function valueOption(flags: string, description: string, fallback?: string): Option {
  const option = new Option(flags, description);
  return fallback === undefined ? option : option.default(fallback, fallback);
}

/** For services that live on a node. */
export function labelOption(): Option {
  const collect = (label: string, before: readonly string[] = []): readonly string[] => [...before, label];
  return valueOption("--label <key=value>", "a label of the node; can be given again").argParser(collect);
}

/** Makes a configuration of the arguments, as `configOf` reads them; throws a `ConfigError` (A1, A2). */
export function readArguments<Config>(
  help: ServiceHelp,
  args: readonly string[],
  configOf: (read: ArgumentReader) => Config,
): Readonly<Config> {
  const command = commandOf(help);
  const mistakes = parse(command, args);
  const valueOf = (option: string): unknown => {
    const name = command.options.find(({ long }) => long === option)?.attributeName();
    return name === undefined ? undefined : command.getOptionValue(name);
  };
  const config = configOf(argumentReader(valueOf, (mistake) => mistakes.push(mistake)));
  if (mistakes.length > 0) throw new ConfigError(mistakes.join("\n"), 64);
  return Object.freeze(config);
}

function commandOf({ service, description, options, example }: ServiceHelp): Command {
  const levels = logLevels.join(", ");
  const command = new Command(`noctua ${service}`)
    .description(description)
    .option("--workdir <folder>", "folder of the run, on a file system that all its nodes share (required)");
  for (const option of options) command.addOption(option);
  return command
    .addOption(valueOption("--log-level <level>", `lines below it are left out: ${levels}`, "info"))
    .version(noctuaVersion)
    .allowExcessArguments(false)
    .addHelpText("after", `\nExample:\n  noctua ${service} ${example}\n`);
}

/** Mistakes that leave it clear what all other arguments mean. */
const clearMistakes: ReadonlySet<string> = new Set(["commander.unknownOption", "commander.excessArguments"]);

/** Returns what is wrong in such a way that there is more to be said; throws what is to be said alone. */
function parse(command: Command, args: readonly string[]): string[] {
  let text = "";
  const write = (piece: string): void => {
    text += piece;
  };
  try {
    command.configureOutput({ writeOut: write, writeErr: write }).exitOverride();
    command.parse(args, { from: "user" });
    return [];
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) throw new ConfigError(text.trimEnd(), 0);
    const mistake = text
      .trim()
      .replace(/^error: /, "")
      .replaceAll("\n", " ");
    if (clearMistakes.has(error.code)) return [mistake];
    throw new ConfigError(mistake, 64);
  }
}
