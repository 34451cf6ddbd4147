// The driver's end of a stream: what grpc-js hands to a handler, without a connection behind it.

import { Duplex } from "node:stream";

/** How the driver ended a stream: undefined when it just ended it. */
export interface ClosingStatus {
  readonly code: number;
  readonly details: string;
}

export interface StreamEnd<Response> {
  /** The driver says something. */
  readonly said: (response: Response) => void;
  /** The driver has ended the stream; said once at most. */
  readonly ended: (status: ClosingStatus | undefined) => void;
}

/** As far as the gateway uses grpc-js' `ServerDuplexStream`. */
export class StreamCall<Request, Response> extends Duplex {
  cancelled = false;
  readonly #end: StreamEnd<Response>;
  readonly #peer: string;
  #isEnded = false;
  #peerHasEnded = false;

  constructor(peer: string, end: StreamEnd<Response>) {
    super({ objectMode: true });
    this.#peer = peer;
    this.#end = end;
    // grpc-js sends an emitted error as the closing status.
    this.on("error", (error: unknown) => this.#endWith(isStatus(error) ? error : undefined));
  }

  getPeer(): string {
    return this.#peer;
  }

  /** There is no connection whose other end could be known. */
  getAuthContext(): null {
    return null;
  }

  /** A message of the peer's arrives. */
  arrive(request: Request): void {
    if (!this.destroyed && !this.#peerHasEnded) this.push(request);
  }

  /** The peer has ended its side. */
  arriveEnd(): void {
    if (this.destroyed || this.#peerHasEnded) return;
    this.#peerHasEnded = true;
    this.push(null);
  }

  /** The connection is gone. */
  cancel(): void {
    if (this.destroyed) return;
    this.cancelled = true;
    this.#isEnded = true;
    this.destroy();
  }

  override _read(): void {
    // Messages come when they come.
  }

  override _write(response: Response, _encoding: string, done: () => void): void {
    if (!this.#isEnded) this.#end.said(response);
    done();
  }

  override _final(done: () => void): void {
    this.#endWith(undefined);
    done();
  }

  #endWith(status: ClosingStatus | undefined): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#end.ended(status);
    process.nextTick(() => this.destroy());
  }
}

function isStatus(error: unknown): error is ClosingStatus {
  return typeof error === "object" && error !== null && "code" in error && "details" in error;
}
