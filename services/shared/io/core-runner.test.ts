import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CoreRunner, type CoreRunnerOptions } from "./core-runner.js";

interface Word {
  readonly kind: string;
}

/** It stands still, however slow the machine is: timers are vitest's. */
const beginMs = 1_000;
const clock = { nowMs: () => beginMs, unixMs: () => 0 };

/** A core that echoes what it is told, and wants to be woken when `wakeAtMs` says. */
function runnerOf(changes: Partial<CoreRunnerOptions<Word, string>> = {}) {
  const seen: string[] = [];
  const runner = new CoreRunner<Word, string>({
    clock,
    step: ({ kind }) => [`${kind}1`, `${kind}2`],
    wakeAtMs: () => undefined,
    act: (action) => seen.push(action),
    note: ({ kind }) => seen.push(`note ${kind}`),
    fail: (error) => seen.push(String(error)),
    ...changes,
  });
  return { runner, seen };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("what happens while the core is told something is told when all its actions are begun (R1)", () => {
  const { runner, seen } = runnerOf({
    act: (action) => {
      seen.push(action);
      if (action === "a1") runner.tell({ kind: "b" });
    },
  });
  runner.tell({ kind: "a" });
  expect(seen).toEqual(["note a", "a1", "a2", "note b", "b1", "b2"]);
});

test("what fails is given to whoever answers for it, and nothing more is told (R2)", () => {
  const { runner, seen } = runnerOf({
    step: () => {
      throw new Error("the program is wrong");
    },
  });
  runner.tell({ kind: "a" });
  runner.tell({ kind: "b" });
  expect(seen).toEqual(["note a", "Error: the program is wrong"]);
});

test("a core that is due is told that time has passed, and one that changes its mind is woken then (R3)", () => {
  let wakeAtMs: number | undefined = beginMs + 500;
  const { runner, seen } = runnerOf({ step: ({ kind }) => [kind], wakeAtMs: () => wakeAtMs });
  runner.tell({ kind: "a" });
  wakeAtMs = beginMs + 200.5;
  runner.tell({ kind: "b" });
  seen.length = 0;
  vi.advanceTimersByTime(200);
  expect(seen).toEqual([]);
  wakeAtMs = undefined;
  vi.advanceTimersByTime(1);
  expect(seen).toEqual(["note tick", "tick"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("once it is closed, nothing is told and no timer is left (R3)", () => {
  const { runner, seen } = runnerOf({ wakeAtMs: () => beginMs + 1_000 });
  runner.tell({ kind: "a" });
  seen.length = 0;
  runner.close();
  runner.tell({ kind: "b" });
  expect(vi.getTimerCount()).toBe(0);
  expect(seen).toEqual([]);
});
