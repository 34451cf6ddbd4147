import { expect, test } from "vitest";
import { addAttempt, newTrial } from "./trial.js";

test("of attempts that cost nothing the last are remembered, and all that cost something (P7)", () => {
  const trial = newTrial();
  const add = (node: string, counted: boolean): void =>
    addAttempt(trial, { node, class: "transient", counted });
  add("good", true);
  for (let i = 0; i < 20; i += 1) add(`bad${i}`, false);
  add("other", true);
  const nodes = trial.attempts.map(({ node }) => node);
  expect(nodes).toEqual(["good", ...Array.from({ length: 16 }, (_, i) => `bad${i + 4}`), "other"]);
});
