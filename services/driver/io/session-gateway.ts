// One stream of an actor or a merger: what comes in is parsed and posted to the engine, in order, with its hello gathered
// from its pieces. What goes out is said by streams.ts.
//
//   Y1. A message that is not well-formed ends its own stream with INVALID_ARGUMENT and harms nobody else.
//   Y2. While the engine has no room the stream is not read, so that a flood is felt by its sender (P7).
//   Y3. Who drains and then says nothing more has left. The stream ends when all that it said is answered.
//   Y4. What a peer has left of its wall time counts from when it was heard, not from the turn that takes it up.
//   Y5. Whose credential bears a name speaks under that name and no other (P8).

import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { Clock } from "../../shared/core/clock.js";
import type { Epoch } from "../../shared/core/id.js";
import { errorMessage } from "../../shared/io/error-code.js";
import type { Logger } from "../../shared/io/logger.js";
import { callerOf } from "../../shared/io/trust/serving.js";
import { WireError } from "../../shared/io/wire-checks.js";
import type { Hello } from "../core/facts/command.js";
import type { StreamKey } from "../core/facts/fact.js";
import type { LostPeer } from "./death-watch.js";
import type { Engine } from "./engine.js";
import type { Heard, SaidHello } from "./heard.js";
import type { PeerNews } from "./peer-news.js";
import type { Streams } from "./streams.js";
import type { Saying } from "./saying.js";

/** How one kind of service speaks. */
export interface Dialect<Request, Response> {
  readonly hear: (request: Request) => Heard;
  /** What a turn has to say. */
  readonly say: (sayings: readonly Saying[]) => readonly Response[];
}

export interface GatewayParts {
  readonly engine: Pick<Engine, "post" | "whenRoom">;
  readonly streams: Streams;
  /** This driver's epoch: whoever has met a higher one knows more than we do. */
  readonly epoch: Epoch;
  /** A stream broke without a farewell; its peer may be gone. Undefined: it did not say which process it is. */
  readonly onLost: (peer: LostPeer | undefined) => void;
  readonly news: Pick<PeerNews, "hear" | "hearMerge" | "forget">;
  /** The clock of turns. */
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Logger;
}

/** Serves one stream to its end. By events, since `for await` destroys a stream before its closing status is sent. */
export function serveSession<Request, Response>(
  call: ServerDuplexStream<Request, Response>,
  dialect: Dialect<Request, Response>,
  parts: GatewayParts,
): void {
  const { engine, streams, log } = parts;
  const stream = streams.add(call, dialect.say);
  const session = new IncomingSession(stream, parts, callerOf(call)?.name);
  const ids = { stream, peer: call.getPeer() };
  const lose = (reason: string): void => {
    if (session.isOver) return;
    session.lose();
    log.info("stream broke", { ...ids, reason });
  };
  call.on("data", (request: Request) => {
    if (session.isOver) return;
    try {
      session.hear(dialect.hear(request));
    } catch (error) {
      if (!(error instanceof WireError)) log.error("message could not be read", { ...ids, error });
      streams.refuse(stream, { why: "malformed", message: errorMessage(error) }); // (Y1)
    }
    const room = engine.whenRoom();
    if (room === undefined) return;
    call.pause(); // (Y2)
    void room.then(() => call.resume());
  });
  const takeLeave = (): void => {
    if (session.isDraining && !session.isOver && !call.cancelled)
      session.end("leave"); // (Y3)
    else {
      lose("its peer ended it");
      call.end();
    }
  };
  // A stream that is cut off ends too, a moment before it is cancelled.
  call.on("end", () => setImmediate(takeLeave));
  call.on("error", (error) => lose(error.message)); // A closing status of ours comes by here too.
  call.on("close", () => {
    lose("the connection is gone");
    streams.delete(stream);
  });
}

/** What was heard of a stream so far. */
class IncomingSession {
  readonly #stream: StreamKey;
  readonly #parts: GatewayParts;
  readonly #ownName: string | undefined;
  #pieces: HelloPieces | undefined;
  /** Who it is, once the hello is whole. */
  #peer: LostPeer | undefined;
  #greeted = false;
  #draining = false;
  #over = false;

