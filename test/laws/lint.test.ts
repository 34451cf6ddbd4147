// The linter's laws catch what they are there for: each violation in a file of its own, one run over all of them.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type PlantedTree, plantTree } from "./planted-tree.js";
import { violations } from "./lint-violations.js";

let tree: PlantedTree;
let lawful: { isOk: boolean; output: string };
let found: Set<string>;

beforeAll(async () => {
  tree = plantTree();
  lawful = await tree.check("lint");
  tree.write(Object.fromEntries(violations.map(({ file, code }) => [file, code])));
  found = parseStylish(tree.root, (await tree.check("lint")).output);
});

afterAll(() => tree.remove());

test("a lawful tree passes", () => {
  expect(lawful).toMatchObject({ isOk: true, output: "" });
});

test.for(violations)("$what: $rule", ({ file, rule }) => {
  expect([...found].filter((place) => place.startsWith(`${file} `))).toContain(`${file} ${rule}`);
});

test("nothing but what was planted is named", () => {
  expect([...found].sort()).toEqual(
    [...new Set(violations.map(({ file, rule }) => `${file} ${rule}`))].sort(),
  );
});

/** "services/a.ts some-rule" for each problem in eslint's ordinary output. */
function parseStylish(root: string, output: string): Set<string> {
  const places = new Set<string>();
  let file = "";
  for (const line of output.split("\n")) {
    if (line.startsWith("/")) file = line.slice(root.length + 1);
    const rule = /^\s+\d+:\d+\s+(?:error|warning)\s.*\s{2}(\S+)$/.exec(line)?.[1];
    if (rule !== undefined) places.add(`${file} ${rule}`);
  }
  return places;
}
