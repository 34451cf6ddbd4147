import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JobStatus as WireJobStatus } from "../../../gen/noctua/v1/job.js";
import { jobNumber } from "../../shared/core/id.js";
import { reportStates } from "../../shared/core/report.js";
import { WireError } from "../../shared/io/wire-checks.js";
import { statusOf } from "../core/testing.js";
import { statusFromWire, statusToWire } from "./wire.js";

describe("a job's status", () => {
  it("is the same there and back", () => {
    const count = fc.nat({ max: 0xffff_ffff });
    const status = fc.record({
      job: fc.integer({ min: 1, max: 0xffff_ffff }).map(jobNumber),
      state: fc.constantFrom(...reportStates),
      sequence: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
      ranges: fc.record({ ready: count, held: count, done: count, merged: count, failed: count }),
      endedUnixMs: fc.option(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), { nil: undefined }),
      reason: fc.string(),
      nodesQuarantined: count,
      quarantinedNodes: fc.array(fc.string(), { maxLength: 3 }),
      filesExpected: fc.option(count, { nil: undefined }),
      allocationLeftMs: fc.option(count, { nil: undefined }),
      waitsFor: fc.string(),
    });
    const property = fc.property(status, (changes) => {
      const sent = statusOf(changes);
      const bytes = WireJobStatus.encode(statusToWire(sent)).finish();
      expect(statusFromWire(WireJobStatus.decode(bytes), "status")).toEqual(sent);
    });
    fc.assert(property, { seed: 1 });
  });

  it("is refused when it says what this version does not know, naming the field", () => {
    const whole = statusToWire(statusOf());
    expect(() => statusFromWire(undefined, "status")).toThrow(WireError);
    expect(() => statusFromWire({ ...whole, job: 0 }, "status")).toThrow("status.job");
    expect(() => statusFromWire({ ...whole, state: -1 }, "status")).toThrow("status.state");
    expect(() => statusFromWire({ ...whole, ranges: undefined }, "status")).toThrow("status.ranges");
  });
});
