// The law of imports catches each way of breaking it, by the rule that is there for it, and nothing else.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type PlantedTree, plantTree } from "./planted-tree.js";

/** What, from which file, importing what, and the rule that refuses it. */
const violations: readonly (readonly [what: string, from: string, imported: string, rule: string])[] = [
  ["core imports its io", "services/driver/core/a.ts", "../io/config.js", "core-sees-core"],
  ["core imports Node", "services/driver/core/b.ts", "node:fs", "core-sees-core"],
  ["core imports a package", "services/driver/core/c.ts", "zod", "core-sees-core"],
  [
    "core imports shared io",
    "services/driver/core/d.ts",
    "../../shared/io/system-clock.js",
    "core-sees-core",
  ],
  ["core imports another core", "services/actor/core/a.ts", "../../driver/core/decide.js", "core-sees-core"],
  ["core has a wire", "services/driver/core/wire.ts", "../../../gen/noctua/v1/job.js", "core-sees-core"],
  ["a core test imports io", "services/driver/core/a.test.ts", "../io/config.js", "core-tests-see-core"],
  ["shared core imports shared io", "services/shared/core/a.ts", "../io/system-clock.js", "core-sees-core"],
  ["shared imports a service", "services/shared/io/a.ts", "../../driver/io/config.js", "io-sees-core-and-io"],
  ["the driver imports the actor", "services/driver/io/a.ts", "../../actor/io/x.js", "io-sees-core-and-io"],
  ["io imports main", "services/driver/io/b.ts", "../main.js", "nobody-sees-main"],
  ["io imports a command", "services/cli/io/a.ts", "../commands/jobs.js", "io-sees-core-and-io"],
  [
    "a command imports the driver",
    "services/cli/commands/a.ts",
    "../../driver/core/decide.js",
    "commands-see-their-cli",
  ],
  [
    "main imports another service",
    "services/actor/main.ts",
    "../driver/io/config.js",
    "main-sees-its-service",
  ],
  [
    "io imports gen",
    "services/driver/io/c.ts",
    "../../../gen/noctua/v1/job.js",
    "generated-code-stops-at-the-wire",
  ],
  [
    "wired.ts imports gen",
    "services/driver/io/wired.ts",
    "../../../gen/noctua/v1/job.js",
    "generated-code-stops-at-the-wire",
  ],
  [
    "main imports gen",
    "services/merger/main.ts",
    "../../gen/noctua/v1/job.js",
    "generated-code-stops-at-the-wire",
  ],
  ["a service imports a test", "services/driver/io/d.ts", "../../../test/a.js", "services-stand-below"],
  ["a service imports a tool for tests", "services/driver/io/e.ts", "vitest", "no-development-packages"],
  [
    "an example imports a service",
    "examples/x/a.mjs",
    "../../services/driver/io/config.js",
    "examples-stand-outside",
  ],
  ["a payload's file imports a package", "payloads/node/a.mjs", "yaml", "payloads-stand-alone"],
  ["a tool imports a service", "tools/a.mjs", "../services/driver/io/config.js", "tools-stand-alone"],
  ["a package that is there by chance", "services/driver/io/f.ts", "long", "no-unlisted-packages"],
  ["a file that is not there", "services/driver/io/g.ts", "./nowhere.js", "no-missing-files"],
];

/** Allowed, each for a reason that a rule's pattern could miss. */
const lawfulImports: Readonly<Record<string, string>> = {
  "services/actor/io/x.ts": `import "node:fs";\nimport "zod";\nimport "../../shared/io/system-clock.js";\n`,
  "services/actor/io/x.test.ts": `import "vitest";\nimport "./x.js";\n`,
  "services/cli/commands/jobs.ts": `import "../core/y.js";\nimport "./show.js";\n`,
  "services/cli/commands/show.ts": `export const show = 1;\n`,
  "services/cli/core/y.ts": `import "../../shared/core/id.js";\n`,
  "services/actor/io/payload/wire-stream.ts": `import "../../../../gen/noctua/v1/job.js";\n`,
  "services/driver/io/journal-codec-v1.ts": `import "../../../gen/noctua/v1/job.js";\n`,
  "services/driver/io/wire.test.ts": `import "../../../gen/noctua/v1/job.js";\n`,
  "test/a.ts": `import "../gen/noctua/v1/job.js";\nimport "../services/driver/io/config.js";\n`,
};

const typeCycle = {
  "services/driver/core/left.ts": `import type { Right } from "./right.js";\nexport type Left = Right[];\n`,
  "services/driver/core/right.ts": `import type { Left } from "./left.js";\nexport type Right = Left[];\n`,
};

let tree: PlantedTree;
let lawful: { isOk: boolean; output: string };
let found: string[];

beforeAll(async () => {
  tree = plantTree(lawfulImports);
  lawful = await tree.check("imports");
  tree.write(typeCycle);
  tree.write(Object.fromEntries(violations.map(([, from, imported]) => [from, `import "${imported}";\n`])));
  const { output } = await tree.check("imports");
  found = [...output.matchAll(/^\s+error (\S+): (\S+) →/gm)].map(([, rule, from]) => `${from} ${rule}`);
});

afterAll(() => tree.remove());

test("a lawful tree passes", () => {
  expect(lawful.output).toContain("no dependency violations found");
  expect(lawful.isOk).toBe(true);
});

test.for(violations)("%s: %s imports %s", ([, from, , rule]) => {
  expect(found).toContain(`${from} ${rule}`);
});

test("a cycle of types alone is a cycle", () => {
  expect(found).toContain("services/driver/core/left.ts no-cycles");
});

test("nothing but what was planted is named", () => {
  const places = new Set(found.map((place) => place.split(" ")[0]));
  const planted = violations.map(([, from]) => from);
  expect([...places].sort()).toEqual([...new Set([...planted, "services/driver/core/left.ts"])].sort());
});
