// What the agents of actor and merger have in common: their link to the driver, and their way out.
//
//   G1. Whatever fails here that must not, ends the agent with its reason; no promise fails unheard.
//   G2. When `run` has resolved or rejected, none of its work runs and no timer is left, and the link is closed. Each of
//       these takes a few seconds at most (P10), and what a file system that stands still holds up is left.

import { status, type Client } from "@grpc/grpc-js";
import { unreachable } from "../core/assert.js";
import type { PeerWord } from "../core/peer-message.js";
import type { PeerAction, PeerEvent } from "../core/peer-step.js";
import { keepDriverLink, type DriverLinkOptions } from "./driver-link.js";
import type { Link } from "./link-session.js";
import type { Logger } from "./logger.js";
import type { ServiceEnd } from "./service-process.js";
import { systemClock } from "./system-clock.js";
import { UnderWay } from "./under-way.js";

/** The end of a link takes half a second, unless the address file is being read and can't be. */
const linkEndMsMax = 2_000;
/** Beyond the grace of a drain: 5 s to hand in, 10 s to end the work, 10 s and some to close what was opened. */
export const peerStopMsMax = 30_000;

export interface PeerAgentOptions<Peer extends Client, Request, Response> extends Pick<
  DriverLinkOptions<Peer, Request, Response>,
  "workdir" | "role" | "client" | "open" | "onMessage" | "rng" | "log" | "backoff"
> {
  /** The core's. */
  readonly runner: { tell(event: PeerEvent): void; close(): void };
  /** The core's, asked when somebody wants to know. */
  readonly tally: () => {
    readonly isWelcome: boolean;
    readonly isDraining: boolean;
    readonly unacknowledged: number;
  };
  /** What a drain by signal gives to work that runs. */
  readonly drainGraceMs: number;
  /** Ends all work, within a limit. */
  readonly endWork: () => Promise<void>;
}

export class PeerAgent<Peer extends Client, Request, Response> {
  readonly #options: PeerAgentOptions<Peer, Request, Response>;
  #link: Link<Request> | undefined;
  #whyDown = "the driver has not been reached yet";
  #resolve: (end: ServiceEnd) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(options: PeerAgentOptions<Peer, Request, Response>) {
    this.#options = options;
  }

  /** Why it is not at work, in a sentence; undefined when it is. */
  notReady(): string | undefined {
    const { isWelcome, isDraining } = this.#options.tally();
    if (isDraining) return "it is about to leave";
    return isWelcome ? undefined : `there is no session with the driver: ${this.#whyDown}`;
  }

  /** To the end of the agent. `stop` asks it to drain. */
  async run(stop: AbortSignal): Promise<ServiceEnd> {
    const { runner, drainGraceMs, endWork, log } = this.#options;
    const leaveLink = new AbortController();
    const leave = (reason: string): void =>
      runner.tell({ kind: "drain-requested", reason, graceMs: drainGraceMs });
    const drain = (): void => leave(stop.reason instanceof Error ? stop.reason.message : "asked to stop");
    const linked = this.#keepLink(leaveLink.signal).then((why) => {
      if (why !== undefined) leave(why);
    });
    const link = new UnderWay();
    try {
      return await new Promise((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
        stop.addEventListener("abort", drain, { once: true });
        link.follow(linked.catch(reject)); // (G1)
        if (stop.aborted) drain();
      });
    } finally {
      stop.removeEventListener("abort", drain);
      runner.close();
      leaveLink.abort();
      const sinceMs = systemClock.nowMs();
      await Promise.all([link.settle(linkEndMsMax), endWork()]); // (G2)
      log.info("closed", { what: "link and work", ms: Math.round(systemClock.nowMs() - sinceMs) });
    }
  }

  /** Ends it with this reason (G1). */
  fail(error: unknown): void {
    this.#reject(error);
  }

  /** What is said while there is no link is gone: the next hello names all that matters. */
  send(request: Request): void {
    this.#link?.send(request);
  }

  act(action: PeerAction): void {
    const { log } = this.#options;
    switch (action.kind) {
      case "close-link":
        log.warn("closing the link to the driver", { reason: action.reason });
        this.#link?.close(action.reason);
        break;
      case "exit":
        log.info("leaving", { exit: action.exit, reason: action.reason });
        this.#resolve({ exit: action.exit, reason: action.reason });
        break;
      default:
        unreachable(action);
    }
  }

  #keepLink(signal: AbortSignal): Promise<string | undefined> {
    const { runner, tally, ...options } = this.#options;
    return keepDriverLink(
      {
        ...options,
        isOwed: () => {
          const { isWelcome, unacknowledged } = tally();
          return !isWelcome || unacknowledged > 0;
        },
        onUp: (link) => {
          this.#link = link;
          this.#whyDown = "the driver has not answered the hello yet";
          runner.tell({ kind: "link-up" });
        },
        onDown: (reason, code) => {
          this.#link = undefined;
          this.#whyDown = reason;
          runner.tell({ kind: "link-down", reason, fenced: code === status.FAILED_PRECONDITION });
        },
      },
      signal,
    );
  }
}

/** What a person on call would want to know of what both are told by the driver. */
export function logWord(log: Logger, epoch: number, word: PeerWord): void {
  switch (word.kind) {
    case "welcome":
      log.info("joined the run", { epoch, session: word.session, run: word.run });
      break;
    case "open-job":
      log.info("job opened", { job: word.job, name: word.spec.name });
      break;
    case "extend-job":
      log.info("job extended", { job: word.job, firstInput: word.firstInput, inputs: word.inputs.length });
      break;
    case "close-job":
      log.info("job closed", { job: word.job });
      break;
    case "drain":
      log.info("draining", { reason: word.reason });
      break;
    case "hand-back":
      log.info("what waits goes back", { reason: word.reason });
      break;
    default:
      unreachable(word);
  }
}
