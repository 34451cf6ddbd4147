// Unit tests stand beside their file, all others below test/. Examples are tested too. Benchmarks are no tests, but that
// they work is tested.

import { defineConfig } from "vitest/config";
import { TestCountsReporter } from "./tools/test-counts-reporter.mjs";

const shared = {
  // Forks, since tests start processes and send signals.
  pool: "forks",
  // A limit against hanging, not a measure of speed: machines are shared.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 30_000 } },
  setupFiles: "tools/leftovers-guard.mjs",
} as const;

/** Plant violations and bugs, and see that each is caught: of those who change Noctua, and not in `npm test`. */
const tripwires = ["test/laws/**/*.test.ts", "test/sim/mutants/**/*.test.ts"];

export default defineConfig({
  test: {
    globalSetup: "tools/tmp-guard.mjs",
    // Three files at a time, since half of their time they wait, and machines of two cores are common.
    maxWorkers: 3,
    reporters: ["default", new TestCountsReporter()],
    projects: [
      // Files share a process: starting one for each costs more than most of these tests do.
      { test: { ...shared, name: "unit", include: ["services/**/*.test.ts"], isolate: false } },
      {
        test: {
          ...shared,
          name: "whole",
          include: ["examples/**/*.test.{ts,mjs}", "test/**/*.test.ts"],
          exclude: ["**/node_modules/**", "examples/*/{input,work}/**", ...tripwires],
        },
      },
      { test: { ...shared, name: "tripwires", include: [...tripwires] } },
    ],
  },
});
