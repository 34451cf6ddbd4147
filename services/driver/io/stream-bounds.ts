// What the streams of all connections may cost, whoever makes them, and however many.
//
//   B1. What has come of messages that are not whole has a limit, over all streams; at the limit, who has been at it longest
//       makes room, since who is in earnest is done in a moment. A message that is not whole after a minute is given up.
//   B2. So has what is sent and not read: at the limit, who has read nothing for some seconds makes room, the longest first. Who
//       reads nothing for a minute is let go.
//   B3. A call that is answered is over, though its caller may not say so.
//
// Who is let go sees RESOURCE_EXHAUSTED: it is what gRPC makes of ENHANCE_YOUR_CALM.

import { constants, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { Logger } from "../../shared/io/logger.js";
import { logLimit, type LogLimit } from "../../shared/io/log-limit.js";
import { every, systemClock } from "../../shared/io/system-clock.js";
import { MessageCounter } from "./message-counter.js";

export interface StreamLimits {
  /** Of messages that are not whole, in bytes, over all streams. */
  readonly receivingBytesMax: number;
  /** Of answers that are not read, in bytes, over all streams. */
  readonly unreadBytesMax: number;
  /** Until a message must be whole, and until something must be read. */
  readonly patienceMs: number;
  /** Who has read nothing for so long makes room when there is none. */
  readonly unreadMs: number;
}

export interface StreamBoundsOptions {
  readonly limits: StreamLimits;
  /** Paths of calls that take several messages: they are done with each as it comes, and with others when the call has ended. */
  readonly manyMessages: ReadonlySet<string>;
  readonly log: Logger;
}

const lookMs = 250;

/** One call, as HTTP/2 has it. */
interface BoundStream {
  readonly stream: ServerHttp2Stream;
  readonly path: string;
  readonly counter: MessageCounter;
  /** Since when there has been something unread, and nothing was read of it; undefined while all is read. */
  unread: Unread | undefined;
  answeredAtMs: number | undefined;
}

interface Unread {
  readonly sinceMs: number;
  readonly bytes: number;
  readonly written: number;
}

export class StreamBounds {
  readonly #limits: StreamLimits;
  readonly #manyMessages: ReadonlySet<string>;
  readonly #log: Logger;
  readonly #lines: LogLimit;
  readonly #open = new Set<BoundStream>();
  /** Those of which a part of a message is here, since when; the oldest first. */
  readonly #receiving = new Map<BoundStream, number>();
  #receivingBytes = 0;
  /** Time passes as far as it is looked at: when the driver itself stood still, nobody is to blame for silence. */
  #nowMs = 0;

  constructor({ limits, manyMessages, log }: StreamBoundsOptions) {
    this.#limits = limits;
    this.#manyMessages = manyMessages;
    this.#log = log;
    this.#lines = logLimit(systemClock, 1, 10_000);
  }

  /** Looks after all streams of a server; until that is called off. */
  keep(server: Http2Server): () => void {
    // Its own listener comes first, and leaves the stream paused: so ours takes nothing away.
    server.on("stream", (stream, headers) => this.#add(stream, headers[":path"] ?? ""));
    return every(lookMs, () => {
      this.#nowMs += lookMs;
      this.#look();
    });
  }

  #add(stream: ServerHttp2Stream, path: string): void {
    if (stream.destroyed) return;
    const counter = new MessageCounter(this.#manyMessages.has(path));
    const bound: BoundStream = { stream, path, counter, unread: undefined, answeredAtMs: undefined };
    this.#open.add(bound);
    stream.on("data", (piece: Buffer) => this.#count(bound, () => counter.add(piece)));
    stream.on("end", () => this.#count(bound, () => counter.end()));
    stream.once("close", () => {
      this.#count(bound, () => counter.end());
      this.#open.delete(bound);
    });
  }

  #count(bound: BoundStream, what: () => void): void {
    const { counter } = bound;
    const before = counter.bytes;
    const messages = counter.messages;
    what();
    this.#receivingBytes += counter.bytes - before;
    if (counter.bytes === 0) this.#receiving.delete(bound);
    else if (before === 0 || counter.messages !== messages) {
      this.#receiving.delete(bound);
      this.#receiving.set(bound, this.#nowMs);
    }
    if (this.#receivingBytes > this.#limits.receivingBytesMax) this.#makeRoom(); // (B1)
  }

  #makeRoom(): void {
    for (const [bound] of this.#receiving) {
      if (this.#receivingBytes <= this.#limits.receivingBytesMax) return;
      this.#letGo(bound, "messages that are not whole take all the room there is");
    }
  }

  #look(): void {
    const nowMs = this.#nowMs;
    const { patienceMs } = this.#limits;
    for (const [bound, sinceMs] of this.#receiving) {
      if (sinceMs + patienceMs > nowMs) break;
      // While the engine has no room it is we who don't read.
      if (bound.stream.readableFlowing === true) this.#letGo(bound, "its message did not become whole");
    }
    let unreadBytes = 0;
    for (const bound of this.#open) {
      this.#noteReading(bound, nowMs);
      if (bound.unread === undefined) this.#endAnswered(bound, nowMs);
      else if (bound.unread.sinceMs + patienceMs <= nowMs) this.#letGo(bound, "it reads nothing");
      else unreadBytes += bound.unread.bytes;
    }
    if (unreadBytes > this.#limits.unreadBytesMax) this.#makeReadersRoom(unreadBytes, nowMs);
  }

  /** (B2) */
  #makeReadersRoom(unreadBytes: number, nowMs: number): void {
    let left = unreadBytes;
    const waiting = [...this.#open].flatMap((bound) => {
      const { unread } = bound;
      return unread === undefined || unread.sinceMs + this.#limits.unreadMs > nowMs
        ? []
        : [{ bound, unread }];
    });
    for (const { bound, unread } of waiting.sort((one, other) => one.unread.sinceMs - other.unread.sinceMs)) {
      if (left <= this.#limits.unreadBytesMax) return;
      left -= unread.bytes;
      this.#letGo(bound, "what is not read takes all the room there is");
    }
  }

  #noteReading(bound: BoundStream, nowMs: number): void {
    const { stream, path, unread: before } = bound;
    const bytes = stream.writableLength;
    if (bytes === 0) {
      bound.unread = undefined;
      return;
    }
    // A message of a session may be so long that it is read for a while; what else is read on its connection is its own.
    const written = this.#manyMessages.has(path) ? (stream.session?.socket.bytesWritten ?? 0) : 0;
    const isRead = before === undefined || bytes < before.bytes || written > before.written;
    bound.unread = { sinceMs: isRead ? nowMs : before.sinceMs, bytes, written };
  }

  /** (B3) */
  #endAnswered(bound: BoundStream, nowMs: number): void {
    const { stream, answeredAtMs } = bound;
    if (!stream.writableFinished) return;
    if (answeredAtMs === undefined) bound.answeredAtMs = nowMs;
    else if (answeredAtMs + this.#limits.unreadMs <= nowMs) stream.close(constants.NGHTTP2_NO_ERROR);
  }

  #letGo(bound: BoundStream, reason: string): void {
    const { stream, path, counter } = bound;
    this.#count(bound, () => counter.end());
    const leftOut = this.#lines.next();
    if (leftOut !== undefined) {
      const peer = stream.session?.socket.remoteAddress;
      this.#log.warn("a call was let go", { path, peer, reason, othersLetGo: leftOut });
    }
    stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }
}
