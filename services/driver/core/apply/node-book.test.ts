import { expect, test } from "vitest";
import { jobNumber } from "../../../shared/core/id.js";
import { emptyFarm } from "../state/farm.js";
import { newTrial } from "../state/trial.js";
import { blame } from "./node-book.js";

test("of the ranges that are held against a node so many are told apart, of each job (P7)", () => {
  const farm = emptyFarm();
  for (const job of [1, 2])
    for (let range = 0; range < 300; range += 1)
      blame(farm, "n1", jobNumber(job), { range, trial: newTrial() });
  expect([...(farm.nodes.get("n1")?.blamed.values() ?? [])].map(({ size }) => size)).toEqual([256, 256]);
});
