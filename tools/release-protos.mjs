// Keeps proto/ as the protos of this release: what `buf breaking` compares all later ones with.
//
//   node tools/release-protos.mjs
//
// Files, not a tag: a clone may have no tags. Refuses what breaks an earlier release; a snapshot from which nothing was
// ever released (before 0.1.0) is removed by hand first.

import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { allChecks, releasedProtos } from "./checks/all-checks.mjs";
import { root } from "./setup/root.mjs";

const check = allChecks.find(({ name }) => name === "proto-breaking");
const { isOk, output } =
  check === undefined ? { isOk: false, output: "no such check\n" } : await check.run(root);
const snapshot = join(root, releasedProtos);
if (isOk) {
  if (existsSync(snapshot)) rmSync(snapshot, { recursive: true });
  cpSync(join(root, "proto"), snapshot, { recursive: true });
  process.stdout.write(`kept proto/ in ${releasedProtos}/\n`);
} else {
  process.stderr.write(`${output}proto/ breaks what was released; nothing was kept\n`);
  process.exitCode = 1;
}
