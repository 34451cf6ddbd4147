// An actor against a driver that comes and goes, and payloads that end as they like (testing-world.ts).

import { expect, test } from "vitest";
import { World } from "./testing-world.js";

test("whatever happens, hellos name all that is held, demand only grows, whatever waits is begun, and in the end every range is reported", () => {
  let results = 0;
  let ahead = 0;
  let recalls = 0;
  for (let seed = 1; seed <= 100; seed += 1) {
    const world = new World(seed);
    for (let turn = 0; turn < 400; turn += 1) world.turn();
    expect({ seed, waiting: world.rest() }).toEqual({ seed, waiting: [] });
    world.finish();
    expect({ seed, exited: world.exited, left: world.leftOver() }).toEqual({
      seed,
      exited: "drained",
      left: [],
    });
    results += world.results;
    ahead += world.ahead;
    recalls += world.recalls;
  }
  expect(results).toBeGreaterThan(2_000); // Else nothing was tested.
  expect(ahead).toBeGreaterThan(1_000);
  expect(recalls).toBeGreaterThan(10);
});
