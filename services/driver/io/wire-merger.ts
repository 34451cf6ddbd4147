// Between the mergers' stream and the driver's words.

import {
  MergerServiceService,
  type HeldMerge,
  type MergeResult,
  type MergeTask,
  type MergerHello,
  type MergerSessionRequest,
  type MergerSessionResponse,
} from "../../../gen/noctua/v1/merger.js";
import { unreachable } from "../../shared/core/assert.js";
import { grantNumber, groupNumber, jobNumber, type Epoch } from "../../shared/core/id.js";
import { noSpans } from "../../shared/core/spans.js";
import { atLeastOne, cased, filled, WireError } from "../../shared/io/wire-checks.js";
import { failureFromWire, spansFromWire, spansToWire } from "../../shared/io/wire-types.js";
import type { MergeOutcome } from "../core/facts/command.js";
import type { MergeGrant } from "../core/facts/fact.js";
import type { Heard } from "./heard.js";
import type { Saying } from "./saying.js";
import { aliveFromWire, commonSaying, filledName, nodeFromWire, processFromWire } from "./wire-session.js";

/** What grpc-js calls the mergers' service. */
export const mergerService = MergerServiceService;
export type MergerRequest = MergerSessionRequest;
export type MergerResponse = MergerSessionResponse;

export function hearMerger(request: MergerSessionRequest): Heard {
  const message = cased(request.message, "message");
  switch (message.$case) {
    case "hello":
      return helloFromWire(message.value);
    case "demand":
      return { kind: "said", command: { kind: "raise-demand", credit: message.value.credit } };
    case "result":
      return { kind: "said", command: resultFromWire(message.value) };
    case "progress": {
      const { merge, ...progress } = message.value;
      return { kind: "merging", merge: mergeFromWire(merge, "progress.merge"), ...progress };
    }
    case "heartbeat":
      return aliveFromWire(message.value);
    case "draining":
      return { kind: "said", command: { kind: "start-draining" } };
    default:
      return unreachable(message);
  }
}

function helloFromWire(hello: MergerHello): Heard {
  return {
    kind: "hello",
    epoch: hello.epoch,
    more: hello.more,
    process: processFromWire(hello.node?.process),
    hello: {
      role: "merger",
      name: filledName(hello.merger, "hello.merger"),
      incarnation: filledName(hello.incarnation, "hello.incarnation"),
      ...nodeFromWire(hello.node),
      slots: atLeastOne(hello.slots, "hello.slots"),
      allocationLeftMs: undefined,
      ranges: [],
      merges: hello.held.map((held, i) => mergeFromWire(held, `hello.held[${i}]`)),
    },
  };
}

function mergeFromWire(message: HeldMerge | undefined, where: string): MergeGrant {
  const held = filled(message, where);
  return {
    job: jobNumber(atLeastOne(held.job, `${where}.job`)),
    group: groupNumber(atLeastOne(held.group, `${where}.group`)),
    grant: grantNumber(atLeastOne(held.grant, `${where}.grant`)),
  };
}

function resultFromWire(result: MergeResult): Extract<Heard, { kind: "said" }>["command"] {
  const merge = mergeFromWire(result.merge, "result.merge");
  return { kind: "report-merge", number: result.number, merge, outcome: outcomeFromWire(result) };
}

function outcomeFromWire(result: MergeResult): MergeOutcome {
  const outcome = cased(result.outcome, "result.outcome");
  switch (outcome.$case) {
    case "merged": {
      const { sizeBytes, adler32, events, guid } = outcome.value;
      return { kind: "merged", file: { sizeBytes, adler32, events, guid: guidFromWire(guid) } };
    }
    case "failed": {
      const { failure, lost } = outcome.value;
      return {
        kind: "failed",
        failure: failureFromWire(failure, "result.failed.failure"),
        lost: lost === undefined ? noSpans : spansFromWire(lost, "result.failed.lost"),
      };
    }
    case "returned":
      return { kind: "returned" };
    default:
      return unreachable(outcome);
  }
}

/** It stands in reports as it comes; an older merger makes none. */
function guidFromWire(guid: string): string {
  if (/^([0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12})?$/.test(guid)) return guid;
  throw new WireError(
    "result.merged.guid",
    "a UUID in lower case, or none",
    JSON.stringify(guid.slice(0, 64)),
  );
}

export function sayToMerger(sayings: readonly Saying[], epoch: Epoch): MergerSessionResponse[] {
  return sayings.map((saying) => responseOf(saying, epoch));
}

function responseOf(saying: Saying, epoch: Epoch): MergerSessionResponse {
  switch (saying.kind) {
    case "acknowledge":
      return {
        epoch,
        message: { $case: "acknowledge", value: { numbers: [...saying.numbers], superseded: [] } },
      };
    case "merge":
      return { epoch, message: mergeToWire(saying) };
    case "revoke-merge":
      return { epoch, message: { $case: "revoke", value: { merges: [{ ...saying.merge }] } } };
    case "welcome":
    case "open-job":
    case "extend-job":
    case "close-job":
    case "drain":
    case "hand-back":
      return { epoch, message: commonSaying(saying) };
    case "grant":
    case "revoke-ranges":
      throw new Error(`expected something for a merger, found ${saying.kind}`);
    default:
      return unreachable(saying);
  }
}

function mergeToWire(saying: Merge): NonNullable<MergerSessionResponse["message"]> {
  const task = taskToWire(saying);
  if (saying.part === undefined) return { $case: "task", value: task };
  return { $case: "taskPart", value: { task, ...saying.part } };
}

type Merge = Extract<Saying, { kind: "merge" }>;

function taskToWire({ merge, spans, outputs }: Merge): MergeTask {
  return {
    merge: { ...merge },
    spans: spansToWire(spans),
    grant: outputs.map((output) => output.grant),
    sizeBytes: outputs.map((output) => output.sizeBytes),
    adler32: outputs.map((output) => output.adler32),
  };
}
