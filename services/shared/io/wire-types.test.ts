import fc from "fast-check";
import { expect, test } from "vitest";
import * as wire from "../../../gen/noctua/v1/types.js";
import { failureClasses, type Failure } from "../core/failure.js";
import { nothingToMerge, type JobSpec, type MergeTool } from "../core/job-spec.js";
import { noNeeds } from "../core/payload-needs.js";
import type { Spans } from "../core/spans.js";
import { WireError } from "./wire-checks.js";
import {
  failureFromWire,
  failureToWire,
  spansFromWire,
  spansToWire,
  specFromWire,
  specToWire,
} from "./wire-types.js";

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const counted = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const large = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const path = fc.string({ maxLength: 20 }).map((rest) => `/${rest}`);
const command = fc
  .tuple(fc.string({ minLength: 1 }), fc.array(fc.string(), { maxLength: 3 }))
  .map(([program, args]) => [program, ...args]);
const tool: fc.Arbitrary<MergeTool> = fc.oneof(
  fc.constant({ kind: "concat" as const }),
  fc.constant({ kind: "tar" as const }),
  fc.record({ kind: fc.constant("command" as const), command }),
);

const words = fc.array(fc.string(), { maxLength: 3 });
const checks = fc.record({ count: words, check: words });

const labels = fc.dictionary(fc.stringMatching(/^[A-Za-z][\w.-]{0,5}$/), fc.stringMatching(/^[ -~]{0,5}$/), {
  maxKeys: 3,
  noNullPrototype: true,
});
const variable = fc.stringMatching(/^[A-Z]{1,5}$/);
const needs = fc.record({
  environment: fc.dictionary(variable, fc.string(), { maxKeys: 3, noNullPrototype: true }),
  passEnvironment: fc.array(variable, { maxLength: 3 }),
  cores: counted,
  pin: fc.constantFrom("none" as const, "cores" as const),
  setup: fc.option(fc.record({ command, timeoutMs: large }), { nil: undefined }),
  stageIn: fc.boolean(),
  scratchBytesMax: fc.option(large, { nil: undefined }),
});
const payload = fc.oneof(
  fc.record({ kind: fc.constant("exec" as const), command, timeoutMs: large, needs }),
  fc.record({
    kind: fc.constant("stream" as const),
    command,
    slotsPerProcess: fc.nat({ max: 65_535 }),
    startTimeoutMs: large,
    timeoutMs: large,
    needs,
  }),
);

const grouping = fc.oneof(
  fc.record({
    kind: fc.constant("arrival" as const),
    maxDelayMs: fc.option(fc.integer({ min: 1, max: 2 ** 40 }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant("range" as const), acrossFiles: fc.boolean() }),
);

const withFiles: fc.Arbitrary<JobSpec> = fc.record({
  name: fc.stringMatching(/^[\w-][\w.-]{0,20}$/),
  jobDir: path,
  inputs: fc.array(
    fc.record({
      path,
      firstEvent: counted,
      events: counted,
      guid: fc.string(),
      scope: fc.string(),
      sizeBytes: large,
      modifiedUnixMs: large,
    }),
    { maxLength: 4 },
  ),
  eventsPerRange: counted,
  payload,
  outputs: fc.constant("files"),
  outputSuffix: fc.stringMatching(/^[\w.-]{0,10}$/),
  merge: fc.record(
    { grouping, everyOutputs: counted, tool, attemptsMax: counted, timeoutMs: large, checks },
    { requiredKeys: ["grouping", "everyOutputs", "tool", "attemptsMax", "timeoutMs"] },
  ),
  requires: labels,
  variants: fc.array(fc.record({ requires: labels, payload }), { maxLength: 2 }),
  retry: fc.record({
    attemptsMax: fc.integer({ min: 1, max: 255 }),
    backoff: fc.tuple(large, large).map(([firstMs, more]) => ({ firstMs, lastMs: Math.max(firstMs, more) })),
    rules: fc.array(
      fc.record({
        exitCodes: fc.array(fc.integer({ min: 1, max: 255 }), { maxLength: 3 }),
        signals: fc.array(fc.constantFrom("SIGKILL", "SIGUSR1"), { maxLength: 2 }),
        timeout: fc.boolean(),
        class: fc.constantFrom(...failureClasses),
      }),
      { maxLength: 3 },
    ),
  }),
  speculation: fc.record({ enabled: fc.boolean(), factor: fc.double({ min: 1, max: 100, noNaN: true }) }),
  durability: fc.constantFrom("strict" as const, "relaxed" as const),
  open: fc.boolean(),
  priority: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
});

const spec: fc.Arbitrary<JobSpec> = fc.oneof(
  withFiles,
  withFiles.map((files): JobSpec => ({ ...files, outputs: "none", merge: nothingToMerge })),
  withFiles.map((files): JobSpec => ({ ...files, merge: nothingToMerge })),
);

const failure: fc.Arbitrary<Failure> = fc.record({
  class: fc.constantFrom(...failureClasses),
  message: fc.string(),
  exitCode: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { nil: undefined }),
  signal: fc.constantFrom("", "SIGKILL"),
  stderrTail: fc.string(),
});

const spans: fc.Arbitrary<Spans> = fc
  .array(fc.tuple(uint32, counted), { maxLength: 10 })
  .map((all) => ({ first: all.map(([first]) => first), count: all.map(([, count]) => count) }));

/** Over the wire itself, not only through our own conversion. */
function sent<Message>(codec: wire.MessageFns<Message>, message: Message): Message {
  return codec.decode(codec.encode(message).finish());
}

test("jobs, failures and spans come back as they went", () => {
  fc.assert(
    fc.property(spec, failure, spans, (aSpec, aFailure, someSpans) => {
      expect(specFromWire(sent(wire.JobSpec, specToWire(aSpec)), "spec")).toEqual(aSpec);
      expect(failureFromWire(sent(wire.Failure, failureToWire(aFailure)), "failure")).toEqual(aFailure);
      expect(spansFromWire(sent(wire.Spans, spansToWire(someSpans)), "spans")).toEqual(someSpans);
    }),
    { seed: 11 },
  );
});

test("what is empty is refused with the name of the first field that is wrong", () => {
  const fieldOf = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      if (error instanceof WireError) return error.field;
    }
    return "none";
  };
  const empty = wire.JobSpec.create();
  expect(fieldOf(() => specFromWire(undefined, "open_job.spec"))).toBe("open_job.spec");
  expect(fieldOf(() => specFromWire(empty, "spec"))).toBe("spec.name");
  expect(fieldOf(() => failureFromWire(wire.Failure.create(), "failure"))).toBe("failure.failure_class");
  expect(fieldOf(() => spansFromWire({ first: [1], count: [0] }, "lost"))).toBe("lost.count[0]");
  expect(fieldOf(() => spansFromWire({ first: [1, 2], count: [1] }, "lost"))).toBe("lost");
});

