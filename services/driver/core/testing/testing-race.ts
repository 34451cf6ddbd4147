// Two actors that hold the same ranges, for tests.

import { granted, ToldDriver, type Peer } from "./testing.js";
import { aSpec } from "./testing-spec.js";

/**
 * A job of four ranges, a slow actor whose lease ended while it held all of them by grant 1, and a fast one that was
 * granted them again, as grant 2; the slow one is back.
 */
export function aRace(): { readonly driver: ToldDriver; readonly slow: Peer; readonly fast: Peer } {
  const driver = new ToldDriver({ leaseMs: 30_000 });
  driver.submit(aSpec({ inputs: [4] }));
  driver.actor({ name: "slow" }).ask(4).say("detach-stream");
  driver.pass(31_000);
  const fast = driver.actor({ name: "fast" }).ask(4);
  const slow = driver.actor({ name: "slow", ranges: [granted(1, [0, 1, 2, 3])] });
  driver.forget();
  return { driver, slow, fast };
}
