import { expect, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { YoungJobs } from "./young-jobs.js";

test("of jobs that came of late so many are remembered, and of more the oldest are taken for old (P7)", () => {
  const young = new YoungJobs();
  for (let job = 1; job <= 1_001; job += 1) young.came(jobNumber(job), job);
  const told = [...young.within(0, 2_000)].map(([job]) => job);
  expect(told).toHaveLength(1_000);
  expect([told.at(0), told.at(-1)]).toEqual([1_001, 2]);
});

test("of a job that came within that time it is told how much was before it; one that is retried has come anew", () => {
  const young = new YoungJobs();
  young.came(jobNumber(1), 10);
  young.came(jobNumber(2), 20);
  young.came(jobNumber(1), 30);
  expect([...young.within(20, 40)]).toEqual([[1, 0.5]]);
  expect([...young.within(40, 20)]).toEqual([]);
});