test("a job that says nothing of outputs, as older versions do, makes files", () => {
  const [files] = fc.sample(withFiles, { seed: 4, numRuns: 1 });
  if (files === undefined) throw new Error("no sample");
  const silent = { ...specToWire(files), outputs: wire.Outputs.OUTPUTS_UNSPECIFIED };
  expect(specFromWire(sent(wire.JobSpec, silent), "spec")).toEqual(files);
});

test("each field of a job is checked", () => {
  const [good] = fc.sample(
    withFiles.filter((one) => one.inputs.length > 0),
    { seed: 3, numRuns: 1 },
  );
  if (good === undefined) throw new Error("no sample");
  const wrong: [string, Partial<wire.JobSpec>][] = [
    ["name", { name: "../escape" }],
    ["name", { name: ".hidden" }],
    ["job_dir", { jobDir: "relative" }],
    ["output_suffix", { outputSuffix: "/../x" }],
    ["events_per_range", { eventsPerRange: 0 }],
    ["requires", { requires: { "no key": "x" } }],
    ["requires", { requires: { key: "x".repeat(64) } }],
    ["durability", { durability: 0 }],
    ["outputs", { outputs: 3 as wire.Outputs }],
    ["merge", { merge: undefined }],
    ["merge", { outputs: wire.Outputs.OUTPUTS_NONE }],
    ["retry.attempts_max", { retry: { attemptsMax: 256, rules: [] } }],
    ["retry.backoff.last_ms", { retry: { attemptsMax: 1, backoff: { firstMs: 2, lastMs: 1 }, rules: [] } }],
    [
      "retry.rules[0].exit_codes[1]",
      {
        retry: {
          attemptsMax: 1,
          rules: [{ exitCodes: [1, 0], signals: [], timeout: false, failureClass: 1 }],
        },
      },
    ],
    ["speculation.factor", { speculation: { enabled: true, factor: 0.5 } }],
    ["speculation.factor", { speculation: { enabled: true, factor: NaN } }],
    ["payload.kind", { payload: { kind: undefined, timeoutMs: 1, needs: undefined } }],
    [
      "payload.exec.command",
      { payload: { kind: { $case: "exec", value: { command: [] } }, timeoutMs: 1, needs: undefined } },
    ],
    ["merge.tool", { merge: wire.MergeSpec.create({ everyOutputs: 1, attemptsMax: 1, timeoutMs: 1 }) }],
  ];
  for (const [field, part] of wrong) {
    expect(() => specFromWire({ ...specToWire(good), ...part }, "spec")).toThrow(`spec.${field}: expected`);
  }
});

test("a payload that says nothing of what it needs needs nothing", () => {
  const [said] = fc.sample(spec, { seed: 5, numRuns: 1 });
  if (said === undefined) throw new Error("no sample");
  const { payload: one, ...rest } = specToWire(said);
  if (one === undefined) throw new Error("no payload");
  const read = specFromWire({ ...rest, payload: { ...one, needs: undefined } }, "spec");
  expect(read.payload.needs).toEqual(noNeeds);
});

test("a job that says nothing of speculation has it, with the default factor", () => {
  const [said] = fc.sample(spec, { seed: 4, numRuns: 1 });
  if (said === undefined) throw new Error("no sample");
  const read = (speculation: wire.SpeculationSpec | undefined) =>
    specFromWire({ ...specToWire(said), speculation }, "spec").speculation;
  expect(read(undefined)).toEqual({ enabled: true, factor: 2 });
  expect(read({ enabled: true, factor: 0 })).toEqual({ enabled: true, factor: 2 });
  expect(read({ enabled: false, factor: 0 })).toEqual({ enabled: false, factor: 2 });
});

test("a failure that says too much is cut to its limits", () => {
  const long = failureToWire({
    class: "node",
    message: "m".repeat(5_000),
    exitCode: 1,
    signal: "",
    stderrTail: "é".repeat(5_000),
  });
  expect(long.message).toHaveLength(1_000);
  expect(Buffer.byteLength(long.stderrTail)).toBe(4_096);
});
