// For tests: messages as they are on the wire, for those who write their own frames.

import { ActorHello, ActorSessionRequest, RangeResults } from "../../../gen/noctua/v1/actor.js";
import { SubmitJobRequest } from "../../../gen/noctua/v1/job.js";
import { Heartbeat } from "../../../gen/noctua/v1/types.js";

function said(message: ActorSessionRequest["message"]): Buffer {
  return Buffer.from(ActorSessionRequest.encode({ message }).finish());
}

function hello(actor: string, more: boolean): Buffer {
  const node = { name: actor, cores: 1, labels: {}, process: undefined };
  const held = more ? [{ job: 1, grant: 1, spans: { first: [1], count: [1] } }] : [];
  const value = { ...ActorHello.create(), actor, incarnation: "1", node, slots: 1, held, more };
  return said({ $case: "hello", value });
}

/** What an actor says. */
export const actorRequest = {
  /** With one grant, and more to follow; or empty and whole. */
  hello,
  heartbeat: said({ $case: "heartbeat", value: { ...Heartbeat.create(), runningStays: true } }),
  demand: said({ $case: "demand", value: { credit: 0 } }),
  results: said({ $case: "results", value: RangeResults.create() }),
};

export function submission(request: SubmitJobRequest): Buffer {
  return Buffer.from(SubmitJobRequest.encode(request).finish());
}