  constructor(stream: StreamKey, parts: GatewayParts, ownName: string | undefined) {
    this.#stream = stream;
    this.#parts = parts;
    this.#ownName = ownName;
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  /** Nothing more is heard of it. */
  get isOver(): boolean {
    return this.#over;
  }

  end(how: "leave" | "detach-stream"): void {
    this.#over = true;
    this.#parts.news.forget(this.#stream);
    this.#parts.engine.post({ kind: how, stream: this.#stream });
  }

  /** The stream broke. */
  lose(): void {
    this.end("detach-stream");
    if (this.#greeted) this.#parts.onLost(this.#peer);
  }

  hear(heard: Heard): void {
    const stream = this.#stream;
    if (heard.kind === "hello") {
      this.#hearHello(heard);
      return;
    }
    if (!this.#greeted) throw new WireError("message", "a hello first", heard.kind);
    if (heard.kind === "alive") {
      const { leftMs, waitsFor } = heard;
      this.#parts.news.hear(stream, heard);
      this.#parts.engine.post(
        leftMs === undefined
          ? { kind: "hear", stream }
          : { kind: "tell-wall-time", stream, endsAtMs: this.#endOf(leftMs) },
      );
      if (waitsFor !== undefined) this.#parts.engine.post({ kind: "tell-wait", stream, waitsFor });
    } else if (heard.kind === "merging") {
      this.#parts.news.hearMerge(stream, heard);
      this.#parts.engine.post({ kind: "hear", stream });
    } else {
      if (heard.command.kind === "start-draining") this.#draining = true;
      this.#parts.engine.post({ ...heard.command, stream });
    }
  }

  #hearHello(heard: Extract<Heard, { kind: "hello" }>): void {
    const { engine, epoch } = this.#parts;
    if (this.#greeted) throw new WireError("hello", "one for each stream", "a second one");
    if (heard.epoch > epoch) {
      throw new WireError(
        "hello.epoch",
        `at most ${epoch}, this driver's own`,
        `${heard.epoch}: it was replaced`,
      );
    }
    const { name: said, role: as } = heard.hello;
    if (this.#ownName !== undefined && said !== this.#ownName)
      throw new WireError(`hello.${as}`, `the name in its credential, "${this.#ownName}"`, `"${said}"`); // (Y5)
    const piece = this.#dated(heard.hello);
    this.#pieces = (this.#pieces ?? new HelloPieces(piece)).add(piece);
    if (heard.more) return;
    this.#greeted = true;
    const hello = this.#pieces.whole();
    const { role, name, incarnation, node } = hello;
    const { process } = heard;
    if (process !== undefined) this.#peer = { stream: this.#stream, role, name, incarnation, node, process };
    engine.post({ kind: "open-session", stream: this.#stream, hello });
    this.#pieces = undefined;
  }

  #dated({ allocationLeftMs, ...hello }: SaidHello): Hello {
    return {
      ...hello,
      allocationEndsAtMs: allocationLeftMs === undefined ? undefined : this.#endOf(allocationLeftMs),
    };
  }

  /** When wall time ends of which so much is left as it is heard (Y4). */
  #endOf(leftMs: number): number {
    return this.#parts.clock.nowMs() + leftMs;
  }
}

/** Grants that one hello may name in all its pieces: some times what fits on the largest node. */
const heldMax = 100_000;

/** A hello of which pieces are still to come. Each is added to what is there, so that many cost no more than one. */
class HelloPieces {
  readonly #first: Hello;
  readonly #ranges: Hello["ranges"][number][] = [];
  readonly #merges: Hello["merges"][number][] = [];

  constructor(first: Hello) {
    this.#first = first;
  }

  add({ ranges, merges }: Hello): this {
    if (this.#ranges.length + this.#merges.length + ranges.length + merges.length > heldMax)
      throw new WireError("hello.held", `at most ${heldMax} grants`, "more");
    for (const held of ranges) this.#ranges.push(held);
    for (const held of merges) this.#merges.push(held);
    return this;
  }

  whole(): Hello {
    return { ...this.#first, ranges: this.#ranges, merges: this.#merges };
  }
}
