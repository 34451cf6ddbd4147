// docs/schemas/job.schema.json, asked of another validator than the one that it is made from.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readJobFile } from "../../services/cli/io/job-file.js";
import { quietReader } from "../../services/cli/io/testing-reader.js";
import { validatorOf } from "./json-validator.js";

const top = join(import.meta.dirname, "..", "..");

let accepts: (content: unknown) => boolean;
let folder: string;

beforeAll(async () => {
  accepts = await validatorOf("job");
  folder = await mkdtemp(join(tmpdir(), "noctua-schema-"));
  await writeFile(join(folder, "1.lhe"), "5");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function isRead(content: unknown): Promise<boolean> {
  const path = join(folder, "job.json");
  await writeFile(path, JSON.stringify(content));
  return readJobFile(path, quietReader).then(
    () => true,
    () => false,
  );
}

const whole = {
  name: "x",
  inputs: [{ path: "1.lhe", events: 5 }],
  payload: { kind: "exec", command: ["run", "{output}"] },
};

describe("the JSON Schema of job files", () => {
  it.each(["examples/drell-yan", "examples/cms-dimuon", "test/docs/tiny"])(
    "takes the one in %s",
    async (place) => {
      const content: unknown = parse(await readFile(join(top, place, "job.yaml"), "utf8"));
      expect(accepts(content)).toBe(true);
    },
  );

  it.each<[string, object]>([
    ["a field that is not known", { ...whole, nmae: "y" }],
    ["no name", { inputs: whole.inputs, payload: whole.payload }],
    ["a number for a duration", { ...whole, merge: { maxDelay: 90 } }],
    ["a duration without its unit", { ...whole, payload: { ...whole.payload, timeout: "90" } }],
    ["no such kind", { ...whole, payload: { ...whole.payload, kind: "exce" } }],
    ["slots of exec", { ...whole, payload: { ...whole.payload, slots: 2 } }],
    ["a number in a command", { ...whole, payload: { kind: "stream", command: ["run", 5] } }],
    ["an input without its events", { ...whole, inputs: [{ path: "1.lhe" }] }],
    ["a number for a label", { ...whole, requires: { cores: 64 } }],
    ["too small a number", { ...whole, merge: { every: 0 } }],
    ["no such class", { ...whole, retry: { rules: [{ exitCodes: [1], class: "evnt" }] } }],
  ])("refuses, as Noctua does: %s", async (_name, content) => {
    expect(accepts(content)).toBe(false);
    expect(await isRead(content)).toBe(false);
  });

  it("takes a list of inputs that has nothing in it, as an open job may begin with", async () => {
    const open = { ...whole, open: true, inputs: null };
    expect(accepts(open)).toBe(true);
    expect(await isRead(open)).toBe(true);
  });

  it("takes whatever Noctua takes", async () => {
    let taken = 0;
    const takes = fc.asyncProperty(jobs(), async (job) => {
      if (!(await isRead(job))) return;
      taken += 1;
      expect(accepts(job)).toBe(true);
    });
    await fc.assert(takes, { seed: 6, numRuns: 400 });
    expect(taken).toBeGreaterThan(50);
  });
});

/** Good ones, and now and then a bad one. */
function mostly(good: readonly unknown[], ...bad: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: fc.constantFrom(...bad) },
  );
}

function some(
  fields: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  ...needed: readonly string[]
): fc.Arbitrary<object> {
  return fc.record(fields, { requiredKeys: [...needed] });
}

/** Job files, of which many are good. */
function jobs(): fc.Arbitrary<object> {
  const duration = mostly(["1s", "1h 30m", " 2m", "1.5h"], "0s", 5, "", "90");
  const number = mostly([1, 2, 100], 0, 2.5, -1, "1");
  const yesOrNo = mostly([true, false], "yes");
  const needs = {
    timeout: duration,
    cores: number,
    environment: mostly([{}, { A: "b" }], { A: 1 }),
    passEnvironment: mostly([[], ["A"]], ["1"]),
    setup: some({ command: mostly([["run"]], [], "run"), timeout: duration }, "command"),
    stageIn: yesOrNo,
    pin: mostly(["none", "cores"], "core"),
  };
  const command = mostly([["run", "{output}"]], ["run"], "run");
  const startTimeout = duration;
  const slots = fc.oneof(number, fc.constant("all"));
  const payload = fc.oneof(
    some({ kind: fc.constant("exec"), command, ...needs }, "kind", "command"),
    some(
      { kind: mostly(["stream"], "exec"), command: fc.constant(["run"]), slots, startTimeout, ...needs },
      "kind",
      "command",
    ),
  );
  const input = mostly(
    [
      { path: "1.lhe", events: 5 },
      { path: "*.lhe", events: 5, scope: "s" },
      { path: "1.lhe", events: { command: ["cat", "{input}"], timeout: "1m" } },
    ],
    { path: "1.lhe", events: "5" },
    { path: "2.lhe", events: 5 },
  );
  const merge = fc.oneof(
    fc.constant("none"),
    some({ every: slots, maxDelay: duration, attempts: number, kind: mostly(["concat", "tar"], "zip") }),
    some({ grouping: mostly(["range", "arrival"], "file"), every: slots, timeout: duration }),
  );
  const retry = some({
    attempts: number,
    backoff: some({ first: duration, last: mostly(["5h"], "1ms", 1) }),
  });
  const requires = mostly([{}, { arch: "arm64" }], { arch: 64 });
  const variants = fc.array(fc.record({ requires: mostly([{ arch: "arm64" }], 5), payload }), {
    maxLength: 1,
  });
  const output = mostly([{}, { suffix: ".x" }], { suffix: ".tmp" });
  const speculation = mostly([{}, { enabled: false }, { factor: 1.5 }], { factor: 0 });
  const name = mostly(["x", "a.b-c"], ".x", "", 5);
  const inputs = fc.array(input, { minLength: 1, maxLength: 1 });
  const more = {
    open: yesOrNo,
    priority: number,
    eventsPerRange: number,
    requires,
    variants,
    output,
    speculation,
  };
  return some({ name, inputs, payload, merge, retry, ...more }, "name", "inputs", "payload");
}
