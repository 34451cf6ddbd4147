import { expect, it } from "vitest";
import { execPlaceholders } from "../core/placeholders.js";
import { command } from "./command-schema.js";

/** What is wrong with a command, if anything. */
function flawOf(words: readonly string[]): string | undefined {
  return command(execPlaceholders).safeParse(words).error?.issues[0]?.message;
}

it("a command has a program and so many arguments, each no longer than a path", () => {
  const rest = (words: number): string[] => ["run", "{output}", ...Array<string>(words).fill("x")];
  expect(flawOf(rest(998))).toBeUndefined();
  expect(flawOf(rest(999))).toBe("a list of a program and at most 999 arguments");
  expect(flawOf([...rest(0), "x".repeat(4_096)])).toBeUndefined();
  expect(flawOf([...rest(0), "x".repeat(4_097)])).toMatch(/^a text of at most 4096 characters/);
});
