// Everything that a fresh clone needs, and nothing when nothing changed: packages, generated code, bundles.
//
//   node tools/setup.mjs
//
//   S1. Idempotent, and under 0.3 s when all is fresh: only contents are compared.
//   S2. Two at once do the work once: one holds the lock, the other waits and finds all done.
//   S3. What is built appears file by file, whole, and counts as built only when all of it is there.
//
// It needs Node and npm only, so what comes from packages is imported after they are there.

import { join } from "node:path";
import process from "node:process";
import { nodeVersionProblem } from "./setup/node-version.mjs";
import { root } from "./setup/root.mjs";

/** A step is fresh, or is done; each may rest on those before it. */
async function loadSteps() {
  const { arePackagesInstalled, installPackages } = await import("./setup/packages.mjs");
  const { generate, isGenerated } = await import("./generate.mjs");
  const { bundle, isBundled } = await import("./bundle.mjs");
  return [
    {
      title: "installing the pinned packages (npm ci)",
      isFresh: arePackagesInstalled,
      make: installPackages,
    },
    { title: "generating code from proto/", isFresh: isGenerated, make: generate },
    { title: "bundling the services into dist/", isFresh: isBundled, make: bundle },
  ];
}

async function setup() {
  const problem = nodeVersionProblem(root, process.versions.node);
  if (problem !== undefined) throw new Error(problem);
  const steps = await loadSteps();
  if (steps.every((step) => step.isFresh(root))) return; // (S1)
  const { exclusively } = await import("./setup/exclusive.mjs");
  const onWait = (/** @type {string} */ holder) => say(`waiting for another setup (${holder})`);
  await exclusively(
    join(root, "build", "setup.lock"),
    async () => {
      for (const step of steps) {
        if (step.isFresh(root)) continue; // (S2)
        say(step.title);
        const startedMs = performance.now();
        await step.make(root);
        say(`  done in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
      }
    },
    { onWait },
  );
}

/** To standard error: what follows the setup may be read by a program. @param {string} line */
function say(line) {
  process.stderr.write(`setup: ${line}\n`);
}

try {
  await setup();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
