import { describe, expect, test } from "vitest";
import type { FailureRule } from "./job-spec.js";
import { classOfStart, failureOfProcess } from "./process-failure.js";

const end = { exitCode: undefined, signal: "", timedOut: false, stderrTail: "the last words" };

test("exit code 0 is no failure", () => {
  expect(failureOfProcess("payload", { ...end, exitCode: 0 }, 1_000)).toBeUndefined();
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
  expect(failureOfProcess("payload", { ...end, ...how }, 1_000)?.class).toBe(expected);
});

test("the failure says what was expected and what was found, and keeps the end of stderr", () => {
  expect(failureOfProcess("payload", { ...end, exitCode: 139 }, 1_000)).toEqual({
    class: "event",
    message: "expected the payload to end with exit code 0, found exit code 139, a shell's word for SIGSEGV",
    exitCode: 139,
    signal: "",
    stderrTail: "the last words",
  });
  expect(failureOfProcess("payload", { ...end, signal: "SIGTERM", timedOut: true }, 1_500)?.message).toMatch(
    "1.5 s",
  );
});

test("a merge command has no event to blame", () => {
  const failed = (how: Partial<typeof end>): string | undefined =>
    failureOfProcess("merge command", { ...end, ...how }, 1_000)?.class;
  expect(failed({ signal: "SIGSEGV" })).toBe("transient");
  expect(failed({ timedOut: true })).toBe("transient");
  expect(failed({ signal: "SIGKILL" })).toBe("node");
});

test("a program that is not there is fatal; a folder that is not there, or no room, is the node's fault", () => {
  expect(classOfStart("ENOENT", true)).toBe("fatal");
  expect(classOfStart("ENOENT", false)).toBe("node");
  expect(classOfStart("EAGAIN", true)).toBe("node");
});

describe("the rules of a job", () => {
  const rule = { exitCodes: [], signals: [], timeout: false };
  const classBy = (how: Partial<typeof end> | { exitCode: number }, ...rules: FailureRule[]): unknown =>
    failureOfProcess("payload", { ...end, ...how }, 1_000, rules)?.class;

  test("come before the table, and the first that fits counts", () => {
    const rules: FailureRule[] = [
      { ...rule, exitCodes: [2, 3], class: "event" },
      { ...rule, exitCodes: [3, 127], class: "node" },
    ];
    expect(classBy({ exitCode: 3 }, ...rules)).toBe("event");
    expect(classBy({ exitCode: 127 }, ...rules)).toBe("node");
    expect(classBy({ exitCode: 126 }, ...rules)).toBe("fatal");
  });

  test("by signal mean the shell's word for it too", () => {
    const killed: FailureRule = { ...rule, signals: ["SIGKILL", "SIGXCPU"], class: "transient" };
    expect(classBy({ signal: "SIGKILL" }, killed)).toBe("transient");
    expect(classBy({ exitCode: 137 }, killed)).toBe("transient");
    expect(classBy({ exitCode: 139 }, killed)).toBe("event");
  });

  test("by signal or exit code say nothing of our own timeout, which has one of its own", () => {
    const killed: FailureRule = { ...rule, exitCodes: [1], signals: ["SIGKILL"], class: "fatal" };
    const late: FailureRule = { ...rule, timeout: true, class: "transient" };
    expect(classBy({ signal: "SIGKILL", timedOut: true }, killed)).toBe("event");
    expect(classBy({ signal: "SIGKILL", timedOut: true }, killed, late)).toBe("transient");
    expect(classBy({ signal: "SIGHUP" }, late)).toBe("transient");
    expect(classBy({ signal: "SIGSEGV" }, late)).toBe("event");
  });

  test("make no failure of what ended well", () => {
    expect(
      classBy({ exitCode: 0 }, { ...rule, exitCodes: [0], signals: [""], class: "fatal" }),
    ).toBeUndefined();
  });
});
