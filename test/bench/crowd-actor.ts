// One simulated actor: a connection and a stream of its own, a hello, and then a closed loop: it asks for ranges, reports
// all that is granted at once as outputs, and asks for as many more as are acknowledged.

import { Client, type ClientDuplexStream } from "@grpc/grpc-js";
import {
  ActorServiceService,
  ActorSessionResponse,
  type Acknowledge,
  type ActorHello,
  type Grant,
} from "../../gen/noctua/v1/actor.js";
import type { Dialing } from "../../services/shared/io/trust/dialing.js";
import { systemClock } from "../../services/shared/io/system-clock.js";
import type { TallyBook } from "./crowd-tally.js";
import type { CrowdOrder } from "./crowd-words.js";
import { encodeRequest, encodeResults } from "./results-bytes.js";

export interface CrowdActorOptions {
  readonly name: string;
  readonly dial: Dialing;
  readonly order: CrowdOrder;
  readonly book: TallyBook;
  /** The stream broke, or the driver said what it must not. */
  readonly onFailure: (reason: string) => void;
}

/** A demand that was raised and is not yet met. */
interface Asked {
  readonly credit: number;
  readonly atMs: number;
}

export class CrowdActor {
  readonly #options: CrowdActorOptions;
  readonly #client: Client;
  readonly #stream: ClientDuplexStream<Buffer, ActorSessionResponse>;
  readonly #asked: Asked[] = [];
  /** Ranges of each message that is not acknowledged. */
  readonly #reported = new Map<number, number>();
  #rests = false;
  /** What it will ask for when it goes on. */
  #owed: number;
  #credit = 0;
  #granted = 0;
  #lastNumber = 0;
  #welcomed: () => void = () => undefined;

  constructor(options: CrowdActorOptions) {
    this.#options = options;
    this.#owed = options.order.rangesInFlight;
    const { target, credentials, options: channel } = options.dial;
    this.#client = new Client(target, credentials, {
      ...channel,
      "grpc.use_local_subchannel_pool": 1,
    });
    this.#stream = this.#client.makeBidiStreamRequest(
      ActorServiceService.actorSession.path,
      (request: Buffer) => request,
      (bytes: Buffer) => ActorSessionResponse.decode(bytes),
    );
    this.#stream.on("data", (response: ActorSessionResponse) => this.#hear(response));
    this.#stream.on("error", (error) => options.onFailure(`${options.name}: ${error.message}`));
  }

  /** Resolves when the driver says welcome. */
  join(): Promise<void> {
    const welcomed = new Promise<void>((resolve) => (this.#welcomed = resolve));
    this.#write(encodeRequest({ message: { $case: "hello", value: helloOf(this.#options.name) } }));
    return welcomed;
  }

  /** Begins the loop, or goes on with it. */
  work(): void {
    const ranges = this.#owed;
    this.#owed = 0;
    this.#rests = false;
    if (ranges > 0) this.#raiseDemand(ranges);
  }

  /** Asks for no more. */
  rest(): void {
    this.#rests = true;
  }

  leave(): void {
    this.#stream.cancel();
    this.#client.close();
  }

  #hear({ message, acknowledged }: ActorSessionResponse): void {
    this.#options.book.messagesOut += 1;
    this.#hearMessage(message);
    if (acknowledged !== undefined) this.#forget(acknowledged);
  }

  #hearMessage(message: ActorSessionResponse["message"]): void {
    switch (message?.$case) {
      case "welcome":
        this.#welcomed();
        return;
      case "grant":
        this.#take(message.value);
        return;
      case "acknowledge":
        this.#forget(message.value);
        return;
      default:
        return; // A job that begins says nothing that is not known here.
    }
  }

  #take({ grant, spans }: Grant): void {
    const { order, book } = this.#options;
    let first: number[] = [];
    let count: number[] = [];
    let ranges = 0;
    const report = (): void => {
      this.#lastNumber += 1;
      const number = this.#lastNumber;
      this.#reported.set(number, ranges);
      this.#write(encodeResults({ number, job: order.job, grant, first, count, ranges }));
      this.#granted += ranges;
      book.rangesGranted += ranges;
      first = [];
      count = [];
      ranges = 0;
    };
    for (const [i, begin] of (spans?.first ?? []).entries()) {
      const end = begin + (spans?.count[i] ?? 0);
      for (let next = begin; next < end;) {
        const some = Math.min(end - next, order.resultsPerMessage - ranges);
        first.push(next);
        count.push(some);
        ranges += some;
        next += some;
        if (ranges === order.resultsPerMessage) report();
      }
    }
    if (ranges > 0) report();
    this.#noteLatency();
  }

  #noteLatency(): void {
    const nowMs = systemClock.nowMs();
    for (let asked = this.#asked[0]; asked !== undefined && asked.credit <= this.#granted;) {
      this.#options.book.grantMs.push(nowMs - asked.atMs);
      this.#asked.shift();
      asked = this.#asked[0];
    }
  }

  #forget({ numbers, superseded }: Acknowledge): void {
    if (superseded.length > 0) this.#options.onFailure(`${this.#options.name}: an output was superseded`);
    let ranges = 0;
    for (const number of numbers) {
      ranges += this.#reported.get(number) ?? 0;
      this.#reported.delete(number);
    }
    this.#options.book.rangesAcknowledged += ranges;
    if (this.#rests) this.#owed += ranges;
    else this.#raiseDemand(ranges);
  }

  #raiseDemand(ranges: number): void {
    this.#credit += ranges;
    this.#asked.push({ credit: this.#credit, atMs: systemClock.nowMs() });
    this.#write(encodeRequest({ message: { $case: "demand", value: { credit: this.#credit } } }));
  }

  /** What is in flight is bounded by the credit, so nobody waits for a drain here. */
  #write(bytes: Buffer): void {
    this.#options.book.messagesIn += 1;
    this.#stream.write(bytes);
  }
}

function helloOf(name: string): ActorHello {
  return {
    actor: name,
    incarnation: "bench",
    epoch: 0,
    node: { name, cores: 1, labels: {}, process: undefined },
    slots: 1,
    allocationLeftMs: undefined,
    held: [],
    more: false,
  };
}
