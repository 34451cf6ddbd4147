import fc from "fast-check";
import { expect, test } from "vitest";
import { harmless, harmlessJson } from "./harmless.js";

test("what a terminal would obey is shown", () => {
  expect(harmless("\u001b[31mred\u001b[0m")).toBe("^[[31mred^[[0m");
  expect(harmless("\u001b]0;title\u0007")).toBe("^[]0;title^G");
  expect(harmless("10%\r20%\u0008\u007f")).toBe("10%^M20%^H^?");
  expect(harmless("\u009b2J \u202egnp.exe \u2066x")).toBe("<U+009B>2J <U+202E>gnp.exe <U+2066>x");
});

test("text of any language stays, with its tabs and lines", () => {
  const text = "\tΔm = 91.2 GeV\nжук 猫头鹰 🦉 — é\n";
  expect(harmless(text)).toBe(text);
});

test("nothing is left to be shown, whatever the text", () => {
  const characters = fc.string({ unit: "binary", maxLength: 50 });
  fc.assert(
    fc.property(characters, (text) => {
      expect(harmless(harmless(text))).toBe(harmless(text));
      expect(harmless(text).replace(/[\t\n]/g, "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    }),
    { seed: 5, numRuns: 500 },
  );
});

test("JSON stays what it means, and harms no terminal", () => {
  const said = { text: "\u001b[2J \u202e \u009b \u200b é 🦉" };
  const json = harmlessJson(JSON.stringify(said, undefined, 2));
  expect(JSON.parse(json)).toEqual(said);
  expect(harmless(json)).toBe(json);
  expect(json).toContain("é 🦉");
});
