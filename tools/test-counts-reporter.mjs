// The last line of a test run, for machines: "12 passed, 0 failed, 1 skipped", alone on its line.
//
//   C1. Nothing that went wrong is missing: a file that does not load, a hook that throws and an error outside any test
//       count as one failed each, and a test that was cut off is failed.

import process from "node:process";

/** @typedef {{ passed: number, failed: number, skipped: number }} TestCounts */

/** A reporter for vitest, to stand last among its reporters. */
export class TestCountsReporter {
  /**
   * @param {readonly import("vitest/node").TestModule[]} modules
   * @param {readonly unknown[]} errors
   */
  onTestRunEnd(modules, errors) {
    const { passed, failed, skipped } = countTests(modules, errors);
    process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  }
}

/**
 * @param {readonly import("vitest/node").TestModule[]} modules
 * @param {readonly unknown[]} errors outside any test
 * @returns {TestCounts}
 */
function countTests(modules, errors) {
  const counts = { passed: 0, failed: errors.length, skipped: 0 };
  for (const module of modules) {
    let failedHere = 0;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") counts.passed += 1;
      else if (state === "skipped") counts.skipped += 1;
      else failedHere += 1; // (C1)
    }
    if (failedHere === 0 && !module.ok()) failedHere = 1; // (C1)
    counts.failed += failedHere;
  }
  return counts;
}
