// What a command of a job file may ask to have filled in.

import { placeholdersOf } from "../../shared/core/placeholders.js";
import { nearestName } from "../../shared/core/nearest-name.js";

/** The placeholders of a command, and those which it must have. */
export interface PlaceholderRules {
  readonly known: readonly string[];
  readonly required: readonly string[];
}

/** One range of a job, run by a command. Whether it must make an output is the job's to say (job-outputs.ts). */
export const execPlaceholders: PlaceholderRules = {
  known: placeholdersOf.payload,
  required: [],
};

/** A process for many ranges, which it is told of in another way. */
export const streamPlaceholders: PlaceholderRules = {
  known: placeholdersOf.stream,
  required: [],
};

/** An input whose events are to be counted. */
export const countPlaceholders: PlaceholderRules = {
  known: placeholdersOf.inputCount,
  required: ["input"],
};

/** A merge group, fused by a command. */
export const mergePlaceholders: PlaceholderRules = {
  known: placeholdersOf.merge,
  required: ["inputs", "output"],
};

/** A merged file, looked at by a command. */
export const checkPlaceholders: PlaceholderRules = {
  known: placeholdersOf.mergeCheck,
  required: ["output"],
};

/** A mistake in one argument of a command, or in the command as a whole. */
export interface PlaceholderMistake {
  /** Index of the argument; undefined when it is about the whole command. */
  readonly argument: number | undefined;
  readonly expected: string;
  readonly found: string;
}

const placeholder = /\{([A-Za-z][A-Za-z0-9_]*)\}/g;

/** What is wrong with the command's placeholders. */
export function placeholderMistakes(
  command: readonly string[],
  rules: PlaceholderRules,
): readonly PlaceholderMistake[] {
  const mistakes: PlaceholderMistake[] = [];
  const used = new Set<string>();
  for (const [argument, text] of command.entries()) {
    for (const [, name = ""] of text.matchAll(placeholder)) {
      if (used.has(name)) continue;
      used.add(name);
      if (rules.known.includes(name)) continue;
      const meant = nearestName(name, rules.known);
      mistakes.push({
        argument,
        expected: `one of the placeholders ${listed(rules.known)}`,
        found: `{${name}}${meant === undefined ? "" : ` (did you mean {${meant}}?)`}`,
      });
    }
  }
  const missing = rules.required.filter((name) => !used.has(name));
  if (missing.length > 0) {
    const found = `a command without ${missing.length === 1 ? "it" : "them"}`;
    mistakes.push({ argument: undefined, expected: `${listed(missing)} in the command`, found });
  }
  return mistakes;
}

function listed(names: readonly string[]): string {
  return names.map((name) => `{${name}}`).join(", ");
}
