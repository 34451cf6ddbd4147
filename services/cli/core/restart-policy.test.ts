import { describe, expect, it } from "vitest";
import { seededRng } from "../../shared/core/rng.js";
import { decideRestart, describeEnd, firstStartLimits, restartLimits } from "./restart-policy.js";

const rng = seededRng(1);
const crashed = { exitCode: 1, signal: "" };

describe("a service that ended", () => {
  it("is started again after a wait that grows", () => {
    const waits = [1, 2, 3, 4, 5].map((ends) => {
      const endsAtMs = Array.from({ length: ends }, (_, i) => i);
      const decision = decideRestart(crashed, endsAtMs, restartLimits, rng);
      return decision.kind === "restart" ? decision.waitMs : Number.NaN;
    });
    expect(waits[0]).toBeGreaterThanOrEqual(100);
    expect(waits[4]).toBeLessThanOrEqual(5_000);
    expect(waits[4]).toBeGreaterThan(4 * (waits[0] ?? 0));
  });

  it("is given up when it ended for the sixth time in a minute", () => {
    expect(decideRestart(crashed, [0, 1, 2, 3, 4, 5], restartLimits, rng).kind).toBe("give-up");
    expect(decideRestart(crashed, [0, 1, 2, 3, 4, 60_001], restartLimits, rng).kind).toBe("restart");
  });

  it("is given up at once when it says that it would end the same way again", () => {
    expect(decideRestart({ exitCode: 64, signal: "" }, [0], restartLimits, rng).kind).toBe("give-up");
  });

  it("is tried once more when it was never ready", () => {
    expect(decideRestart(crashed, [0], firstStartLimits, rng).kind).toBe("restart");
    expect(decideRestart(crashed, [0, 1], firstStartLimits, rng).kind).toBe("give-up");
  });

  it("is told of in words", () => {
    expect(describeEnd(crashed)).toBe("ended with exit code 1");
    expect(describeEnd({ exitCode: undefined, signal: "SIGKILL" })).toBe("was ended by SIGKILL");
    expect(describeEnd({ exitCode: undefined, signal: "" })).toBe("could not be started");
  });
});
