import { expect, test } from "vitest";
import { jobNumber } from "../../../shared/core/id.js";
import { apply } from "../apply/apply.js";
import { ToldDriver } from "../testing/testing.js";
import { requestsKept } from "./client-requests.js";

test("of many requests the oldest are forgotten, and never a submission (I1)", () => {
  const driver = new ToldDriver();
  driver.submit();
  const { farm, journal } = driver;
  for (let i = 1; i <= 1.2 * requestsKept; i += 1) {
    const fact = { kind: "job-resumed", job: jobNumber(1), requestId: `resume ${i}` } as const;
    apply(farm, fact);
    journal.push(fact);
    if (farm.requests.size > 1.1 * requestsKept + 1) expect.fail(`${farm.requests.size} are remembered`);
  }
  expect(farm.requests.get("request-1")).toEqual({ asked: "submit", job: 1 });
  expect(farm.requests.has(`resume ${0.2 * requestsKept + 1}`)).toBe(true);
  expect(farm.requests.has("resume 1")).toBe(false);
  expect(driver.submit()).toMatchObject({ kind: "accepted", repeated: true }); // And a replay forgets the same (checkFarm).
});
