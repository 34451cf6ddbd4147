// `npm run verify` and .ci/run: everything is asked, what failed is named, and the count of tests comes last.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runChecks } from "../../tools/checks/run-checks.mjs";
import { type PlantedTree, plantTree } from "./planted-tree.js";

const passing = (name: string) => ({ name, run: async () => ({ isOk: true, output: "chatter" }) });
const failing = (name: string) => ({ name, run: async () => ({ isOk: false, output: `a.ts:1: ${name}\n` }) });

test("every check runs, whatever fails; only what failed shows its output", async () => {
  let text = "";
  const broken = {
    name: "broken",
    run: () => Promise.reject(new Error("cannot be asked")),
  };
  const checks = [failing("first"), passing("second"), broken, passing("fourth")];
  const failed = await runChecks("/", checks, { write: (more) => (text += more), atOnce: 2 });
  expect(failed).toEqual(["first", "broken"]);
  for (const check of checks)
    expect(text).toMatch(new RegExp(`^(ok    |FAILED) ${check.name} +\\d+\\.\\d s$`, "m"));
  expect(text).toContain("    a.ts:1: first\n");
  expect(text).toContain("    Error: cannot be asked\n");
  expect(text).not.toContain("chatter");
});

describe("in a tree", () => {
  let tree: PlantedTree;

  beforeEach(() => {
    tree = plantTree({}, ["tools", "vitest.config.ts", ".ci"]);
  });

  afterEach(() => tree.remove());

  test("verify ends with 0 when all is well, else with the names of what failed", async () => {
    const verify = () => tree.run("node", "tools/verify.mjs", "--only", "marks,file-names,proto-lint");
    const good = await verify();
    expect(good.output).toMatch(/^all checks passed\n$/m);
    expect(good.isOk).toBe(true);
    tree.write({ "services/driver/io/utils.ts": "// TODO\n" });
    const bad = await verify();
    expect(bad.ending).toBe("exit code 1");
    expect(bad.output).toMatch(/^ok {5}proto-lint /m);
    expect(bad.output).toMatch(/^failed: file-names, marks\n$/m);
  });

  test("verify refuses a check that it does not know", async () => {
    const { ending, output } = await tree.run("node", "tools/verify.mjs", "--only", "nonsense");
    expect(ending).toBe("exit code 2");
    expect(output).toContain("no check named nonsense; there are lint, types,");
  });

  test("a test run ends with its counts, in which nothing that failed is missing", async () => {
    tree.write({
      "test/laws/a.test.ts": `import { test, expect } from "vitest";
test("passes", () => {});
test.skip("is skipped", () => {});
test("fails", () => { expect(1).toBe(2); });
`,
      "test/laws/hook.test.ts": `import { beforeAll, describe, test } from "vitest";
describe("with a hook", () => { beforeAll(() => { throw new Error("hook"); }); test("is skipped", () => {}); });
`,
      "test/laws/load.test.ts": `import "./gone.js";\n`,
      "test/laws/late.test.ts": `import { test } from "vitest";
test("passes, but leaves an error behind", () => { setTimeout(() => { throw new Error("late"); }, 1); });
test("waits for it", () => new Promise((resolve) => setTimeout(resolve, 50)));
`,
    });
    const { isOk, output } = await tree.run("node_modules/.bin/vitest", "run");
    expect(isOk).toBe(false);
    // With the lawful tree's own test, 4 pass.
    expect(output.trimEnd().split("\n").at(-1)).toBe("4 passed, 4 failed, 2 skipped");
  });

  test("CI ends with the counts and the right status, whichever step fails", async () => {
    const npm = (testStatus: number, verifyStatus: number) =>
      `case "$1" in test) printf '\\n2 passed, ${testStatus} failed, 0 skipped\\n'; exit ${testStatus};;
        run) exit ${verifyStatus};; esac`;
    tree.writeNpm(npm(0, 0));
    const good = await tree.run(".ci/run");
    expect(good.output).toMatch(/\n2 passed, 0 failed, 0 skipped\n$/);
    expect(good.isOk).toBe(true);
    tree.writeNpm(npm(1, 0));
    const testFails = await tree.run(".ci/run");
    expect(testFails.output).toMatch(/\n2 passed, 1 failed, 0 skipped\n$/);
    expect(testFails.ending).toBe("exit code 1");
    tree.writeNpm(npm(0, 1));
    const verifyFails = await tree.run(".ci/run");
    expect(verifyFails.output).toMatch(/\n2 passed, 0 failed, 0 skipped\n$/);
    expect(verifyFails.ending).toBe("exit code 1");
  });
});
