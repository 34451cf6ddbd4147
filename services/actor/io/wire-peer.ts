// The other side of the wire, for tests: what the driver understands of an actor, and how it answers.

import {
  ActorServiceService,
  type ActorSessionRequest,
  type ActorSessionResponse,
  type HeldGrant as WireHeldGrant,
} from "../../../gen/noctua/v1/actor.js";
import { HandIn } from "../../../gen/noctua/handin/v1/handin.js";
import { present, unreachable } from "../../shared/core/assert.js";
import { epochNumber, grantNumber, jobNumber } from "../../shared/core/id.js";
import { failureFromWire, spansFromWire, spansToWire } from "../../shared/io/wire-types.js";
import { wordToWire } from "../../shared/io/wire-words.js";
import { openHandIn } from "../../shared/io/hand-in-file.js";
import type { ActorMessage, DriverMessage, DriverWord, HeldGrant } from "../core/message.js";

/** What a driver serves. */
export const wireService: typeof ActorServiceService = ActorServiceService;

/** The request as bytes, as gRPC sends it. */
export const encodedRequest = (request: ActorSessionRequest): Buffer =>
  ActorServiceService.actorSession.requestSerialize(request);
export const decodedRequest = (bytes: Buffer): ActorSessionRequest =>
  ActorServiceService.actorSession.requestDeserialize(bytes);
export const encodedResponse = (response: ActorSessionResponse): Buffer =>
  ActorServiceService.actorSession.responseSerialize(response);
export const decodedResponse = (bytes: Buffer): ActorSessionResponse =>
  ActorServiceService.actorSession.responseDeserialize(bytes);

/** What an actor said. */
export function heardByDriver(request: ActorSessionRequest): ActorMessage {
  const message = present(request.message, "message");
  switch (message.$case) {
    case "hello": {
      const { epoch, node, held, allocationLeftMs, ...rest } = message.value;
      return {
        kind: "hello",
        ...rest,
        allocationLeftMs,
        epoch: epoch === 0 ? undefined : epochNumber(epoch),
        node: present(node, "node"),
        held: held.map(heldFromWire),
      };
    }
    case "demand":
      return { kind: "demand", credit: message.value.credit };
    case "results":
      return {
        kind: "results",
        number: message.value.number,
        outputs: message.value.outputs.map((outputs) => ({
          ...outputs,
          job: jobNumber(outputs.job),
          spans: spansFromWire(outputs.spans, "spans"),
          grant: outputs.grant.map(grantNumber),
        })),
        failures: message.value.failures.map(({ job, range, grant, failure }) => ({
          job: jobNumber(job),
          range,
          grant: grantNumber(grant),
          failure: failureFromWire(failure, "failure"),
        })),
        returned: message.value.returned.map(heldFromWire),
        suspected: message.value.suspected.map(heldFromWire),
      };
    case "heartbeat": {
      const { allocationLeftMs: leftMs } = message.value;
      return leftMs === undefined ? { kind: "heartbeat" } : { kind: "wall-time", leftMs };
    }
    case "draining":
      return { kind: "draining", reason: message.value.reason };
    default:
      return unreachable(message);
  }
}

/** What a driver says. */
export function saidByDriver({ epoch, word }: DriverMessage): ActorSessionResponse {
  return { epoch, message: responseOf(word), acknowledged: undefined };
}

function responseOf(word: DriverWord): ActorSessionResponse["message"] {
  switch (word.kind) {
    case "welcome":
    case "open-job":
    case "extend-job":
    case "close-job":
    case "drain":
    case "hand-back":
      return wordToWire(word);
    case "grant":
      return { $case: "grant", value: { ...heldToWire(word), alone: word.alone } };
    case "acknowledge":
      return {
        $case: "acknowledge",
        value: { numbers: [...word.numbers], superseded: word.superseded.map(heldToWire) },
      };
    case "revoke":
      return { $case: "revoke", value: { revoked: word.revoked.map(heldToWire) } };
    default:
      return unreachable(word);
  }
}

function heldToWire({ job, grant, spans }: HeldGrant): WireHeldGrant {
  return { job, grant, spans: spansToWire(spans) };
}

function heldFromWire({ job, grant, spans }: WireHeldGrant): HeldGrant {
  return { job: jobNumber(job), grant: grantNumber(grant), spans: spansFromWire(spans, "spans") };
}

/** What a driver finds in a file that an actor left. */
export function leftIn(bytes: Buffer): HandIn {
  return HandIn.decode(openHandIn(bytes));
}
