import { describe, expect, it } from "vitest";
import { nearestName } from "./nearest-name.js";

describe("a name that nobody knows", () => {
  const known = ["name", "inputs", "payload", "eventsPerRange", "every"];

  it("is taken for the nearest one that is known", () => {
    expect(nearestName("inptus", known)).toBe("inputs");
    expect(nearestName("playload", known)).toBe("payload");
    expect(nearestName("eventsperrange", known)).toBe("eventsPerRange");
  });

  it("is taken for none when none is near", () => {
    expect(nearestName("colour", known)).toBeUndefined();
    expect(nearestName("x", [])).toBeUndefined();
  });
});
