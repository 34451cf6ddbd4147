import { describe, expect, test } from "vitest";
import type { FailureRule, JobSpec, PayloadVariant } from "../../../shared/core/job-spec.js";
import type { Labels } from "../../../shared/core/labels.js";
import { noNeeds, type PayloadNeeds } from "../../../shared/core/payload-needs.js";
import { differenceBetweenJobs, flawOfSpec } from "./spec-check.js";
import { aSpec, byRange } from "../testing/testing-spec.js";

const rules = { rangesMax: 1_000, inputsMax: 5 };

function flawsOf(spec: JobSpec, under = rules): readonly string[] {
  const flaw = flawOfSpec(spec, under);
  return flaw?.why === "invalid" ? flaw.flaws : [];
}

const aStream = {
  kind: "stream" as const,
  command: ["serve"],
  slotsPerProcess: 1,
  startTimeoutMs: 60_000,
  timeoutMs: 60_000,
  needs: noNeeds,
};

function withInput(change: object): JobSpec {
  const spec = aSpec();
  return { ...spec, inputs: spec.inputs.map((input) => ({ ...input, ...change })) };
}

function withMerge(change: object): JobSpec {
  const spec = aSpec();
  return { ...spec, merge: { ...spec.merge, ...change } };
}

function withPayload(change: object): JobSpec {
  const spec = aSpec();
  return { ...spec, payload: { ...spec.payload, ...change } };
}

function withNeeds(change: Partial<PayloadNeeds>): JobSpec {
  return withPayload({ needs: { ...noNeeds, ...change } });
}

function withRule(...changes: Partial<FailureRule>[]): JobSpec {
  const spec = aSpec();
  const none = { exitCodes: [], signals: [], timeout: false, class: "event" } as const;
  return { ...spec, retry: { ...spec.retry, rules: changes.map((change) => ({ ...none, ...change })) } };
}

function withBackoff(firstMs: number, lastMs: number): JobSpec {
  const spec = aSpec();
  return { ...spec, retry: { ...spec.retry, backoff: { firstMs, lastMs } } };
}

function aVariant(requires: Labels, program: string): PayloadVariant {
  return { requires, payload: { kind: "exec", command: [program], timeoutMs: 1, needs: noNeeds } };
}

