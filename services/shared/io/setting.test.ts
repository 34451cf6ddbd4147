import { expect, test } from "vitest";
import { duration, flag, folder, labels, name, oneOf, optional, size, text, wholeNumber } from "./setting.js";

const about = { text: "for a test" };

test.each([
  ["a folder", folder(about), "barn/", "/owl/barn"],
  ["an absolute folder", folder(about), "/barn", "/barn"],
  ["a text", text("host", about), "::1", "::1"],
  ["a name", name(about), "n.1", "n.1"],
  ["a number", wholeNumber([1, 8], about), "8", 8],
  ["a time", duration([0, 90_000], about), "1m 30s", 90_000],
  ["a size", size([0, 2e9], about), "1.5GB", 1.5e9],
  ["a word", oneOf(["mouse", "vole"], about), "vole", "vole"],
  ["a switch that is on", flag("for a test"), "true", true],
  ["a switch that is off", flag("for a test"), "false", false],
  ["what need not be said", optional(wholeNumber([1, 8], about), "all"), "7", 7],
])("%s is read", (_what, setting, written, value) => {
  expect(setting.read(["before it", written], "/owl")).toEqual({ value });
});

test.each([
  ["a folder of two lines", folder(about), "a\nb", "a folder"],
  ["no folder", folder(about), "", "a folder"],
  ["a name that leads elsewhere", name(about), "../x", /^1 to 128 letters/],
  ["a number out of bounds", wholeNumber([1, 8], about), "9", "a whole number from 1 to 8"],
  ["a number in other words", wholeNumber([1, 8], about), "1e0", "a whole number from 1 to 8"],
  ["a time without unit", duration([0, 1_000], about), "1", "a time such as 90s or 1h30m, from 0ms to 1s"],
  ["a size too large", size([1, 1e3], about), "1GB", "a size such as 64MB or 1.5GB, from 1B to 1kB"],
  ["half a switch", flag("for a test"), "yes", "true or false"],
])("%s is a flaw", (_what, setting, written, expected) => {
  expect(setting.read([written], "/owl")).toEqual({
    flaws: [{ expected: typeof expected === "string" ? expected : expect.stringMatching(expected) }],
  });
});

test("a word that is nearly one of them is told which", () => {
  const found = '"voel" (did you mean vole?)';
  const setting = oneOf(["mouse", "vole"], about);
  expect(setting.read(["voel"], "")).toEqual({ flaws: [{ expected: "one of mouse, vole", found }] });
});

test("what need not be said is undefined, and a switch is off", () => {
  expect(optional(duration([0, 1], about), "as it is").read([], "")).toEqual({ value: undefined });
  const off = flag("for a test");
  expect(off.read(off.fallback, "")).toEqual({ value: false });
});

test("labels are gathered, and each that is wrong is told", () => {
  const { read } = labels("for a test");
  expect(read([], "")).toEqual({ value: {} });
  expect(read(["disk=fast", "rack=7=8"], "")).toEqual({ value: { disk: "fast", rack: "7=8" } });
  expect(read(["fast", "7=x", "a=b"], "")).toEqual({
    flaws: [
      { expected: "key=value", found: '"fast"' },
      { expected: expect.stringContaining("label keys"), found: '"7"' },
    ],
  });
  const many = Array.from({ length: 17 }, () => "a=b");
  expect(read(many, "")).toEqual({ flaws: [{ expected: "at most 16 labels", found: "17" }] });
});
