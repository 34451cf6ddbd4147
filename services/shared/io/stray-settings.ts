// What looks like a setting and is none: heeded by nobody, it would be missed by whoever wrote it (settings.ts, G3).
//
//   W1. A variable that is not nearly one of ours is somebody else's, whatever it begins with.
//   W2. A payload is told by such variables what it is given; what it starts finds them there.

import { describe, describeMistake, fieldName, type Mistake } from "../core/mistake.js";
import { nearestName } from "../core/nearest-name.js";
import { knownSettings, type NamedSetting } from "./known-settings.js";
import { isMapping, type FileMistake, type SettingsFile } from "./settings-file.js";
import { valueAt, type Path } from "./yaml-text.js";

const prefix = "NOCTUA_";
const configVariable = `${prefix}CONFIG`;

/** Mistakes: variables that are nearly settings. */
export function strayVariables(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (environment["NOCTUA_CORES"] !== undefined) return []; // (W2)
  const known = new Set([configVariable, ...knownSettings.map(({ variable }) => variable)]);
  const names = Object.keys(environment).filter((name) => name.startsWith(prefix) && !known.has(name));
  return names.sort().flatMap((name) => {
    const meant = variablesMeant(name, [...known]);
    return meant.length === 0
      ? []
      : [`${name}: expected a variable that is known, found none (did you mean ${meant.join(" or ")}?)`];
  });
}

/** (W1) */
function variablesMeant(name: string, known: readonly string[]): readonly string[] {
  const rest = name.slice(prefix.length);
  const ofServices = knownSettings.filter(
    ({ section, variable }) => section !== "" && variable === `${prefix}${section.toUpperCase()}_${rest}`,
  );
  if (ofServices.length > 0) return ofServices.map(({ variable }) => variable);
  const nearest = nearestName(
    rest,
    known.map((one) => one.slice(prefix.length)),
  );
  return nearest === undefined ? [] : [`${prefix}${nearest}`];
}

/** Mistakes: keys of a file that are not known, among what is common and in the sections of what is wanted. */
export function strayKeys(wanted: readonly NamedSetting[], file: SettingsFile): readonly FileMistake[] {
  const sections = new Set(knownSettings.map(({ section }) => section));
  const mistakes: Mistake[] = strayIn(
    file,
    [],
    [...keysOf(""), ...[...sections].filter((one) => one !== "")],
  );
  for (const section of new Set(wanted.map((one) => one.section))) {
    if (section !== "") mistakes.push(...strayIn(file, [section], keysOf(section)));
  }
  return mistakes.map((mistake) => ({
    line: mistake.line ?? 1,
    text: describeMistake(file.path, mistake),
  }));
}

function keysOf(section: string): readonly string[] {
  return knownSettings.filter((one) => one.section === section).map(({ key }) => key);
}

function strayIn(file: SettingsFile, path: Path, known: readonly string[]): Mistake[] {
  const content = valueAt(file.content, path);
  // All of a section may be commented out.
  if (content === undefined || content === null) return [];
  const mistakeAt = (place: Path, expected: string, found: string): Mistake => ({
    line: file.lineOf(place),
    field: fieldName(place),
    expected,
    found,
  });
  if (!isMapping(content)) return [mistakeAt(path, "a mapping of settings", describe(content))];
  return Object.keys(content)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const meant = nearestName(key, known);
      const found = `${describe(key)}${meant === undefined ? "" : ` (did you mean "${meant}"?)`}`;
      return mistakeAt([...path, key], `one of ${known.join(", ")}`, found);
    });
}
