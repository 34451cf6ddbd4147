// The arguments of a service: one style of help, and one of mistakes.
//
//   A1. All mistakes are told in one message, one a line, each with where it was made, what was expected and what was
//       found. Only an option without its value comes alone: what follows it can't be told apart.
//   A2. What comes out is complete and frozen.

import { Command, CommanderError, Option } from "commander";
import { noctuaVersion } from "../core/version.js";
import { commonSettings, knownSettings, type NamedSetting } from "./known-settings.js";
import type { Setting } from "./setting.js";
import { findSettings, type CommandLine, type Settings, type SettingsSources } from "./settings.js";
import { usageMistake } from "./usage-mistake.js";

/** The arguments make no sense; the message has all mistakes. Or help was asked for, and is the message: then `exitCode` is 0. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly exitCode: 0 | 64;

  constructor(message: string, exitCode: 0 | 64) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What `--help` teaches besides the settings. */
export interface ServiceHelp {
  readonly service: "driver" | "actor" | "merger";
  readonly description: string;
  /** Options of a command that makes sense. */
  readonly example: string;
}

/** What a service is started with. */
export interface ServiceStart extends Pick<SettingsSources, "environment"> {
  readonly args: readonly string[];
}

/** Makes a configuration of the settings, as `configOf` takes them; rejects with a `ConfigError` (A1, A2). */
export async function readServiceConfig<Config>(
  help: ServiceHelp,
  { args, environment }: ServiceStart,
  configOf: (settings: Settings) => Config,
): Promise<Readonly<Config>> {
  const wanted = settingsOf(help.service);
  const command = commandOf(help, wanted);
  const commandLine = { words: args, mistakes: parse(command, args) };
  const said = { flags: flagsOf(command), commandLine, environment };
  const { settings, mistakes } = await findSettings(wanted, said);
  if (mistakes.length > 0) throw new ConfigError(mistakes.join("\n"), 64);
  return Object.freeze(configOf(settings));
}

/** What is common to services, and their own. */
function settingsOf(service: string): readonly NamedSetting[] {
  const common: readonly Setting<unknown>[] = [commonSettings.workdir, commonSettings.logLevel];
  return knownSettings.filter(({ section, setting }) => section === service || common.includes(setting));
}

function commandOf({ service, description, example }: ServiceHelp, wanted: readonly NamedSetting[]): Command {
  const command = new Command(`noctua ${service}`).description(description);
  for (const { flag, setting } of wanted) command.addOption(optionOf(flag, setting));
  return command
    .option("--config <file>", "settings file (default: <workdir>/noctua.yaml, where there is one)")
    .version(noctuaVersion)
    .allowExcessArguments(false)
    .addHelpText("after", `${alsoSaid(service, wanted)}\nExample:\n  noctua ${service} ${example}\n`);
}

function alsoSaid(service: string, wanted: readonly NamedSetting[]): string {
  const [one] = wanted.filter(({ section }) => section === service);
  return `
What ${one?.flag} says can also be said by the variable ${one?.variable}
or, in the settings file, by ${one?.key} below ${service}; and so on (--workdir and
--log-level without ${service}). Of flag, variable, file and default the first that
says it counts. noctua config ${service} shows what holds, and who said so.
`;
}

function optionOf(flag: string, { text, placeholder, fallbackText, isMany }: Setting<unknown>): Option {
  const about = fallbackText === "" ? text : `${text} (default: ${fallbackText})`;
  const option = new Option(placeholder === undefined ? flag : `${flag} <${placeholder}>`, about);
  const collect = (one: string, before: readonly string[] = []): readonly string[] => [...before, one];
  return isMany ? option.argParser(collect) : option;
}

/** What each option says that was given. */
function flagsOf(command: Command): ReadonlyMap<string, readonly string[]> {
  const flags = new Map<string, readonly string[]>();
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    const written = Array.isArray(value) ? value.map(String) : [value === true ? "true" : value];
    const texts = written.filter((one) => typeof one === "string");
    if (texts.length > 0) flags.set(option.long ?? "", texts);
  }
  return flags;
}

/** Mistakes that leave it clear what all other arguments mean. */
const clearMistakes: ReadonlySet<string> = new Set(["commander.unknownOption", "commander.excessArguments"]);

/** Returns what is wrong in such a way that there is more to be said; throws what is to be said alone. */
function parse(command: Command, args: readonly string[]): CommandLine["mistakes"] {
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
    const mistake = usageMistake(text);
    const word = /^--[\w-]+/.exec(mistake)?.[0] ?? command.args[0] ?? "";
    if (clearMistakes.has(error.code)) return [{ word, text: mistake }];
    throw new ConfigError(mistake, 64);
  }
}
