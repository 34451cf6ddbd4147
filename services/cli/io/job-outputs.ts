// Whether a job makes outputs, and what else its file says of them.
//
//   O1. A command that is run for each range names {output} when the job makes outputs, and not when it makes none.
//   O2. Where there are no outputs, nothing is said of how they are called, stored and merged: it would never be heeded.

import type { Mistake } from "../../shared/core/mistake.js";
import { valueAt, type Path } from "../../shared/io/yaml-text.js";
import { mistakeAt, type ParsedYaml } from "./checked-file.js";

const ofOutputs = ["output", "merge", "durability"] as const;

/** Looked at in the file as it was written, whatever else is wrong with it. */
export function outputMistakes(yaml: ParsedYaml): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  const isNone = valueAt(yaml.content, ["outputs"]) === "none";
  for (const place of commandPlaces(yaml.content)) {
    const mistake = commandMistake(yaml, place, isNone);
    if (mistake !== undefined) mistakes.push(mistake); // (O1)
  }
  if (!isNone) return mistakes;
  for (const name of ofOutputs) {
    if (valueAt(yaml.content, [name]) === undefined) continue;
    mistakes.push(mistakeAt(yaml, [name], `no ${name} beside outputs: none`, "one")); // (O2)
  }
  return mistakes;
}

/** Where commands stand that are run for each range. */
function commandPlaces(content: unknown): readonly Path[] {
  const variants = valueAt(content, ["variants"]);
  const ofVariants = Array.isArray(variants) ? variants.map((_, i) => ["variants", i, "payload"]) : [];
  const places = [["payload"], ...ofVariants];
  return places.flatMap((place) =>
    valueAt(content, [...place, "kind"]) === "stream" ? [] : [[...place, "command"]],
  );
}

function commandMistake(yaml: ParsedYaml, place: Path, isNone: boolean): Mistake | undefined {
  const command = valueAt(yaml.content, place);
  if (!Array.isArray(command) || command.length === 0) return undefined; // The schema says so.
  const at = command.findIndex((text) => typeof text === "string" && text.includes("{output}"));
  if (isNone === at < 0) return undefined;
  return isNone
    ? mistakeAt(yaml, [...place, at], "no {output} in a job with outputs: none", "{output}")
    : mistakeAt(yaml, place, "{output} in the command, or outputs: none", "a command without it");
}
