import { expect, test } from "vitest";
import { assert, AssertionError, present, unreachable } from "./assert.js";
import { failureMessageMax, failureOf } from "./failure.js";

test("what the program takes for granted is said when it does not hold", () => {
  assert(true, "the sky is blue");
  expect(() => assert(false, "the sky is blue")).toThrow(new AssertionError("expected: the sky is blue"));
  expect(present(0, "number")).toBe(0);
  expect(() => present(undefined, "number")).toThrow("expected: number is there");
});

test("the sentence is only written when it is said", () => {
  const asked: string[] = [];
  const words = (): string => `the answer is ${String(asked.push("once"))}`;
  assert(true, words);
  expect(present(0, words)).toBe(0);
  expect(asked).toEqual([]);
  expect(() => assert(false, words)).toThrow("expected: the answer is 1");
  expect(() => present(undefined, words)).toThrow("expected: the answer is 2 is there");
});

test("a case that nobody has decided upon is named", () => {
  const unknown: unknown = { kind: "new-kind" };
  const reach = (): void => {
    Reflect.apply(unreachable, undefined, [unknown]);
  };
  expect(reach).toThrow('no such case as {"kind":"new-kind"}');
});

test("a failure says one sentence of bounded length", () => {
  const failure = failureOf("node", "x".repeat(5_000));
  expect(failure.message).toHaveLength(failureMessageMax);
  expect(failure).toMatchObject({ class: "node", exitCode: undefined, signal: "", stderrTail: "" });
});