describe("a job that can be run", () => {
  test("has no flaw", () => {
    expect(flawOfSpec(aSpec(), rules)).toBeUndefined();
    expect(flawOfSpec(withMerge({ tool: { kind: "command", command: ["hadd"] } }), rules)).toBeUndefined();
    expect(flawOfSpec(withRule({ exitCodes: [1, 255] }, { signals: ["SIGXCPU"] }), rules)).toBeUndefined();
    expect(flawOfSpec(withBackoff(0, 0), rules)).toBeUndefined();
  });

  const wrong: [string, JobSpec][] = [
    ["name", aSpec({ name: "" })],
    ["name", aSpec({ name: "a/b" })],
    ["name", aSpec({ name: "x".repeat(65) })],
    ["output_suffix", aSpec({ outputSuffix: "/../x" })],
    ["events_per_range", aSpec({ eventsPerRange: 0 })],
    ["events_per_range", aSpec({ eventsPerRange: 1.5 })],
    ["payload.timeout_ms", withPayload({ timeoutMs: 2 ** 31 })],
    ["payload.exec.command", withPayload({ command: [] })],
    ["payload.stream.slots_per_process", aSpec({ payload: { ...aStream, slotsPerProcess: 65_536 } })],
    ["payload.stream.start_timeout_ms", aSpec({ payload: { ...aStream, startTimeoutMs: 2 ** 31 } })],
    ["payload.exec.command", withPayload({ command: [""] })],
    ["payload.needs.environment", withNeeds({ environment: { NOCTUA_JOB: "1" } })],
    ["payload.needs.pass_environment", withNeeds({ passEnvironment: ["A B"] })],
    ["payload.needs.cores", withNeeds({ cores: 0 })],
    ["payload.needs.setup.command", withNeeds({ setup: { command: [], timeoutMs: 1 } })],
    ["payload.needs.setup.timeout_ms", withNeeds({ setup: { command: ["x"], timeoutMs: 0 } })],
    ["payload.needs.cores", withNeeds({ cores: 65_536 })],
    ["requires", aSpec({ requires: { "1st": "x" } })],
    ["variants", aSpec({ variants: Array.from({ length: 65 }, () => aVariant({}, "x")) })],
    ["variants[0].requires", aSpec({ variants: [aVariant({ gpu: "x".repeat(64) }, "x")] })],
    ["variants[1].payload.exec.command", aSpec({ variants: [aVariant({}, "x"), aVariant({}, "")] })],
    ["merge.every_outputs", withMerge({ everyOutputs: 0 })],
    ["merge.every_outputs", withMerge({ everyOutputs: 1_000_001 })],
    ["merge.ranges.every_ranges", withMerge({ everyOutputs: 1_000_001, grouping: byRange(false) })],
    ["merge.attempts_max", withMerge({ attemptsMax: 256 })],
    ["merge.timeout_ms", withMerge({ timeoutMs: 0 })],
    ["merge.command.command", withMerge({ tool: { kind: "command", command: [] } })],
    ["merge.checks.count", withMerge({ checks: { count: [""], check: [] } })],
    ["merge.checks.check", withMerge({ checks: { count: [], check: ["", "x"] } })],
    ["retry.attempts_max", aSpec({ attempts: 0 })],
    ["retry.attempts_max", aSpec({ attempts: 256 })],
    ["retry.backoff.first_ms", withBackoff(-1, 10)],
    ["retry.backoff.last_ms", withBackoff(10, 9)],
    ["retry.backoff.last_ms", withBackoff(10, 2 ** 31)],
    ["retry.rules", withRule(...Array.from({ length: 65 }, () => ({ timeout: true })))],
    ["retry.rules[1]", withRule({ timeout: true }, {})],
    ["retry.rules[0].exit_codes", withRule({ exitCodes: [2, 256] })],
    ["retry.rules[0].exit_codes", withRule({ exitCodes: Array.from({ length: 256 }, () => 1) })],
    ["retry.rules[0].signals", withRule({ signals: ["SIGKILL", "KILL"] })],
    ["retry.rules[0].signals", withRule({ signals: Array.from({ length: 99 }, () => "SIGKILL") })],
    ["speculation.factor", aSpec({ speculation: { enabled: true, factor: 0.9 } })],
    ["speculation.factor", aSpec({ speculation: { enabled: false, factor: Number.NaN } })],
    ["inputs", aSpec({ inputs: [] })],
    ["inputs[0].path", withInput({ path: "relative" })],
    ["inputs[0].path", withInput({ path: "/in\0" })],
    ["inputs[0].path", withInput({ path: `/${"x".repeat(4_096)}` })],
    ["inputs[0].guid", withInput({ guid: "x".repeat(1_025) })],
    ["inputs[0].scope", withInput({ scope: "x".repeat(1_025) })],
    ["inputs[1]", aSpec({ inputs: [10, 10], path: "/in/the-same.lhe" })],
    ["priority", aSpec({ priority: 2 ** 31 })],
    ["inputs[0].first_event", withInput({ firstEvent: 0 })],
    ["inputs[0].events", withInput({ events: 0 })],
    ["inputs[0].events", withInput({ firstEvent: 2 ** 32 - 5, events: 10 })],
  ];
  for (const [field, spec] of wrong) {
    test(`does not have a flawed ${field}, which is named with what was expected and found`, () => {
      const flaw = flawOfSpec(spec, rules);
      expect(flaw).toMatchObject({ why: "invalid", flaws: { length: 1 } });
      expect(flawsOf(spec)[0]).toMatch(/: expected .*, found /);
      expect(flawsOf(spec)[0]?.startsWith(`${field}: `), flawsOf(spec)[0]).toBe(true);
    });
  }

  test("is told all that is wrong with it at once, of long lists the beginning", () => {
    const wrong = aSpec({
      name: "",
      eventsPerRange: 0,
      attempts: 0,
      inputs: Array.from({ length: 500 }, () => 0),
    });
    const found = flawsOf(wrong, { ...rules, inputsMax: 500 });
    expect(found.map((flaw) => flaw.split(":", 1)[0]).slice(0, 4)).toEqual([
      "name",
      "events_per_range",
      "retry.attempts_max",
      "inputs[0].events",
    ]);
    expect(found).toHaveLength(103);
  });

  test("names no {output} where it makes none, in whichever payload", () => {
    const named = { kind: "exec", command: ["run", "--to={output}"], timeoutMs: 1, needs: noNeeds } as const;
    expect(flawOfSpec(aSpec({ payload: named }), rules)).toBeUndefined();
    expect(flawOfSpec(aSpec({ outputs: "none" }), rules)).toBeUndefined();
    expect(flawsOf(aSpec({ outputs: "none", payload: named }))[0]).toBe(
      "payload.exec.command: expected no {output} in a job without outputs, found it",
    );
    const variants = [aVariant({}, "run"), { requires: {}, payload: named }];
    expect(flawsOf(aSpec({ outputs: "none", variants }))[0]).toContain("variants[1].payload.exec.command");
  });

  test("has at most so many ranges as the driver can keep", () => {
    expect(flawOfSpec(aSpec({ inputs: [600, 400] }), rules)).toBeUndefined();
    expect(flawOfSpec(aSpec({ inputs: [600, 401] }), rules)).toMatchObject({ why: "too-large" });
  });

  test("has at most so many inputs as the driver can keep", () => {
    expect(flawOfSpec(aSpec({ inputs: [1, 1, 1, 1, 1] }), rules)).toBeUndefined();
    expect(flawOfSpec(aSpec({ inputs: [1, 1, 1, 1, 1, 1] }), rules)).toMatchObject({ why: "too-large" });
  });

  test("has inputs, or is open", () => {
    expect(flawOfSpec(aSpec({ inputs: [], open: true }), rules)).toBeUndefined();
  });

  test("has no event twice; both inputs are named", () => {
    expect(flawsOf(aSpec({ inputs: [10, 8], path: "/in/a.lhe" }))[0]).toBe(
      "inputs[1]: expected each event of a file once, found events 1-8 of /in/a.lhe, " +
        "while inputs[0] has events 1-10 of /in/a.lhe",
    );
  });
});

