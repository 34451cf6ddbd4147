// What the settings are, and who said so: flags over variables over the file over the default.
//
//   G1. Of each setting the first of these that says it counts, whole: labels are not gathered from several.
//   G2. All mistakes come to light together, each with where it was made, what was expected and what was found,
//       as they were written (mistake-order.ts).
//   G3. Nothing that looks like a setting is heeded by nobody: a key of the file that is not known is a mistake, and so is
//       a variable whose name is nearly that of one. Of the file, what is common and what is wanted is looked at: what is
//       wrong with an actor's settings stops no driver.

import { dirname } from "node:path";
import { assert, present } from "../core/assert.js";
import { describe } from "../core/mistake.js";
import { commonSettings, namesOf, type NamedSetting } from "./known-settings.js";
import { inWrittenOrder, type PlacedMistake, type Source } from "./mistake-order.js";
import { quoted, type Setting } from "./setting.js";
import {
  isMapping,
  readSettingsFile,
  type FileMistake,
  type NamedFile,
  type SettingsFile,
} from "./settings-file.js";
import { strayKeys, strayVariables } from "./stray-settings.js";
import { valueAt } from "./yaml-text.js";

export interface SettingsSources {
  /** What each flag says, `--config` among them. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  /** As it was written; default: nobody knows. */
  readonly commandLine?: CommandLine;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface CommandLine {
  readonly words: readonly string[];
  /** What is wrong with it besides, each with the word at which it is. */
  readonly mistakes: readonly { readonly word: string; readonly text: string }[];
}

export interface FoundSetting extends NamedSetting {
  readonly source: Source;
  /** Such as `--slots`, `NOCTUA_ACTOR_SLOTS` or `/data/noctua.yaml:3`; empty for a default. */
  readonly place: string;
  readonly written: readonly string[];
  /** What stands there instead of anything that could be read; for people. */
  readonly instead: string | undefined;
  /** Paths in it are relative to this. */
  readonly folder: string;
}

/** Gives the value of a setting that was wanted, when there are no mistakes. */
export type Settings = <Value>(setting: Setting<Value>) => Value;

export interface FoundSettings {
  /** The settings file, if there is one. */
  readonly file: string | undefined;
  /** In the order in which they are known. */
  readonly found: readonly FoundSetting[];
  readonly mistakes: readonly string[];
  readonly settings: Settings;
}

/** Finds those that are `wanted`. Everything that is wrong is a sentence in `mistakes` (G2). */
export async function findSettings(
  wanted: readonly NamedSetting[],
  sources: SettingsSources,
): Promise<FoundSettings> {
  const named = namedFile(sources);
  const { file, mistakes } = await readSettingsFile(named, workdirOf(sources));
  const found = wanted.map((one) => said(one, sources) ?? inFile(one, file) ?? byDefault(one));
  return {
    file: file?.path,
    found,
    mistakes: shown(
      inWrittenOrder([
        ...mistakesBeside(sources),
        ...mistakes.map((one) => placedInFile(one, named, sources)),
        ...(file === undefined ? [] : strayKeys(wanted, file)).map((one) =>
          placedInFile(one, named, sources),
        ),
        ...found.flatMap((one) => {
          const at = placeOf(one, sources, file);
          return mistakesIn(one).map((text) => ({ source: one.source, at, text }));
        }),
      ]),
    ),
    settings: (setting) => {
      const one = found.find((known) => known.setting === setting);
      const { written, folder } = present(one, "a setting that was wanted");
      const reading = setting.read(written, folder);
      assert("value" in reading, "settings without mistakes");
      return reading.value;
    },
  };
}

/** Those of the command line and of variables that are about no setting. */
function mistakesBeside({ commandLine, environment }: SettingsSources): readonly PlacedMistake[] {
  const words = (commandLine?.mistakes ?? []).map(({ word, text }) => {
    return { source: "flag", at: wordOf(commandLine, word), text } as const;
  });
  return [
    ...words,
    ...strayVariables(environment).map((text) => ({ source: "variable", at: 0, text }) as const),
  ];
}

/** One of a file that could not be read is told where the file was named. */
function placedInFile(
  { line, text }: FileMistake,
  named: NamedFile | undefined,
  { commandLine }: SettingsSources,
): PlacedMistake {
  if (line !== undefined || named === undefined) return { source: "file", at: line ?? 0, text };
  return named.by === "--config"
    ? { source: "flag", at: wordOf(commandLine, named.by), text }
    : { source: "variable", at: 0, text };
}

/** The word of the command line, or the line of the file. */
function placeOf(
  { source, flag, path }: FoundSetting,
  { commandLine }: SettingsSources,
  file: SettingsFile | undefined,
): number {
  if (source === "flag") return wordOf(commandLine, flag);
  return source === "file" ? (file?.lineOf(path.split(".")) ?? 0) : 0;
}

function wordOf(commandLine: CommandLine | undefined, word: string): number {
  return commandLine?.words.findIndex((one) => one === word || one.startsWith(`${word}=`)) ?? 0;
}

/** Of mistakes; the rest is counted. */
const shownMax = 50;

function shown(mistakes: readonly string[]): readonly string[] {
  const more = mistakes.length - shownMax;
  return more > 0 ? [...mistakes.slice(0, shownMax), `and ${more} more`] : mistakes;
}

function namedFile({ flags, environment }: SettingsSources): NamedFile | undefined {
  const path = flags.get("--config")?.at(-1);
  if (path !== undefined) return { by: "--config", path };
  const named = environment["NOCTUA_CONFIG"] ?? "";
  return named === "" ? undefined : { by: "NOCTUA_CONFIG", path: named };
}

/** It may name the file, so the file does not name it. */
function workdirOf(sources: SettingsSources): string | undefined {
  const { workdir } = commonSettings;
  const reading = workdir.read(said(namesOf(workdir), sources)?.written ?? [], "");
  return "value" in reading ? reading.value : undefined;
}

/** By a flag or a variable. An empty variable is one that is not set. */
function said(named: NamedSetting, { flags, environment }: SettingsSources): FoundSetting | undefined {
  const { flag, variable, setting } = named;
  const here = { ...named, folder: "", instead: undefined };
  const written = flags.get(flag);
  if (written !== undefined) return { ...here, source: "flag", place: flag, written };
  const value = environment[variable] ?? "";
  if (value === "") return undefined;
  const instead = setting.isOnce ? "a variable" : undefined;
  return {
    ...here,
    source: "variable",
    place: variable,
    written: setting.isMany ? value.split(",") : [value],
    instead,
  };
}

function inFile(named: NamedSetting, file: SettingsFile | undefined): FoundSetting | undefined {
  const path = named.path.split(".");
  const value = valueAt(file?.content, path);
  if (file === undefined || value === undefined) return undefined;
  const { setting } = named;
  const written = setting.isOnce ? undefined : writtenIn(value, setting.isMany);
  const place = `${file.path}:${file.lineOf(path) ?? 1}`;
  const instead = written === undefined ? describe(value) : undefined;
  return { ...named, source: "file", place, written: written ?? [], instead, folder: dirname(file.path) };
}

/** As a flag would say it; undefined when it could not. */
function writtenIn(value: unknown, isMany: boolean): readonly string[] | undefined {
  if (!isMany) return isPlain(value) ? [String(value)] : undefined;
  if (!isMapping(value)) return undefined;
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  return entries.every(([, one]) => isPlain(one))
    ? entries.map(([key, one]) => `${key}=${String(one)}`)
    : undefined;
}

function isPlain(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

/** (G2) */
function mistakesIn({
  source,
  place,
  path,
  flag,
  variable,
  setting,
  ...said
}: FoundSetting): readonly string[] {
  const where = {
    flag: place,
    variable: place,
    file: `${place}: ${path}`,
    default: `${flag} (or ${variable})`,
  };
  const tell = (expected: string, found: string): string =>
    `${where[source]}: expected ${expected}, found ${found}`;
  const { written, instead, folder } = said;
  if (instead !== undefined)
    return [tell(setting.isOnce ? `the flag ${flag}, since it is for one start` : setting.expected, instead)];
  const reading = setting.read(written, folder);
  if ("value" in reading) return [];
  return reading.flaws.map(({ expected, found = quoted(written.at(-1) ?? "") }) => tell(expected, found));
}

function byDefault(named: NamedSetting): FoundSetting {
  const written = named.setting.fallback;
  return { ...named, source: "default", place: "", written, folder: "", instead: undefined };
}
