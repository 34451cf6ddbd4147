// What a job file may say of how a range is run.

import { z } from "zod";
import type { PayloadSpec } from "../../shared/core/job-spec.js";
import { nearestName } from "../../shared/core/nearest-name.js";
import type { PayloadNeeds } from "../../shared/core/payload-needs.js";
import { execPlaceholders, streamPlaceholders } from "../core/placeholders.js";
import { command } from "./command-schema.js";
import { hasName, readAs, readBy } from "./described.js";
import { variableNames, variablesSchema } from "./environment-schema.js";
import { duration, size, wholeNumber, yesOrNo } from "./schema-values.js";

const kinds = ["exec", "stream"] as const;
const kindExpected = `one of ${kinds.join(", ")}`;

const timeout = duration("1ms")
  .prefault("1h")
  .describe("A range that takes longer fails, and its process is ended.");

/** Run once on a node. */
const setup = z.strictObject(
  {
    command: command(streamPlaceholders).describe("Makes a node ready. {jobDir} is filled in."),
    timeout: duration("1ms").prefault("10m").describe("It is ended when it takes longer."),
  },
  { error: "a setup such as { command: [program, …], timeout: 10m }" },
);

/** What payloads of each kind may say. */
const needs = {
  environment: variablesSchema
    .prefault({})
    .describe("Variables that it gets. {jobDir} in the values is filled in. No secrets: a job is journaled."),
  passEnvironment: variableNames
    .prefault([])
    .describe("Names of variables that it gets as its actor has them, beside PATH, HOME and the like."),
  cores: wholeNumber(1, 65_535).default(1).describe("Slots of its node that a range takes."),
  pin: z
    .enum(["none", "cores"], { error: "one of none, cores" })
    .default("none")
    .describe("cores: its programs are kept to the cores of their slot."),
  setup: setup.optional().describe("Run once on each node before the first range there."),
  stageIn: yesOrNo().default(false).describe("true: {input} is a copy on the node's scratch."),
  scratchMax: size()
    .optional()
    .describe("So much of its node's scratch may a range take; else all that there is."),
};

const execPayload = z.strictObject(
  {
    kind: z
      .literal("exec", { error: kindExpected })
      .describe(
        "exec: a process for each range. stream: a process that lives for many, told of them over pipes.",
      ),
    command: command(execPlaceholders).describe(
      "A program and its arguments; no shell reads them. {input} {first} {last} {output} {jobDir} are filled in, for stream {jobDir} only.",
    ),
    timeout,
    ...needs,
  },
  { error: "a payload such as { kind: exec, command: [program, …] }" },
);

const streamPayload = z.strictObject({
  kind: z.literal("stream", { error: kindExpected }),
  command: command(streamPlaceholders),
  slots: z
    .union([wholeNumber(1, 65_535, ', or "all"'), z.literal("all")])
    .default(1)
    .describe("Ranges that one process works on at a time; all: as many as its node has slots."),
  startTimeout: duration("1ms").prefault("5m").describe("A process that is not ready by then is ended."),
  timeout,
  ...needs,
});

type Payload = z.output<typeof execPayload> | z.output<typeof streamPayload>;

/** Read by its kind, or the one that is meant, so that no mistake hides another. */
export const payload = readAs<Payload>(z.union([execPayload, streamPayload]), (written, context) => {
  const kind = hasName(written, "kind") ? written["kind"] : undefined;
  const meant = typeof kind === "string" ? nearestName(kind, kinds) : undefined;
  return meant === "stream" ? readBy(streamPayload, written, context) : readBy(execPayload, written, context);
});

/** Names that may stand in a payload. */
export const namesOfPayload: readonly string[] = Object.keys(streamPayload.shape);

/** Names that may stand in a payload's setup. */
export const namesOfSetup: readonly string[] = Object.keys(setup.shape);

/** The payload that a job file's means. */
export function payloadOf(payload: Payload): PayloadSpec {
  const { kind, command, timeout: timeoutMs } = payload;
  const needs = needsOf(payload);
  if (kind === "exec") return { kind, command, timeoutMs, needs };
  const { slots, startTimeout: startTimeoutMs } = payload;
  return { kind, command, slotsPerProcess: slots === "all" ? 0 : slots, startTimeoutMs, timeoutMs, needs };
}

function needsOf({ setup, scratchMax: scratchBytesMax, ...payload }: Payload): PayloadNeeds {
  const { environment, passEnvironment, cores, pin, stageIn } = payload;
  const ready = setup === undefined ? undefined : { command: setup.command, timeoutMs: setup.timeout };
  return { environment, passEnvironment, cores, pin, setup: ready, stageIn, scratchBytesMax };
}