describe("the difference between two jobs", () => {
  test("is none between a job and its copy", () => {
    expect(differenceBetweenJobs(aSpec(), structuredClone(aSpec()))).toBeUndefined();
  });

  test("is an input whose size or time has changed, by its path (P11)", () => {
    expect(differenceBetweenJobs(aSpec(), withInput({ sizeBytes: 2 }))).toBe(
      "inputs[0] (/in/1.lhe): sizeBytes was 1 and is now 2",
    );
    expect(differenceBetweenJobs(aSpec(), withInput({ modifiedUnixMs: 7 }))).toBe(
      "inputs[0] (/in/1.lhe): modifiedUnixMs was 1 and is now 7",
    );
  });

  test("is the first field that differs, with both values", () => {
    expect(differenceBetweenJobs(aSpec(), aSpec({ attempts: 4 }))).toBe(
      "retry.attemptsMax was 3 and is now 4",
    );
    expect(differenceBetweenJobs(aSpec(), withBackoff(5, 9))).toBe(
      "retry.backoff.firstMs was 0 and is now 5",
    );
    expect(differenceBetweenJobs(withRule({ exitCodes: [2] }), withRule({ exitCodes: [2, 3] }))).toBe(
      "retry.rules.0.exitCodes.1 was undefined and is now 3",
    );
    expect(differenceBetweenJobs(aSpec(), withInput({ path: "/in/2.lhe" }))).toBe(
      'inputs[0] (/in/1.lhe): path was "/in/1.lhe" and is now "/in/2.lhe"',
    );
    expect(differenceBetweenJobs(aSpec({ inputs: [1, 2] }), aSpec({ inputs: [1] }))).toBe(
      "inputs[1] (/in/2.lhe) is there no more",
    );
    expect(differenceBetweenJobs(aSpec({ inputs: [1] }), aSpec({ inputs: [1, 2] }))).toBe(
      "inputs[1] (/in/2.lhe) is new",
    );
    expect(differenceBetweenJobs(aSpec(), withMerge({ tool: { kind: "command", command: ["hadd"] } }))).toBe(
      'merge.tool.kind was "concat" and is now "command"',
    );
  });
});
