// Unit tests stand beside their file, all others below test/. Examples are tested too. Benchmarks are no tests, but that
// they work is tested.

import { defineConfig } from "vitest/config";
import { TestCountsReporter } from "./tools/test-counts-reporter.mjs";

export default defineConfig({
  test: {
    include: [
      "services/**/*.test.ts",
      "examples/**/*.test.{ts,mjs}",
      "test/{sim,bench,integration,e2e,laws,docs,payloads}/**/*.test.ts",
    ],
    globalSetup: "tools/tmp-guard.mjs",
    exclude: ["**/node_modules/**", "examples/*/{input,work}/**"],
    // Forks, since tests start processes and send signals; three, since half of their time they wait, and machines of two
    // cores are common.
    pool: "forks",
    maxWorkers: 3,
    // A limit against hanging, not a measure of speed: machines are shared.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", new TestCountsReporter()],
  },
});
