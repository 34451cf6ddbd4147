// How actors and mergers speak: their own wire modules, through bytes and back.

import { ActorSessionRequest, ActorSessionResponse } from "../../gen/noctua/v1/actor.js";
import { MergerSessionRequest, MergerSessionResponse } from "../../gen/noctua/v1/merger.js";
import type { ActorMessage, DriverMessage as MessageToActor } from "../../services/actor/core/message.js";
import { fromWire as actorFromWire, toWire as actorToWire } from "../../services/actor/io/wire.js";
import type { DriverMessage as MessageToMerger, MergerMessage } from "../../services/merger/core/message.js";
import { fromWire as mergerFromWire, toWire as mergerToWire } from "../../services/merger/io/wire.js";
import type { Tongue } from "./stream.js";

export const actorTongue: Tongue<ActorMessage, MessageToActor, ActorSessionRequest, ActorSessionResponse> = {
  toRequest: (message) =>
    ActorSessionRequest.decode(ActorSessionRequest.encode(actorToWire(message)).finish()),
  fromResponse: (response) =>
    actorFromWire(ActorSessionResponse.decode(ActorSessionResponse.encode(response).finish())),
  said: (message) => ({ role: "actor", message }),
  word: ({ word }) => ({ role: "actor", word }),
};

export const mergerTongue: Tongue<
  MergerMessage,
  MessageToMerger,
  MergerSessionRequest,
  MergerSessionResponse
> = {
  toRequest: (message) =>
    MergerSessionRequest.decode(MergerSessionRequest.encode(mergerToWire(message)).finish()),
  fromResponse: (response) => [
    mergerFromWire(MergerSessionResponse.decode(MergerSessionResponse.encode(response).finish())),
  ],
  said: (message) => ({ role: "merger", message }),
  word: ({ word }) => ({ role: "merger", word }),
};
