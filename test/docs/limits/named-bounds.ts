// Every number in services/ that is called a bound, so that none is left out of docs/limits.md unnoticed.
//
//   B1. A constant of a file, or a number in an object, whose name ends in `Max` (or in `MaxDefault`) is found. What only tests
//       use is not looked at.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { top } from "../documents.js";
import type { Place } from "./limit.js";

/** (B1) */
const bound = /^(?:export )?const (\w*[mM]ax(?:Default)?)\b|\b(\w*[mM]ax(?:Default)?)(?: =|:) \d/gm;

/** Files that are tests, or stand in tests for what is real. */
const ofTests = /(?:^|[-./])(?:test|testing|fake|scripted)[-./]/;

/** All of them, in the order of their files. */
export function namedBounds(): Place[] {
  const files = readdirSync(join(top, "services"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !ofTests.test(file))
    .map((file) => `services/${file}`);
  return files.sort().flatMap((file) => boundsIn(file, readFileSync(join(top, file), "utf8")));
}

/** Those of one file, each once. */
export function boundsIn(file: string, text: string): Place[] {
  const names = [...text.matchAll(bound)].map(([, constant, field]) => constant ?? field ?? "");
  return [...new Set(names)].map((name) => [file, name]);
}
