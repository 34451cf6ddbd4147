// Commands in a job file: a program and its arguments, with placeholders.

import { z } from "zod";
import { placeholderMistakes, type PlaceholderRules } from "../core/placeholders.js";
import { readAs } from "./described.js";

const argumentsMax = 1_000;
const argumentLengthMax = 4_096;

const commandExpected = `a list of a program and at most ${argumentsMax - 1} arguments`;
const argumentExpected = `a text of at most ${argumentLengthMax} characters (numbers go in quotes)`;

const form = z.array(z.string().max(argumentLengthMax)).min(1).max(argumentsMax).meta({ title: "command" });

/** A program and its arguments, whose placeholders are known. Looked at as a whole, so that no mistake hides another. */
export function command(rules: PlaceholderRules): z.ZodType<readonly string[]> {
  return readAs<readonly string[]>(form, (written, context) => {
    const complain = (message: string, at: readonly number[], found?: string): void => {
      context.addIssue({ code: "custom", message, path: [...at], input: written, params: { found } });
    };
    if (!Array.isArray(written) || written.length < 1 || written.length > argumentsMax) {
      complain(commandExpected, []);
      return z.NEVER;
    }
    const items: readonly unknown[] = written;
    for (const [at, item] of items.entries()) if (!isArgument(item)) complain(argumentExpected, [at]);
    if (items[0] === "") complain("a program", [0]);
    const texts = items.map((item) => (typeof item === "string" ? item : ""));
    for (const { argument, expected, found } of placeholderMistakes(texts, rules)) {
      complain(expected, argument === undefined ? [] : [argument], found);
    }
    return texts;
  });
}

function isArgument(item: unknown): boolean {
  return typeof item === "string" && item.length <= argumentLengthMax && !item.includes("\0");
}
