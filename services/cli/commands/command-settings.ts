// What commands have in common, --workdir and --output, may be said by variables and settings files too.
//
//   C1. It is read before the command begins, and put where its options are.
//   C2. `run` starts services by the same variables and file, so their mistakes come to light before anything is started.

import type { Command } from "commander";
import { commonSettings, knownSettings, namesOf, type NamedSetting } from "../../shared/io/known-settings.js";
import { optional } from "../../shared/io/setting.js";
import { findSettings, type FoundSettings } from "../../shared/io/settings.js";
import { CliError, exitCodes } from "../io/cli-error.js";
import type { CommandWorld } from "./world.js";

const workdir = namesOf(commonSettings.workdir);
const output = namesOf(commonSettings.output);
/** Where nobody has to say it. */
export const workdirIfAny: NamedSetting = { ...workdir, setting: optional(workdir.setting, "none") };

/** Of all commands that there are by now (C1). */
export function readSettingsFirst(noctua: Command, { env }: Pick<CommandWorld, "env">): void {
  const needy = new Set<Command>();
  for (const command of noctua.commands) {
    const option = command.options.find(({ long }) => long === workdir.flag);
    if (option === undefined) continue;
    if (option.mandatory) needy.add(command);
    option.mandatory = false; // As an option: it may be said elsewhere.
    command.option("--config <file>", "settings file (default: <workdir>/noctua.yaml, if any)");
  }
  noctua.hook("preAction", async (_, command) => {
    const wanted = wantedBy(command, needy.has(command) ? workdir : workdirIfAny);
    if (wanted.length === 0) return;
    for (const { path, source, setting, written, folder } of (await settingsOf(command, wanted, env)).found) {
      if (source === "flag" || !isOptionOf(command, path)) continue;
      const reading = setting.read(written, folder);
      if ("value" in reading) command.setOptionValueWithSource(path, reading.value, source);
    }
  });
}

/** Throws a `CliError` that has all mistakes. */
export async function settingsOf(
  command: Command,
  wanted: readonly NamedSetting[],
  environment: CommandWorld["env"],
): Promise<FoundSettings> {
  const found = await findSettings(wanted, { flags: flagsOf(command), environment });
  const { mistakes } = found;
  if (mistakes.length === 1) throw new CliError(exitCodes.usage, mistakes.join(""));
  if (mistakes.length > 1)
    throw new CliError(
      exitCodes.usage,
      [`the settings have ${mistakes.length} mistakes:`, ...mistakes].join("\n  "),
    );
  return found;
}

/** Those of its options that are settings; and all that there are of `run` (C2). */
function wantedBy(command: Command, itsWorkdir: NamedSetting): readonly NamedSetting[] {
  if (command.name() === "config") return []; // It reads them itself, in order to show them.
  if (command.name() === "run") return [itsWorkdir, ...knownSettings.filter((one) => one !== workdir)];
  return [itsWorkdir, output].filter(({ path }) => isOptionOf(command, path));
}

function isOptionOf(command: Command, name: string): boolean {
  return command.options.some((option) => option.attributeName() === name);
}

/** What was said by those that were given, or by `--json`. */
function flagsOf(command: Command): ReadonlyMap<string, readonly string[]> {
  const flags = new Map<string, readonly string[]>();
  for (const name of ["workdir", "output", "config"]) {
    const isGiven = ["cli", "implied"].includes(command.getOptionValueSource(name) ?? "");
    const value: unknown = command.getOptionValue(name);
    if (isGiven && typeof value === "string") flags.set(`--${name}`, [value]);
  }
  return flags;
}
