// The driver's side of the conversation, for tests: wire.ts the other way round.

import * as wire from "../../../gen/noctua/v1/merger.js";
import { assert, unreachable } from "../../shared/core/assert.js";
import { epochNumber, grantNumber, groupNumber, jobNumber } from "../../shared/core/id.js";
import { cased, filled } from "../../shared/io/wire-checks.js";
import { failureFromWire, spansFromWire, spansToWire } from "../../shared/io/wire-types.js";
import { wordToWire } from "../../shared/io/wire-words.js";
import type {
  DriverMessage,
  DriverWord,
  LentGroup,
  MergeGrant,
  MergerHello,
  MergerMessage,
  MergeReport,
} from "../core/message.js";
import type { WireRequest, WireResponse } from "./wire.js";

/** What grpc-js calls the mergers' service. */
export const wireService = wire.MergerServiceService;

export function saidByDriver({ epoch, word }: DriverMessage): WireResponse {
  return { epoch, message: saidToWire(word) };
}

function saidToWire(word: DriverWord): NonNullable<WireResponse["message"]> {
  switch (word.kind) {
    case "welcome":
    case "open-job":
    case "extend-job":
    case "close-job":
    case "drain":
    case "hand-back":
      return wordToWire(word);
    case "lend":
      return { $case: "task", value: taskToWire(word.lent) };
    case "lend-part": {
      const { lent, ahead, more } = word.part;
      return { $case: "taskPart", value: { task: taskToWire(lent), ahead, more } };
    }
    case "acknowledge":
      return { $case: "acknowledge", value: { numbers: [...word.numbers], superseded: [] } };
    case "revoke":
      return { $case: "revoke", value: { merges: word.merges.map((merge) => ({ ...merge })) } };
    default:
      return unreachable(word);
  }
}

function taskToWire({ merge, spans, grant, sizeBytes, adler32 }: LentGroup): wire.MergeTask {
  const columns = { grant: [...grant], sizeBytes: [...sizeBytes], adler32: [...adler32] };
  return { merge: { ...merge }, spans: spansToWire(spans), ...columns };
}

export function heardByDriver(request: WireRequest): MergerMessage {
  const message = cased(request.message, "message");
  switch (message.$case) {
    case "hello":
      return helloFromWire(message.value);
    case "demand":
      return { kind: "demand", credit: message.value.credit };
    case "result": {
      const { number, merge, outcome } = message.value;
      return { kind: "result", number, merge: grantFromWire(merge), report: reportFromWire(outcome) };
    }
    case "progress": {
      const { merge, ...progress } = message.value;
      return { kind: "progress", merge: grantFromWire(merge), ...progress };
    }
    case "heartbeat":
      return { kind: "heartbeat" };
    case "draining":
      return { kind: "draining", reason: message.value.reason };
    default:
      return unreachable(message);
  }
}

function helloFromWire(hello: wire.MergerHello): MergerHello {
  const node = filled(hello.node, "hello.node");
  assert(hello.slots >= 1, "a merger has slots");
  return {
    kind: "hello",
    merger: hello.merger,
    incarnation: hello.incarnation,
    epoch: hello.epoch === 0 ? undefined : epochNumber(hello.epoch),
    node: { name: node.name, cores: node.cores, labels: node.labels, process: node.process },
    slots: hello.slots,
    held: hello.held.map(grantFromWire),
    more: hello.more,
  };
}

function reportFromWire(message: wire.MergeResult["outcome"]): MergeReport {
  const outcome = cased(message, "result.outcome");
  switch (outcome.$case) {
    case "merged":
      return { kind: "merged", file: outcome.value };
    case "failed": {
      const { failure, lost } = outcome.value;
      return {
        kind: "failed",
        failure: failureFromWire(failure, "result.failed.failure"),
        lost: spansFromWire(lost, "result.failed.lost"),
      };
    }
    case "returned":
      return { kind: "returned", reason: outcome.value.reason };
    default:
      return unreachable(outcome);
  }
}

function grantFromWire(message: wire.HeldMerge | undefined): MergeGrant {
  const { job, group, grant } = filled(message, "merge");
  return { job: jobNumber(job), group: groupNumber(group), grant: grantNumber(grant) };
}
