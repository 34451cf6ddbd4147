// Between the driver's stream and the merger's words (core/message.ts). A message that is not well-formed is a `WireError`.

import * as wire from "../../../gen/noctua/v1/merger.js";
import { unreachable } from "../../shared/core/assert.js";
import { epochNumber, grantNumber, groupNumber, jobNumber, type GrantNumber } from "../../shared/core/id.js";
import { waitsForMax } from "../../shared/core/peer-message.js";
import { rangesIn } from "../../shared/core/spans.js";
import { atLeastOne, cased, filled, sameLength } from "../../shared/io/wire-checks.js";
import { failureToWire, spansFromWire, spansToWire } from "../../shared/io/wire-types.js";
import { wordFromWire } from "../../shared/io/wire-words.js";
import type {
  DriverMessage,
  DriverWord,
  LentGroup,
  MergeGrant,
  MergerHello,
  MergerMessage,
  MergeReport,
} from "../core/message.js";

/** What dials the driver. */
export const WireClient: typeof wire.MergerServiceClient = wire.MergerServiceClient;
export type WireClient = wire.MergerServiceClient;
export type WireRequest = wire.MergerSessionRequest;
export type WireResponse = wire.MergerSessionResponse;

/** Columns of `uint32` end here; no merge takes longer than 49 days. */
const uint32Max = 2 ** 32 - 1;

export function toWire(message: MergerMessage): WireRequest {
  return { message: saidToWire(message) };
}

function saidToWire(message: MergerMessage): NonNullable<WireRequest["message"]> {
  switch (message.kind) {
    case "hello":
      return { $case: "hello", value: helloToWire(message) };
    case "demand":
      return { $case: "demand", value: { credit: message.credit } };
    case "result": {
      const { number, merge, report } = message;
      return { $case: "result", value: { number, merge: { ...merge }, outcome: reportToWire(report) } };
    }
    case "progress": {
      const { merge, bytesRead, bytesTotal, runningMs } = message;
      const value = { merge: { ...merge }, bytesRead, bytesTotal, runningMs: Math.min(runningMs, uint32Max) };
      return { $case: "progress", value };
    }
    case "heartbeat":
      return heartbeat(undefined);
    case "draining":
      return { $case: "draining", value: { reason: message.reason } };
    default:
      return unreachable(message);
  }
}

/** Tells why merged files can't be written; empty when nothing is in their way. */
export function waitToWire(why: string): WireRequest {
  return { message: heartbeat(why.slice(0, waitsForMax)) };
}

function heartbeat(waitsFor: string | undefined): NonNullable<WireRequest["message"]> {
  return {
    $case: "heartbeat",
    value: { latencies: [], running: [], runningStays: true, waitsFor, slotTimes: undefined },
  };
}

function helloToWire(hello: MergerHello): wire.MergerHello {
  return {
    merger: hello.merger,
    incarnation: hello.incarnation,
    epoch: hello.epoch ?? 0,
    node: { ...hello.node, labels: { ...hello.node.labels } },
    slots: hello.slots,
    held: hello.held.map((held) => ({ ...held })),
    more: hello.more,
  };
}

function reportToWire(report: MergeReport): NonNullable<wire.MergeResult["outcome"]> {
  switch (report.kind) {
    case "merged": {
      const { file } = report;
      return { $case: "merged", value: { ...file, wallMs: Math.min(Math.round(file.wallMs), uint32Max) } };
    }
    case "failed": {
      const { failure, lost } = report;
      return { $case: "failed", value: { failure: failureToWire(failure), lost: spansToWire(lost) } };
    }
    case "returned":
      return { $case: "returned", value: { reason: report.reason } };
    default:
      return unreachable(report);
  }
}

export function fromWire(response: WireResponse): DriverMessage {
  return {
    epoch: epochNumber(atLeastOne(response.epoch, "epoch")),
    word: heardFromWire(cased(response.message, "message")),
  };
}

function heardFromWire(message: NonNullable<WireResponse["message"]>): DriverWord {
  switch (message.$case) {
    case "welcome":
    case "openJob":
    case "extendJob":
    case "closeJob":
    case "drain":
    case "handBack":
      return wordFromWire(message);
    case "task":
      return { kind: "lend", lent: lentFromWire(message.value) };
    case "taskPart": {
      const { task, ahead, more } = message.value;
      return { kind: "lend-part", part: { lent: lentFromWire(filled(task, "task_part.task")), ahead, more } };
    }
    case "acknowledge":
      return { kind: "acknowledge", numbers: message.value.numbers };
    case "revoke":
      return {
        kind: "revoke",
        merges: message.value.merges.map((merge, i) => mergeFromWire(merge, `revoke.merges[${i}]`)),
      };
    default:
      return unreachable(message);
  }
}

function lentFromWire(task: wire.MergeTask): LentGroup {
  const spans = spansFromWire(task.spans, "task.spans");
  const ranges = rangesIn(spans);
  sameLength(task.grant, atLeastOne(ranges, "task.spans"), "task.grant");
  sameLength(task.sizeBytes, ranges, "task.size_bytes");
  sameLength(task.adler32, ranges, "task.adler32");
  return {
    merge: mergeFromWire(task.merge, "task.merge"),
    spans,
    grant: task.grant.map((grant, i): GrantNumber => grantNumber(atLeastOne(grant, `task.grant[${i}]`))),
    sizeBytes: task.sizeBytes,
    adler32: task.adler32,
  };
}

function mergeFromWire(message: wire.HeldMerge | undefined, where: string): MergeGrant {
  const held = filled(message, where);
  return {
    job: jobNumber(atLeastOne(held.job, `${where}.job`)),
    group: groupNumber(atLeastOne(held.group, `${where}.group`)),
    grant: grantNumber(atLeastOne(held.grant, `${where}.grant`)),
  };
}
