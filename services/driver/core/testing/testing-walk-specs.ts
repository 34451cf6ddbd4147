// For tests: jobs of all sorts, for walks (testing-walk.ts).

import { defaultRules } from "../rules.js";
import { noNeeds } from "../../../shared/core/payload-needs.js";
import { aSpec, byRange } from "./testing-spec.js";

export const walkSpecs = [
  aSpec({ inputs: [7, 5], everyOutputs: 3, attempts: 2, mergeAttempts: 2 }),
  aSpec({ inputs: [9], everyOutputs: 3, attempts: 3, backoffMs: 2_000 }),
  aSpec({ inputs: [20], eventsPerRange: 3, everyOutputs: 2, mergeAttempts: 1, requires: { cpu: "amd" } }),
  aSpec({ inputs: [8], everyOutputs: 3, payload: { ...aSpec().payload, needs: { ...noNeeds, cores: 2 } } }),
  aSpec({ inputs: [] }),
  aSpec({ inputs: [], eventsPerRange: 2, everyOutputs: 3, open: true, priority: 1 }),
  aSpec({ inputs: [5], everyOutputs: 4, open: true, priority: -1 }),
  aSpec({ inputs: [6, 3], attempts: 2, outputs: "none" }),
  aSpec({ inputs: [4], eventsPerRange: 2, open: true, outputs: "none" }),
  aSpec({ inputs: [5, 4], everyOutputs: 2, attempts: 2, mergeAttempts: 1, grouping: byRange(false) }),
  aSpec({ inputs: [4, 3], everyOutputs: 3, attempts: 1, open: true, grouping: byRange(true) }),
  aSpec({ inputs: [6], everyOutputs: 5, grouping: { kind: "arrival", maxDelayMs: 1_000 } }),
  aSpec({ inputs: [5], attempts: 2, keepsOutputs: true }),
];

/** Copies are made as soon as they can be. */
export const eager = { ...defaultRules.copies, afterMs: 0, measuredLeast: 1, measuredMin: 2, slotPart: 1 };

/** Not all nodes may do all jobs. */
export const labels = [{}, { cpu: "amd" }, { cpu: "arm", gpu: "yes" }] as const;
