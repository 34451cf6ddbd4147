import { expect, test } from "vitest";
import { defaultRules, rulesFor, tickMs } from "./rules.js";
import { ToldDriver } from "./testing/testing.js";
import { aSpec } from "./testing/testing-spec.js";

test("the rules for the defaults are the default ones", () => {
  expect(rulesFor(defaultRules)).toEqual(defaultRules);
});

test("whatever the lease, a stall of the driver that lasts as long costs nobody a session, and silence does", () => {
  for (const leaseMs of [3_000, 10_000, 60_000, 3_600_000]) {
    const driver = new ToldDriver(rulesFor({ ...defaultRules, leaseMs }));
    driver.submit(aSpec());
    const actor = driver.actor().ask(1);
    driver.pass(tickMs);
    driver.nowMs += leaseMs;
    driver.tell({ kind: "tick" });
    expect(actor.session, `after a stall of ${leaseMs} ms`).toBe(1);
    for (let silentMs = 0; silentMs <= leaseMs; silentMs += tickMs) {
      driver.nowMs += tickMs;
      driver.tell({ kind: "tick" });
    }
    expect(actor.session, `after a silence of ${leaseMs} ms`).toBeUndefined();
  }
});
