import { expect, test } from "vitest";
import { jobNumber } from "../../../shared/core/id.js";
import { insideJob, JobFault } from "./fault.js";

test("of a fault so much is kept, whatever it says (P7)", () => {
  const fails = (): never => {
    throw Object.assign(new Error("x".repeat(10_000)), { stack: "y".repeat(10_000) });
  };
  let fault: unknown;
  try {
    insideJob(jobNumber(1), "z".repeat(10_000), fails);
  } catch (error) {
    if (error instanceof JobFault) ({ fault } = error);
  }
  const [reason, doing, trace] = [1_000, 1_000, 4_000].map(
    (length, i) => `${"xzy"[i]}`.repeat(length - 1) + "…",
  );
  expect(fault).toEqual({ reason, doing, trace });
});
