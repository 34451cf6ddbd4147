// Between the actor's messages and protobuf.
//
//   W1. What the driver says is checked before it is believed: a `WireError` names the field.
//   W2. What goes out shares no array with the core: gRPC encodes a message later than it is sent.

import {
  ActorServiceClient,
  type Acknowledge,
  type ActorSessionRequest,
  type ActorSessionResponse,
  type HeldGrant as WireHeldGrant,
} from "../../../gen/noctua/v1/actor.js";
import { unreachable } from "../../shared/core/assert.js";
import { epochNumber, grantNumber, jobNumber } from "../../shared/core/id.js";
import { flawOf, type Spans } from "../../shared/core/spans.js";
import { atLeastOne, cased, WireError } from "../../shared/io/wire-checks.js";
import { failureToWire, spansFromWire, spansToWire } from "../../shared/io/wire-types.js";
import { wordFromWire } from "../../shared/io/wire-words.js";
import { latenciesToWire } from "../../shared/io/wire-latencies.js";
import { slotTimesToWire } from "../../shared/io/wire-slot-times.js";
import type { ActorMessage, DriverMessage, DriverWord, HeldGrant, RangeResults } from "../core/message.js";
import type { ToldNews } from "./news.js";

export type WireRequest = ActorSessionRequest;
export type WireResponse = ActorSessionResponse;
/** What dials the driver. */
export const WireClient: typeof ActorServiceClient = ActorServiceClient;
export type WireClient = ActorServiceClient;

/** Ranges are numbered by 32 bits. */
const rangesMax = 2 ** 32;

/** From the core to the driver (W2). */
export function toWire(message: ActorMessage): WireRequest {
  return { message: requestOf(message) };
}

/** From the driver to the core, in the order in which it is said (W1). */
export function fromWire(response: WireResponse): DriverMessage[] {
  const epoch = epochNumber(atLeastOne(response.epoch, "epoch"));
  const messages = [{ epoch, word: wordOf(response) }];
  const { acknowledged } = response;
  if (acknowledged !== undefined)
    messages.push({ epoch, word: acknowledgedFromWire(acknowledged, "acknowledged") });
  return messages;
}

/** What the actor has to tell besides its work. */
export function newsToWire(news: ToldNews): WireRequest {
  return { message: heartbeatOf(news) };
}

/** A sign of life takes nothing back of what was told of ranges that run. */
const noNews = { latencies: [], running: undefined, waitsFor: undefined, slotTimes: undefined } as const;

function heartbeatOf({
  latencies,
  running,
  waitsFor,
  allocationLeftMs,
  slotTimes,
}: Omit<ToldNews, "running"> & {
  readonly running: ToldNews["running"] | undefined;
  readonly allocationLeftMs?: number;
}): Extract<WireRequest["message"], { $case: "heartbeat" }> {
  return {
    $case: "heartbeat",
    value: {
      latencies: latenciesToWire(latencies),
      running: running === undefined ? [] : [...running],
      runningStays: running === undefined,
      waitsFor,
      allocationLeftMs,
      slotTimes: slotTimes === undefined ? undefined : slotTimesToWire(slotTimes),
    },
  };
}

function requestOf(message: ActorMessage): WireRequest["message"] {
  switch (message.kind) {
    case "hello": {
      const { kind: _, epoch, node, held, ...rest } = message;
      const facts = { ...node, labels: { ...node.labels } };
      return {
        $case: "hello",
        value: { ...rest, epoch: epoch ?? 0, node: facts, held: held.map(heldToWire) },
      };
    }
    case "demand":
      return { $case: "demand", value: { credit: message.credit } };
    case "results":
      return { $case: "results", value: resultsToWire(message) };
    case "heartbeat":
      return heartbeatOf(noNews);
    case "wall-time":
      return heartbeatOf({ ...noNews, allocationLeftMs: message.leftMs });
    case "draining":
      return { $case: "draining", value: { reason: message.reason } };
    default:
      return unreachable(message);
  }
}

/** (W2) */
export function resultsToWire(
  message: RangeResults,
): Extract<WireRequest["message"], { $case: "results" }>["value"] {
  return {
    number: message.number,
    outputs: message.outputs.map((outputs) => ({
      job: outputs.job,
      spans: spansToWire(outputs.spans),
      grant: [...outputs.grant],
      sizeBytes: [...outputs.sizeBytes],
      adler32: [...outputs.adler32],
      wallMs: [...outputs.wallMs],
    })),
    failures: message.failures.map(({ job, range, grant, failure }) => ({
      job,
      range,
      grant,
      failure: failureToWire(failure),
    })),
    returned: message.returned.map(heldToWire),
    suspected: message.suspected.map(heldToWire),
  };
}

function heldToWire({ job, grant, spans }: HeldGrant): WireHeldGrant {
  return { job, grant, spans: spansToWire(spans) };
}

function wordOf(response: WireResponse): DriverWord {
  const message = cased(response.message, "message");
  switch (message.$case) {
    case "welcome":
    case "openJob":
    case "extendJob":
    case "closeJob":
    case "drain":
    case "handBack":
      return wordFromWire(message);
    case "grant":
      return { kind: "grant", ...heldFromWire(message.value, "grant"), alone: message.value.alone };
    case "acknowledge":
      return acknowledgedFromWire(message.value, "acknowledge");
    case "revoke":
      return {
        kind: "revoke",
        revoked: message.value.revoked.map((held, i) => heldFromWire(held, `revoke.revoked[${i}]`)),
      };
    default:
      return unreachable(message);
  }
}

function acknowledgedFromWire({ numbers, superseded }: Acknowledge, where: string): DriverWord {
  return {
    kind: "acknowledge",
    numbers,
    superseded: superseded.map((held, i) => heldFromWire(held, `${where}.superseded[${i}]`)),
  };
}

function heldFromWire(held: WireHeldGrant, where: string): HeldGrant {
  return {
    job: jobNumber(atLeastOne(held.job, `${where}.job`)),
    grant: grantNumber(atLeastOne(held.grant, `${where}.grant`)),
    spans: ascending(spansFromWire(held.spans, `${where}.spans`), `${where}.spans`),
  };
}

function ascending(spans: Spans, where: string): Spans {
  const flaw = flawOf(spans, rangesMax);
  if (flaw !== undefined) throw new WireError(where, "spans that ascend", flaw);
  return spans;
}
