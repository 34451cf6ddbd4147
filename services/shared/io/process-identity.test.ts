import { expect, it } from "vitest";
import { processes, startTimeIn } from "./process-identity.js";

it("tells its processes apart, and knows which are gone", () => {
  expect(processes.startTimeOf(process.pid)).toMatch(/^\d+$/);
  expect(processes.startTimeOf(2 ** 30)).toBeUndefined();
  expect(processes.bootId()).toMatch(/^[0-9a-f-]{36}$/);
  expect(processes.namespace()).toMatch(/^pid:\[\d+\]$/);
});

it("a process whose name has brackets and blanks is read right, and one that is dead but not reaped is gone", () => {
  const stat = (state: string) =>
    `42 (a) S (b c) ${state} 1 42 42 0 -1 4194560 1 0 0 0 3 1 0 0 20 0 11 0 887766 1 2`;
  expect(startTimeIn(stat("S"))).toBe("887766");
  expect(startTimeIn(stat("Z"))).toBeUndefined();
  expect(() => startTimeIn("42 (a) S")).toThrow("as Linux writes it");
});
