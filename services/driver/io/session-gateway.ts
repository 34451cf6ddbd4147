// One stream of an actor or a merger: what comes in is parsed and posted to the engine, in order, with its hello gathered
// from its pieces. What goes out is said by streams.ts.
//
//   Y1. A message that is not well-formed ends its own stream with INVALID_ARGUMENT and harms nobody else.
//   Y2. While the engine has no room the stream is not read, so that a flood is felt by its sender (P7).

import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { Epoch } from "../../shared/core/id.js";
import { errorMessage } from "../../shared/io/error-code.js";
import type { Logger } from "../../shared/io/logger.js";
import { WireError } from "../../shared/io/wire-checks.js";
import type { Hello } from "../core/command.js";
import type { StreamKey } from "../core/fact.js";
import type { Engine } from "./engine.js";
import type { Heard } from "./heard.js";
import type { Streams } from "./streams.js";
import type { Saying } from "./saying.js";

/** How one kind of service speaks. */
export interface Dialect<Request, Response> {
  readonly hear: (request: Request) => Heard;
  readonly say: (saying: Saying) => Response;
}

export interface GatewayParts {
  readonly engine: Engine;
  readonly streams: Streams;
  /** This driver's epoch: whoever has met a higher one knows more than we do. */
  readonly epoch: Epoch;
  readonly log: Logger;
}

/** Serves one stream to its end. Never rejects. */
export async function serveSession<Request, Response>(
  call: ServerDuplexStream<Request, Response>,
  dialect: Dialect<Request, Response>,
  parts: GatewayParts,
): Promise<void> {
  const { engine, streams, log } = parts;
  const stream = streams.add(call, dialect.say);
  const session = new IncomingSession(stream, parts);
  call.on("error", () => undefined); // It is read below, where it ends the loop; a status of our own comes by here too.
  try {
    for await (const request of requestsOf(call)) {
      session.hear(dialect.hear(request));
      await engine.whenRoom(); // (Y2)
    }
  } catch (error) {
    if (error instanceof WireError) streams.refuse(stream, { why: "malformed", message: error.message }); // (Y1)
    log.info("stream broke", { stream, peer: call.getPeer(), reason: errorMessage(error) });
  } finally {
    engine.post({ kind: session.isDraining && !call.cancelled ? "leave" : "detach-stream", stream });
    streams.delete(stream);
    if (!call.writableEnded) call.end();
  }
}

function requestsOf<Request, Response>(call: ServerDuplexStream<Request, Response>): AsyncIterable<Request> {
  return call;
}

/** What was heard of a stream so far. */
class IncomingSession {
  readonly #stream: StreamKey;
  readonly #parts: GatewayParts;
  #pieces: Hello | undefined;
  #greeted = false;
  #draining = false;

  constructor(stream: StreamKey, parts: GatewayParts) {
    this.#stream = stream;
    this.#parts = parts;
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  hear(heard: Heard): void {
    const stream = this.#stream;
    if (heard.kind === "hello") {
      this.#hearHello(heard);
      return;
    }
    if (!this.#greeted) throw new WireError("message", "a hello first", heard.kind);
    if (heard.kind === "alive") this.#parts.engine.post({ kind: "hear", stream });
    else {
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
    this.#pieces = joined(this.#pieces, heard.hello);
    if (heard.more) return;
    this.#greeted = true;
    engine.post({ kind: "open-session", stream: this.#stream, hello: this.#pieces });
    this.#pieces = undefined;
  }
}

/** Grants that one piece of a hello may add to. */
const heldMax = 1_000_000;

function joined(first: Hello | undefined, second: Hello): Hello {
  if (first === undefined) return second;
  const ranges = [...first.ranges, ...second.ranges];
  const merges = [...first.merges, ...second.merges];
  if (ranges.length + merges.length > heldMax)
    throw new WireError("hello.held", `at most ${heldMax} grants`, "more");
  return { ...first, ranges, merges };
}
