// The compiler catches what it is there for: types everywhere, and in core/ every name that only Node has.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PlantedTree, plantTree } from "./planted-tree.js";

/** Each would run, and each would make a decision depend on the machine. */
const notInCore = {
  "a process": `export const f = process.pid;`,
  "a timer": `setTimeout(() => 1, 5);`,
  "a buffer": `export const f = Buffer.alloc(1);`,
  "the console": `console.log(1);`,
  "a file": `import { readFileSync } from "node:fs";\nexport const f = readFileSync("/etc/hosts");`,
  "the network": `export const f = fetch;`,
  "a high-resolution clock": `export const f = performance.now();`,
};

/** What the options beyond `strict` are for. */
const notAnywhere = {
  "a wrong type": [`export const f: number = "one";`, "TS2322"],
  "an element that may be missing": [`export const f = (x: number[]): number => x[0];`, "TS2322"],
  "undefined where a field may be left out": [`export const f: { x?: number } = { x: undefined };`, "TS2375"],
  "a field by a name that may be missing": [`export const f = process.env.HOME;`, "TS4111"],
  "syntax that is not erased": [`export class F { constructor(readonly x: number) {} }`, "TS1294"],
  "a name that nobody uses": [`const f = 1;\nexport {};`, "TS6133"],
} as const;

let tree: PlantedTree;

beforeAll(() => {
  tree = plantTree();
});

afterAll(() => tree.remove());

describe("the compiler", () => {
  test("passes a lawful tree", async () => {
    expect(await tree.check("core-types")).toMatchObject({ isOk: true });
    expect(await tree.check("types")).toMatchObject({ isOk: true });
  });

  test("names each use of Node in core, and passes it in io", async () => {
    const planted = Object.values(notInCore);
    planted.forEach((code, index) =>
      tree.write({ [`services/driver/core/planted-${index}.ts`]: `${code}\n` }),
    );
    planted.forEach((code, index) => tree.write({ [`services/driver/io/planted-${index}.ts`]: `${code}\n` }));
    // A test beside its file may use Node.
    tree.write({ "services/driver/core/planted.test.ts": planted[0] ?? "" });
    const core = await tree.check("core-types");
    expect(core.isOk).toBe(false);
    expect(filesNamed(core.output)).toEqual(
      planted.map((_, index) => `services/driver/core/planted-${index}.ts`),
    );
    expect(await tree.check("types")).toMatchObject({ isOk: true });
  });

  test("names each wrong type", async () => {
    const planted = Object.values(notAnywhere);
    planted.forEach(([code], index) => tree.write({ [`services/driver/io/wrong-${index}.ts`]: `${code}\n` }));
    const { isOk, output } = await tree.check("types");
    expect(isOk).toBe(false);
    planted.forEach(([, error], index) => {
      expect(output).toMatch(
        new RegExp(`^services/driver/io/wrong-${index}\\.ts\\(.*\\): error ${error}:`, "m"),
      );
    });
    expect(filesNamed(output)).toHaveLength(planted.length);
  });
});

function filesNamed(output: string): string[] {
  const files = [...output.matchAll(/^(\S+)\(\d+,\d+\): error/gm)].map(([, file]) => file ?? "");
  return [...new Set(files)].sort();
}
