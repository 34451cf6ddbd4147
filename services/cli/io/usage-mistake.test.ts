import { expect, test } from "vitest";
import { usageMistake } from "./usage-mistake.js";

test.each([
  [
    "error: option '--slots <number>' argument '0' is invalid. Expected a whole number from 1 to 4096.\n",
    'noctua: --slots: expected a whole number from 1 to 4096, found "0"\n',
  ],
  [
    "error: option '-o, --output <form>' argument 'xml' is invalid. Allowed choices are text, json.\n",
    'noctua: --output: expected one of text, json, found "xml"\n',
  ],
  [
    "error: command-argument value '1,x' is invalid for argument 'jobs'. Expected jobs such as 3, found \"1,x\".\n",
    'noctua: jobs: expected jobs such as 3, found "1,x"\n',
  ],
])("a wrong value is named by where it was said, what was expected and what was found: %s", (said, ours) => {
  expect(usageMistake(said)).toBe(ours);
});

test("another mistake of the command line begins as all do", () => {
  const said = "error: unknown command 'sttus'\n(Did you mean status?)\n";
  expect(usageMistake(said)).toBe("noctua: unknown command 'sttus'\n(Did you mean status?)\n");
});
