import { expect, test } from "vitest";
import type { FoundFile } from "./audit-file.js";
import { OutputsAudit } from "./audit-outputs.js";
import { job1, keptReport } from "./testing.js";

const sound: FoundFile = { kind: "read", sizeBytes: 20, adler32: 42 };
const paths = [1, 2].flatMap((input) =>
  [1, 3, 5, 7, 9].map(
    (first) => `jobs/1/outputs/00000/input${input}.events${first}-${first + 1}.grant4.jsonl`,
  ),
);

interface Listed {
  readonly range: number;
  readonly path: string;
}

const whole = paths.map((path, range): Listed => ({ range, path }));

/** What is wrong with such a list, where the files are found so. */
function problems(
  listed: readonly Listed[],
  foundAt: (path: string) => FoundFile = () => sound,
): readonly string[] {
  const audit = new OutputsAudit(job1, keptReport());
  audit.enter(paths);
  for (const { range, path } of listed) {
    const line = { range, path, sizeBytes: 20, adler32: "0000002a" };
    if (audit.pathOf(line) !== undefined) audit.note(line, foundAt(path));
  }
  return audit.end().problems;
}

test("a list that names each output once, and files as it says, has no problems", () => {
  expect(problems(whole)).toEqual([]);
});

test.each<[string, FoundFile, string]>([
  ["is gone", { kind: "unreadable", why: "is not there" }, "is not there"],
  ["is short", { ...sound, sizeBytes: 19 }, "expected 20 bytes, found 19"],
  ["has another content", { ...sound, adler32: 43 }, "expected adler32 0000002a, found 0000002b"],
])("a file that %s is found", (_, found, problem) => {
  const [first = ""] = paths;
  expect(problems(whole, (path) => (path === first ? found : sound))).toEqual([`${first}: ${problem}`]);
});

test("an output that is not listed, listed twice, or under another name is found (K1)", () => {
  const [first = { range: 0, path: "" }, second = first, ...rest] = whole;
  expect(problems([second, ...rest])).toEqual([
    "range 0: its output stays, and outputs.jsonl does not name it",
    `${first.path}: the report does not keep it`,
    "outputs.jsonl has 9 lines, the report says 10",
  ]);
  expect(problems([first, first, second, ...rest])).toEqual([
    "outputs.jsonl, line 2: range 0 is named twice, or its output does not stay",
    "outputs.jsonl has 11 lines, the report says 10",
  ]);
  expect(problems([{ range: 0, path: "jobs/1/outputs/../../../etc/passwd" }, second, ...rest])[0]).toMatch(
    "outputs.jsonl, line 1: expected jobs/1/outputs/00000/input1.events1-2.grant1.jsonl, found jobs/1/outputs/..",
  );
  expect(problems(whole.slice(0, 9)).slice(0, 1)).toEqual([
    "range 9: its output stays, and outputs.jsonl does not name it",
  ]);
});
