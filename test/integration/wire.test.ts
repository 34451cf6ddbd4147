// What an actor or a merger says is what the driver hears, and back: each side's own wire module, through bytes.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ActorSessionRequest, ActorSessionResponse } from "../../gen/noctua/v1/actor.js";
import { MergerSessionRequest, MergerSessionResponse } from "../../gen/noctua/v1/merger.js";
import type { ActorMessage, DriverWord as WordToActor } from "../../services/actor/core/message.js";
import { fromWire as actorHears, toWire as actorSays } from "../../services/actor/io/wire.js";
import { alive, type Heard } from "../../services/driver/io/heard.js";
import { hearMerger, sayToMerger } from "../../services/driver/io/wire-merger.js";
import { hearActor, sayToActor } from "../../services/driver/io/wire.js";
import type { DriverWord as WordToMerger, MergerMessage } from "../../services/merger/core/message.js";
import { fromWire as mergerHears, toWire as mergerSays } from "../../services/merger/io/wire.js";
import { epochNumber } from "../../services/shared/core/id.js";
import type { PeerMessage, PeerWord } from "../../services/shared/core/peer-message.js";
import {
  actorMessage,
  epoch,
  mergerMessage,
  toActor,
  toMerger,
  type SaidToActor,
  type SaidToAll,
  type SaidToMerger,
} from "../support/spoken-words.js";

describe("over the wire", () => {
  it("the driver hears what an actor says", () => {
    fc.assert(
      fc.property(actorMessage, (message) => {
        const bytes = ActorSessionRequest.encode(actorSays(message)).finish();
        expect(hearActor(ActorSessionRequest.decode(bytes))).toEqual(heardOfActor(message));
      }),
      { seed: 1 },
    );
  });

  it("the driver hears what a merger says", () => {
    fc.assert(
      fc.property(mergerMessage, (message) => {
        const bytes = MergerSessionRequest.encode(mergerSays(message)).finish();
        expect(hearMerger(MergerSessionRequest.decode(bytes))).toEqual(heardOfMerger(message));
      }),
      { seed: 2 },
    );
  });

  it("an actor hears what the driver says, and of which epoch it is", () => {
    fc.assert(
      fc.property(toActor, epoch, (saying, of) => {
        expect(overActorsWire([saying], of)).toEqual([{ epoch: of, word: wordToActor(saying) }]);
      }),
      { seed: 3 },
    );
  });

  it("an actor hears all that a turn has to say, in its order, with few messages", () => {
    fc.assert(
      fc.property(fc.array(toActor, { maxLength: 8 }), (sayings) => {
        const one = epochNumber(1);
        expect(overActorsWire(sayings, one).map(({ word }) => word)).toEqual(sayings.map(wordToActor));
        const acknowledged = sayings.filter(
          ({ kind }, i) => i > 0 && kind === "acknowledge" && sayings[i - 1]?.kind !== "acknowledge",
        );
        expect(sayToActor(sayings, one).length).toBeLessThanOrEqual(sayings.length - acknowledged.length);
      }),
      { seed: 5 },
    );
  });

  it("a merger hears what the driver says, and of which epoch it is", () => {
    fc.assert(
      fc.property(toMerger, epoch, (saying, of) => {
        const heard = sayToMerger([saying], of).map((said) =>
          mergerHears(MergerSessionResponse.decode(MergerSessionResponse.encode(said).finish())),
        );
        expect(heard).toEqual([{ epoch: of, word: wordToMerger(saying) }]);
      }),
      { seed: 4 },
    );
  });
});

/** What an actor hears when the driver says this. */
function overActorsWire(...said: Parameters<typeof sayToActor>): ReturnType<typeof actorHears> {
  return sayToActor(...said).flatMap((response) =>
    actorHears(ActorSessionResponse.decode(ActorSessionResponse.encode(response).finish())),
  );
}

