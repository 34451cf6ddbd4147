import { expect, test } from "vitest";
import { usageMistake } from "./usage-mistake.js";

test.each([
  [
    "error: option '--slots <number>' argument '0' is invalid. Expected a whole number from 1 to 4096.\n",
    '--slots: expected a whole number from 1 to 4096, found "0"',
  ],
  [
    "error: option '-o, --output <form>' argument 'xml' is invalid. Allowed choices are text, json.\n",
    '--output: expected one of text, json, found "xml"',
  ],
  [
    "error: command-argument value '1,x' is invalid for argument 'jobs'. Expected jobs such as 3, found \"1,x\".\n",
    'jobs: expected jobs such as 3, found "1,x"',
  ],
])("a wrong value is named by where it was said, what was expected and what was found: %s", (said, ours) => {
  expect(usageMistake(said)).toBe(ours);
});

test.each([
  [
    "error: unknown command 'sttus'\n(Did you mean status?)\n",
    'expected a command that is known, found "sttus" (did you mean status?)',
  ],
  ["error: unknown option '--jsn'\n", "--jsn: expected an option that is known, found none"],
  [
    "error: unknown option '--jsn'\n(Did you mean one of --json, --jso?)\n",
    "--jsn: expected an option that is known, found none (did you mean one of --json, --jso?)",
  ],
  [
    "error: too many arguments for 'verify'. Expected 1 argument but got 2.\n",
    "verify: expected at most 1 argument, found 2",
  ],
  ["error: too many arguments. Expected 0 arguments but got 1.\n", "expected no arguments, found 1"],
  ["error: option '--workdir <folder>' argument missing\n", "--workdir: expected <folder>, found none"],
  ["error: missing required argument 'jobs'\n", "expected <jobs>, found none"],
])("other mistakes are told in the same words: %s", (said, ours) => {
  expect(usageMistake(said)).toBe(ours);
});

test("what nobody foresaw is told as it is", () => {
  const said = "error: option '--json' cannot be used with option '--output'\n";
  expect(usageMistake(said)).toBe("option '--json' cannot be used with option '--output'");
});
