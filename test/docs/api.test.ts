import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { apiDocs } from "../../tools/api-docs.mjs";
import { root } from "../../tools/setup/root.mjs";

const page = readFileSync(join(root, "docs", "api.md"), "utf8");

test("docs/api.md is what the protos say: node tools/api-docs.mjs makes it anew", () => {
  expect(page).toBe(apiDocs(root));
});

test("docs/api.md has every call, and every field with what it means", () => {
  for (const name of ["job", "cluster"]) {
    const proto = readFileSync(join(root, "proto", "noctua", "v1", `${name}.proto`), "utf8");
    for (const [, call = ""] of proto.matchAll(/^ {2}rpc (\w+)/gm)) expect(page).toContain(`- **${call}** (`);
    for (const [, field = ""] of proto.matchAll(/^ {2,4}[\w.<>, ]+ (\w+) = \d+;/gm))
      expect(page).toMatch(new RegExp(`^\\| \`${field}\` \\| .+ \\| .+ \\|$`, "m"));
  }
});