/** What the driver is to hear of what both kinds of peers say. */
function heardOfPeer(message: PeerMessage): Heard {
  switch (message.kind) {
    case "demand":
      return { kind: "said", command: { kind: "raise-demand", credit: message.credit } };
    case "heartbeat":
      return alive;
    case "draining":
      return { kind: "said", command: { kind: "start-draining" } };
  }
}

function heardOfActor(message: ActorMessage): Heard {
  switch (message.kind) {
    case "hello": {
      const { actor, incarnation, slots, more } = message;
      const who = { role: "actor" as const, name: actor, incarnation, node: message.node.name, slots };
      return {
        kind: "hello",
        epoch: message.epoch ?? 0,
        more,
        process: message.node.process,
        hello: {
          ...who,
          labels: message.node.labels,
          allocationLeftMs: message.allocationLeftMs,
          ranges: message.held,
          merges: [],
        },
      };
    }
    case "results":
      return { kind: "said", command: { ...message, kind: "report-results" } };
    case "wall-time":
      return {
        kind: "alive",
        leftMs: message.leftMs,
        latencies: [],
        running: undefined,
        waitsFor: undefined,
        slotTimes: undefined,
      };
    default:
      return heardOfPeer(message);
  }
}

function heardOfMerger(message: MergerMessage): Heard {
  switch (message.kind) {
    case "hello": {
      const { merger, incarnation, slots, more } = message;
      const who = { role: "merger" as const, name: merger, incarnation, node: message.node.name, slots };
      return {
        kind: "hello",
        epoch: message.epoch ?? 0,
        more,
        process: message.node.process,
        hello: {
          ...who,
          labels: message.node.labels,
          allocationLeftMs: undefined,
          ranges: [],
          merges: message.held,
        },
      };
    }
    case "result": {
      const { number, merge: of, report } = message;
      return {
        kind: "said",
        command: { kind: "report-merge", number, merge: of, outcome: outcomeOf(report) },
      };
    }
    case "progress":
      return { ...message, kind: "merging" };
    default:
      return heardOfPeer(message);
  }
}

type Report = Extract<MergerMessage, { kind: "result" }>["report"];
type Outcome = Extract<Extract<Heard, { kind: "said" }>["command"], { kind: "report-merge" }>["outcome"];

function outcomeOf(report: Report): Outcome {
  switch (report.kind) {
    case "merged": {
      const { sizeBytes, adler32, events, guid } = report.file;
      return { kind: "merged", file: { sizeBytes, adler32, events, guid } };
    }
    case "failed":
      return report;
    case "returned":
      return { kind: "returned" };
  }
}

/** What a peer is to hear of what is said to all. */
function wordOfAll(saying: SaidToAll): PeerWord {
  if (saying.kind !== "welcome") return saying;
  const { kind, session, run, terms: intervals } = saying;
  return { kind, session, run, ...intervals };
}

function wordToActor(saying: SaidToActor): WordToActor {
  switch (saying.kind) {
    case "grant":
      return { kind: "grant", alone: saying.alone, ...saying.grant };
    case "revoke-ranges":
      return { kind: "revoke", revoked: saying.revoked };
    case "acknowledge":
      return saying;
    default:
      return wordOfAll(saying);
  }
}

function wordToMerger(saying: SaidToMerger): WordToMerger {
  switch (saying.kind) {
    case "merge": {
      const { merge, spans, outputs, part } = saying;
      const grant = outputs.map((output) => output.grant);
      const sizeBytes = outputs.map((output) => output.sizeBytes);
      const adler32 = outputs.map((output) => output.adler32);
      const lent = { merge, spans, grant, sizeBytes, adler32 };
      return part === undefined ? { kind: "lend", lent } : { kind: "lend-part", part: { lent, ...part } };
    }
    case "revoke-merge":
      return { kind: "revoke", merges: [saying.merge] };
    case "acknowledge":
      return { kind: "acknowledge", numbers: saying.numbers };
    default:
      return wordOfAll(saying);
  }
}
