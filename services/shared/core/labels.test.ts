import { expect, test } from "vitest";
import { flawOfLabels, kindOf, meets } from "./labels.js";
import { payloadFor } from "./payload-for.js";
import { noNeeds } from "./payload-needs.js";

test("a node meets what is required when it has each label with its value", () => {
  const labels = { arch: "arm64", gpu: "a100" };
  expect(meets(labels, {})).toBe(true);
  expect(meets(labels, { gpu: "a100" })).toBe(true);
  expect(meets(labels, { gpu: "v100" })).toBe(false);
  expect(meets(labels, { gpu: "a100", disk: "fast" })).toBe(false);
  expect(meets({}, { toString: "x" })).toBe(false);
});

test("nodes are of one kind when their labels are equal, in whatever order they were given", () => {
  expect(kindOf({ a: "1", b: "2" })).toBe(kindOf({ b: "2", a: "1" }));
  expect(kindOf({ a: "1,b=2" })).not.toBe(kindOf({ a: "1", b: "2" }));
});

test("labels are few and short, and the flaw says what was expected and found", () => {
  expect(flawOfLabels({ "gpu.kind": "NVIDIA A100", empty: "" })).toBeUndefined();
  expect(flawOfLabels({ "1st": "x" })).toMatchObject({ found: '"1st"' });
  expect(flawOfLabels({ gpu: "x".repeat(64) })?.expected).toContain("label gpu");
  expect(flawOfLabels({ gpu: "a\nb" })?.found).toBe('"a\\nb"');
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`l${i}`, ""]));
  expect(flawOfLabels(many)).toEqual({ expected: "at most 64 labels", found: "65" });
});

test("a node runs the first variant that it meets, or else the job's own payload", () => {
  const run = (program: string) => ({
    kind: "exec" as const,
    command: [program],
    timeoutMs: 1,
    needs: noNeeds,
  });
  const spec = {
    payload: run("plain"),
    variants: [
      { requires: { gpu: "a100" }, payload: run("cuda") },
      { requires: { arch: "arm64" }, payload: run("arm") },
    ],
  };
  const programOn = (labels: Readonly<Record<string, string>>) => payloadFor(spec, labels).command[0];
  expect(programOn({ arch: "x64" })).toBe("plain");
  expect(programOn({ arch: "arm64" })).toBe("arm");
  expect(programOn({ arch: "arm64", gpu: "a100" })).toBe("cuda");
});
