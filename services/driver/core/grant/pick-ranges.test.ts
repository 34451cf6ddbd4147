import { expect, test } from "vitest";
import { present } from "../../../shared/core/assert.js";
import { WaitingRoom } from "../state/waiting-room.js";
import { aSpec } from "../testing/testing-spec.js";
import { ToldDriver } from "../testing/testing.js";
import { grantable, pickRanges } from "./pick-ranges.js";

/** As if so many waited in it. */
class CrowdedRoom extends WaitingRoom {
  readonly #size: number;

  constructor(size: number) {
    super();
    this.#size = size;
  }

  override get size(): number {
    return this.#size;
  }
}

function freshOnes(driver: ToldDriver, waiting: number): readonly [picked: number, grantable: number] {
  const [job] = driver.farm.jobs.values();
  const [session] = driver.farm.sessions.values();
  const crowded = { ...present(job, "job"), room: new CrowdedRoom(waiting) };
  const { spans } = pickRanges(driver, crowded, present(session, "session"), 5);
  return [spans.count[0] ?? 0, grantable(crowded)];
}

test("while a million ranges wait for another try, no fresh ones are given (K7, P7)", () => {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [10] }));
  driver.actor({ name: "a" });
  expect(freshOnes(driver, 999_999)).toEqual([5, 10]);
  expect(freshOnes(driver, 1_000_000)).toEqual([0, 0]);
});
