// How one stream is heard, with no port before it and no engine behind.

import type { ServerDuplexStream } from "@grpc/grpc-js";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { epochNumber } from "../../shared/core/id.js";
import { silentLogger } from "../../shared/io/logger.js";
import { systemClock } from "../../shared/io/system-clock.js";
import type { Command } from "../core/facts/command.js";
import type { Engine } from "./engine.js";
import { alive, type Heard } from "./heard.js";
import type { Saying } from "./saying.js";
import { serveSession, type GatewayParts } from "./session-gateway.js";
import { Streams } from "./streams.js";
import { hearActor } from "./wire.js";
import { actorHello } from "./wire-test-peer.js";

/** A stream that no port stands before: what is said on it, and the commands that come of it. */
function aBareStream(changes: Partial<Pick<GatewayParts, "clock"> & Pick<Engine, "whenRoom">>): {
  readonly posted: Command[];
  say(heard: Heard): void;
} {
  const posted: Command[] = [];
  const call = new PassThrough({ objectMode: true });
  const served = Object.assign(call, { getPeer: () => "here", getAuthContext: () => null });
  serveSession(
    served as unknown as ServerDuplexStream<Heard, Saying>,
    { hear: (heard) => heard, say: (sayings) => sayings },
    {
      engine: { post: (command) => void posted.push(command), whenRoom: () => undefined, ...changes },
      streams: new Streams({ flushIntervalMs: 1, heartbeatIntervalMs: 1, leaseMs: 1 }),
      epoch: epochNumber(1),
      onLost: () => undefined,
      news: { hear: () => undefined, hearMerge: () => undefined, forget: () => undefined },
      clock: systemClock,
      log: silentLogger,
      ...changes,
    },
  );
  return { posted, say: (heard) => void call.write(heard) };
}

/** Until all that was said is heard. */
async function heard(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
}

describe("the wall time that a peer has left", () => {
  test("counts from when it was heard, whenever the engine takes it up (Y4)", async () => {
    let nowMs = 5_000;
    const clock = { nowMs: () => nowMs };
    const { posted, say } = aBareStream({ clock });
    say(hearActor({ message: actorHello({ allocationLeftMs: 60_000, more: true }) }));
    await heard();
    nowMs = 6_000;
    say(hearActor({ message: actorHello({ allocationLeftMs: 59_000 }) }));
    await heard();
    nowMs = 9_000;
    say({ ...alive, leftMs: 120_000 });
    await heard();
    expect(posted).toMatchObject([
      { kind: "open-session", hello: { allocationEndsAtMs: 65_000 } },
      { kind: "tell-wall-time", endsAtMs: 129_000 },
    ]);
  });
});

describe("a flood", () => {
  test("is not read while the engine has no room, and then in order (Y2, P7)", async () => {
    let isFull = true;
    let openRoom: () => void = () => undefined;
    const room = new Promise<void>((resolve) => (openRoom = resolve));
    const { posted, say } = aBareStream({ whenRoom: () => (isFull ? room : undefined) });
    say(hearActor({ message: actorHello() }));
    for (let credit = 1; credit <= 5; credit += 1)
      say(hearActor({ message: { $case: "demand", value: { credit } } }));
    await heard();
    expect(posted.map(({ kind }) => kind)).toEqual(["open-session"]);
    isFull = false;
    openRoom();
    await heard();
    expect(posted.slice(1).map((command) => ("credit" in command ? command.credit : 0))).toEqual([
      1, 2, 3, 4, 5,
    ]);
  });
});
