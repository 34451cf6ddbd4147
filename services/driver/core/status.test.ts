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

  test("tells who waits for room, and what for, until nobody does or the job is over", () => {
    const driver = aDriver();
    const waitsFor = (): string => jobStatus(driver.farm, driver.job()).waitsFor;
    const [one, other] = [driver.actor({ name: "one" }), driver.merger({ name: "other" })];
    expect(waitsFor()).toBe("");
    driver.tell({ kind: "tell-wait", stream: one.stream, waitsFor: "no space is left" });
    expect(waitsFor()).toBe("actor one: no space is left");
    driver.tell({ kind: "tell-wait", stream: other.stream, waitsFor: "it is read-only" });
    expect(waitsFor()).toBe("actor one and 1 more: no space is left");
    driver.tell({ kind: "tell-wait", stream: one.stream, waitsFor: "" });
    expect(waitsFor()).toBe("merger other: it is read-only");
    driver.control("cancel");
    driver.workFiles();
    expect(waitsFor()).toBe("");
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
