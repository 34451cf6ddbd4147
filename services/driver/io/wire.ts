// Between the actors' stream and the driver's words.

import {
  ActorServiceService,
  type Acknowledge,
  type ActorHello,
  type ActorSessionRequest,
  type ActorSessionResponse,
  type HeldGrant,
  type RangeFailure,
  type RangeOutputs,
  type RangeResults as WireResults,
} from "../../../gen/noctua/v1/actor.js";
import { unreachable } from "../../shared/core/assert.js";
import { grantNumber, jobNumber, type Epoch } from "../../shared/core/id.js";
import { atLeastOne, cased } from "../../shared/io/wire-checks.js";
import { failureFromWire, spansFromWire, spansToWire } from "../../shared/io/wire-types.js";
import type { JobOutputs, RangeResults, ReportedFailure } from "../core/facts/command.js";
import type { GrantedSpans } from "../core/facts/fact.js";
import type { Heard } from "./heard.js";
import type { Saying } from "./saying.js";
import { aliveFromWire, commonSaying, filledName, nodeFromWire, processFromWire } from "./wire-session.js";

/** What grpc-js calls the actors' service. */
export const actorService = ActorServiceService;
export type ActorRequest = ActorSessionRequest;
export type ActorResponse = ActorSessionResponse;

export function hearActor(request: ActorSessionRequest): Heard {
  const message = cased(request.message, "message");
  switch (message.$case) {
    case "hello":
      return helloFromWire(message.value);
    case "demand":
      return { kind: "said", command: { kind: "raise-demand", credit: message.value.credit } };
    case "results":
      return {
        kind: "said",
        command: {
          kind: "report-results",
          number: message.value.number,
          ...resultsFromWire(message.value, "results"),
        },
      };
    case "heartbeat":
      return aliveFromWire(message.value);
    case "draining":
      return { kind: "said", command: { kind: "start-draining" } };
    default:
      return unreachable(message);
  }
}

function helloFromWire(hello: ActorHello): Heard {
  return {
    kind: "hello",
    epoch: hello.epoch,
    more: hello.more,
    process: processFromWire(hello.node?.process),
    hello: {
      role: "actor",
      name: filledName(hello.actor, "hello.actor"),
      incarnation: filledName(hello.incarnation, "hello.incarnation"),
      ...nodeFromWire(hello.node),
      slots: atLeastOne(hello.slots, "hello.slots"),
      allocationLeftMs: hello.allocationLeftMs,
      ranges: hello.held.map((held, i) => heldFromWire(held, `hello.held[${i}]`)),
      merges: [],
    },
  };
}

function heldFromWire(held: HeldGrant, where: string): GrantedSpans {
  return {
    job: jobNumber(atLeastOne(held.job, `${where}.job`)),
    grant: grantNumber(atLeastOne(held.grant, `${where}.grant`)),
    spans: spansFromWire(held.spans, `${where}.spans`),
  };
}

/** `where` is the path of the message, for the error. */
export function resultsFromWire(results: WireResults, where: string): RangeResults {
  return {
    outputs: results.outputs.map((outputs, i) => outputsFromWire(outputs, `${where}.outputs[${i}]`)),
    failures: results.failures.map((failure, i) => failureOfRange(failure, `${where}.failures[${i}]`)),
    returned: results.returned.map((held, i) => heldFromWire(held, `${where}.returned[${i}]`)),
    suspected: results.suspected.map((held, i) => heldFromWire(held, `${where}.suspected[${i}]`)),
  };
}

/** The columns' lengths are judged by the core (decide-results.ts), with what it knows of the job. */
function outputsFromWire(outputs: RangeOutputs, where: string): JobOutputs {
  return {
    job: jobNumber(atLeastOne(outputs.job, `${where}.job`)),
    spans: spansFromWire(outputs.spans, `${where}.spans`),
    grant: outputs.grant.map(grantNumber),
    sizeBytes: outputs.sizeBytes,
    adler32: outputs.adler32,
    wallMs: outputs.wallMs,
  };
}

function failureOfRange(failed: RangeFailure, where: string): ReportedFailure {
  return {
    job: jobNumber(atLeastOne(failed.job, `${where}.job`)),
    range: failed.range,
    grant: grantNumber(atLeastOne(failed.grant, `${where}.grant`)),
    failure: failureFromWire(failed.failure, `${where}.failure`),
  };
}

/** What a turn has to say: an acknowledgement goes along with what comes before it, since each message has its price. */
export function sayToActor(sayings: readonly Saying[], epoch: Epoch): ActorSessionResponse[] {
  const responses: ActorSessionResponse[] = [];
  for (const saying of sayings) {
    const last = responses.at(-1);
    if (saying.kind === "acknowledge" && last !== undefined && last.acknowledged === undefined)
      last.acknowledged = acknowledgeToWire(saying);
    else responses.push({ epoch, message: messageOf(saying), acknowledged: undefined });
  }
  return responses;
}

function messageOf(saying: Saying): ActorSessionResponse["message"] {
  switch (saying.kind) {
    case "acknowledge":
      return { $case: "acknowledge", value: acknowledgeToWire(saying) };
    case "grant":
      return { $case: "grant", value: { ...heldToWire(saying.grant), alone: saying.alone } };
    case "revoke-ranges":
      return { $case: "revoke", value: { revoked: saying.revoked.map(heldToWire) } };
    case "welcome":
    case "open-job":
    case "extend-job":
    case "close-job":
    case "drain":
    case "hand-back":
      return commonSaying(saying);
    case "merge":
    case "revoke-merge":
      throw new Error(`expected something for an actor, found ${saying.kind}`);
    default:
      return unreachable(saying);
  }
}

function acknowledgeToWire({ numbers, superseded }: Extract<Saying, { kind: "acknowledge" }>): Acknowledge {
  return { numbers: [...numbers], superseded: superseded.map(heldToWire) };
}

function heldToWire(held: GrantedSpans): {
  job: number;
  grant: number;
  spans: ReturnType<typeof spansToWire>;
} {
  return { job: held.job, grant: held.grant, spans: spansToWire(held.spans) };
}
