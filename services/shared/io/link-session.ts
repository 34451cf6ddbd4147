// One stream of a driver link, from its opening to its end (driver-link.ts, D2 to D4).

import {
  connectivityState,
  status,
  type ChannelInterface,
  type ClientDuplexStream,
  type ServiceError,
} from "@grpc/grpc-js";
import { AssertionError } from "../core/assert.js";
import { errorMessage } from "./error-code.js";
import type { Logger } from "./logger.js";
import { after, type Cancel } from "./system-clock.js";
import { WireError } from "./wire-checks.js";

/** What the owner of a link does with it. */
export interface LinkHandlers<Request, Response> {
  /** The driver was reached: time to say hello. */
  readonly onUp: (link: Link<Request>) => void;
  readonly onMessage: (message: Response) => void;
  /** The stream has ended, by the driver's word when there is a `code`; another one will be dialled. */
  readonly onDown: (reason: string, code: status | undefined) => void;
  /** All that waited was handed over, after `send` had said false. */
  readonly onDrain?: () => void;
  readonly log: Logger;
}

/** A stream that is up. */
export interface Link<Request> {
  /** False when the message has to wait, and more would too. The message must not be changed afterwards. */
  send(message: Request): boolean;
  /** Ends the stream; another one will be dialled. */
  close(reason: string): void;
}

export interface SessionEnd {
  readonly reason: string;
  /** The driver said something. */
  readonly heard: boolean;
  /** By the driver's word. */
  readonly code?: status | undefined;
}

/** Messages that may wait for a driver that does not read. */
const queueMax = 1_000;

/** How long the driver has to end its side of a stream that we leave. */
const leaveMsMax = 500;

/** One stream; `run` is called once. */
export class LinkSession<Request, Response> implements Link<Request> {
  readonly #handlers: LinkHandlers<Request, Response>;
  readonly #channel: ChannelInterface;
  readonly #stream: ClientDuplexStream<Request, Response>;
  readonly #queue: Request[] = [];
  #state: "dialling" | "up" | "down" = "dialling";
  /** Told to stop: what waits is handed over, and nothing more. */
  #isLeaving = false;
  #heard = 0;
  #resolve: (end: SessionEnd) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(
    handlers: LinkHandlers<Request, Response>,
    channel: ChannelInterface,
    stream: ClientDuplexStream<Request, Response>,
  ) {
    this.#handlers = handlers;
    this.#channel = channel;
    this.#stream = stream;
  }

  /** How many messages came. */
  get heard(): number {
    return this.#heard;
  }

  /** To the end of the stream, which comes soon when told to stop. */
  async run(signal: AbortSignal): Promise<SessionEnd> {
    let cancelLeaving: Cancel = () => undefined;
    const leave = (): void => {
      this.#isLeaving = true;
      if (this.#queue.length === 0) this.#stream.end();
      cancelLeaving = after(this.#state === "up" ? leaveMsMax : 0, () => this.#down("left"));
    };
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
    try {
      return await new Promise((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
        this.#listen();
      });
    } finally {
      signal.removeEventListener("abort", leave);
      cancelLeaving();
    }
  }

  send(message: Request): boolean {
    if (this.#state !== "up" || this.#isLeaving) return false; // (D2)
    if (this.#queue.length === 0 && !this.#stream.writableNeedDrain) {
      this.#stream.write(message);
      return !this.#stream.writableNeedDrain;
    }
    if (this.#queue.length < queueMax) this.#queue.push(message);
    else this.#down(`the driver does not read: ${queueMax} messages wait`); // (D3)
    return false;
  }

  close(reason: string): void {
    this.#down(reason);
  }

  #listen(): void {
    const stream = this.#stream;
    stream.on("data", (message: Response) => this.#guard(() => this.#receive(message)));
    stream.on("drain", () => this.#guard(() => this.#sendWaiting()));
    stream.on("error", (error) => this.#guard(() => this.#fail(error)));
    stream.on("end", () => this.#down("the driver ended the stream"));
    this.#watch();
  }

  /** Most are the driver's word, or the network's. */
  #fail(error: Error): void {
    if (isServiceError(error)) this.#down(reasonOf(error), error.code);
    else this.#down(error.message);
  }

  /** The link is up when the connection is: before, nobody knows whether there is a driver. */
  #watch(): void {
    if (this.#state !== "dialling") return;
    const state = this.#channel.getConnectivityState(false);
    if (state === connectivityState.READY) {
      this.#state = "up";
      this.#guard(() => this.#handlers.onUp(this));
    } else if (state !== connectivityState.SHUTDOWN) {
      this.#channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, () => this.#watch());
    }
  }

  #receive(message: Response): void {
    if (this.#state !== "up") return; // (D2)
    this.#heard += 1;
    this.#handlers.onMessage(message);
  }

  #sendWaiting(): void {
    while (!this.#stream.writableNeedDrain) {
      const message = this.#queue.shift();
      if (message === undefined) {
        if (this.#isLeaving) this.#stream.end();
        else this.#handlers.onDrain?.();
        return;
      }
      this.#stream.write(message);
    }
  }

  /** An exception in a stream's event would be nobody's: gRPC makes an unhandled rejection of it. (D4) */
  #guard(handle: () => void): void {
    try {
      handle();
    } catch (error) {
      if (error instanceof WireError) return this.#down(`the driver said ${error.message}`);
      if (error instanceof AssertionError) this.#reject(error);
      else this.#handlers.log.error("a message could not be handled, ending the stream", { error });
      this.#down(errorMessage(error));
    }
  }

  #down(reason: string, code?: status): void {
    if (this.#state === "down") return;
    const wasUp = this.#state === "up";
    this.#state = "down";
    this.#queue.length = 0;
    this.#stream.cancel();
    try {
      if (wasUp) this.#handlers.onDown(reason, code);
    } catch (error) {
      this.#reject(error);
    }
    this.#resolve({ reason, heard: this.#heard > 0, code });
  }
}

function isServiceError(error: Error): error is ServiceError {
  return "details" in error && "code" in error;
}

function reasonOf(error: ServiceError): string {
  // gRPC ends some details with a note that is empty.
  return `${status[error.code]}: ${error.details.replace(/\s*Resolution note:\s*$/, "")}`;
}
