import { expect, test } from "vitest";
import { failureOfProcess } from "./process-failure.js";

const end = { exitCode: undefined, signal: "", timedOut: false, stderrTail: "the last words" };

test("exit code 0 is no failure", () => {
  expect(failureOfProcess({ ...end, exitCode: 0 }, 1_000)).toBeUndefined();
});

test.each([
  [{ exitCode: 1 }, "transient"],
  [{ exitCode: 255 }, "transient"],
  [{ exitCode: 126 }, "fatal"],
  [{ exitCode: 127 }, "fatal"],
  [{ exitCode: 137 }, "node"],
  [{ exitCode: 139 }, "event"],
  [{ signal: "SIGKILL" }, "node"],
  [{ signal: "SIGTERM" }, "node"],
  [{ signal: "SIGBUS" }, "node"],
  [{ signal: "SIGSEGV" }, "event"],
  [{ signal: "SIGHUP" }, "transient"],
  [{ signal: "SIGKILL", timedOut: true }, "event"],
  [{ exitCode: 0, timedOut: true }, "event"],
] as const)("%o is of class %s", (how, expected) => {
  expect(failureOfProcess({ ...end, ...how }, 1_000)?.class).toBe(expected);
});

test("the failure says what was expected and what was found, and keeps the end of stderr", () => {
  expect(failureOfProcess({ ...end, exitCode: 139 }, 1_000)).toEqual({
    class: "event",
    message: "expected the payload to end with exit code 0, found exit code 139, a shell's word for SIGSEGV",
    exitCode: 139,
    signal: "",
    stderrTail: "the last words",
  });
  expect(failureOfProcess({ ...end, signal: "SIGTERM", timedOut: true }, 1_500)?.message).toMatch("1.5 s");
});
