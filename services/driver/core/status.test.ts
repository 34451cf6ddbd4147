import { describe, expect, test } from "vitest";
import { jobStatus } from "./status.js";
import { ToldDriver } from "./testing/testing.js";
import { aSpec, byRange, type SpecChanges } from "./testing/testing-spec.js";

function aDriver(changes: SpecChanges = {}): ToldDriver {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [4, 3], everyOutputs: 2, ...changes }));
  return driver;
}

describe("the status of a job", () => {
  test.each<[string, SpecChanges, number | undefined]>([
    ["by arrival", {}, 4],
    ["by range within inputs", { grouping: byRange(false) }, 4],
    ["by range across inputs", { grouping: byRange(true) }, 4],
    ["of all in one", { everyOutputs: 100 }, 1],
    [
      "that may come earlier, which nobody knows",
      { grouping: { kind: "arrival", maxDelayMs: 1_000 } },
      undefined,
    ],
    ["without outputs, which are none", { outputs: "none" }, undefined],
    ["of an open job, which nobody knows", { open: true }, undefined],
  ])("tells how many merged files there will be: %s", (_name, changes, files) => {
    const driver = aDriver(changes);
    expect(jobStatus(driver.farm, driver.job()).filesExpected).toBe(files);
  });

  test("tells how many there will be of an open job as soon as it is closed", () => {
    const driver = aDriver({ open: true });
    driver.control("close");
    expect(jobStatus(driver.farm, driver.job()).filesExpected).toBe(4);
  });

  test("tells when the wall time of the last actor ends, if that of all is known", () => {
    const driver = aDriver();
    const endsAtMs = (): number | undefined => jobStatus(driver.farm, driver.job()).endsAtMs;
    expect(endsAtMs()).toBeUndefined();
    driver.actor({ name: "one", allocationEndsAtMs: driver.nowMs + 60_000 });
    driver.actor({ name: "two", allocationEndsAtMs: driver.nowMs + 90_000 });
    expect(endsAtMs()).toBe(driver.nowMs + 90_000);
    driver.actor({ name: "nobody knows" });
    expect(endsAtMs()).toBeUndefined();
  });
});
