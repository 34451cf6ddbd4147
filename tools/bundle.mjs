// One file a service, into dist/: driver.cjs, actor.cjs, merger.cjs, and noctua.cjs for the command line.
//
//   node tools/bundle.mjs        (npm run build generates first)
//
//   B1. A bundle needs Node and nothing else: no node_modules, no .proto file, no second file of ours.
//   B2. Names stay as written and lines short, so that a stack trace can be read without the source map beside it. White
//       space goes: a third of the bytes that a thousand nodes read at their start.
//   B3. A warning of the bundler fails the build: each is something that would be missing at run time.
//
// CommonJS, since ESM output dies on the dynamic require() of some packages; so main.ts has no top-level await.

import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fingerprint, isStamped, readStamp } from "./setup/fingerprint.mjs";
import { isMain } from "./setup/is-main.mjs";
import { replaceFolder } from "./setup/replace-folder.mjs";
import { root } from "./setup/root.mjs";

const executables = { driver: "driver", actor: "actor", merger: "merger", cli: "noctua" };
const inputs = [
  ...["services", "package.json", "package-lock.json", "tsconfig.json"],
  ...["tools/bundle.mjs", "tools/setup/inline-protos.mjs"],
];

/**
 * True when dist/ is what the sources give.
 *
 * @param {string} root
 */
export function isBundled(root) {
  return isStamped(join(root, "dist"), fingerprintSources(root));
}

/**
 * Makes dist/ anew. Fails with esbuild's messages.
 *
 * @param {string} root
 */
export async function bundle(root) {
  const inputsNow = fingerprintSources(root);
  mkdirSync(join(root, "build"), { recursive: true });
  const temporary = mkdtempSync(join(root, "build", "bundle-"));
  try {
    for (const [service, name] of Object.entries(executables)) {
      const entry = join(root, "services", service, "main.ts");
      await bundleService(root, entry, join(temporary, `${name}.cjs`));
    }
    replaceFolder(join(root, "dist"), temporary, inputsNow);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/**
 * @param {string} root
 * @param {string} entry
 * @param {string} outfile
 */
async function bundleService(root, entry, outfile) {
  // Imported late: setup.mjs loads this file before the packages are there.
  const [{ build }, { inlineProtos }] = await Promise.all([
    import("esbuild"),
    import("./setup/inline-protos.mjs"),
  ]);
  const result = await build({
    entryPoints: [entry],
    outfile,
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minifyWhitespace: true,
    lineLimit: 160, // (B2)
    sourcemap: "linked",
    sourcesContent: false,
    legalComments: "linked",
    banner: { js: "#!/usr/bin/env node" },
    plugins: [inlineProtos(root)],
    logLevel: "silent",
  });
  if (result.warnings.length > 0) throw new Error(describe(result.warnings)); // (B3)
  chmodSync(outfile, 0o755);
}

/** @param {readonly import("esbuild").Message[]} messages */
function describe(messages) {
  return messages.map(({ text, location }) => `${location?.file}:${location?.line}: ${text}`).join("\n");
}

/** Tests are no part of a bundle; generated code is, by what it was made from. @param {string} root */
function fingerprintSources(root) {
  const sources = fingerprint(root, inputs, (path) => !/\.test\.(ts|mjs)$/.test(path));
  return `${sources} ${readStamp(join(root, "gen"))}`;
}

if (isMain(import.meta.url)) await bundle(root);
