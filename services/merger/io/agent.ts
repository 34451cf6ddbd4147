// Lives what the core decides: the link, the merges, the clock.
//
//   G1. Events are told to the core one after the other, and the actions of one are all begun before the next is told.
//   G2. Whatever fails here that must not, ends the agent with its reason; no promise fails unheard.
//   G3. When `run` has resolved or rejected, no merge runs and no timer is left, and the link is closed. Each of these
//       takes a few seconds at most (P10).

import { status } from "@grpc/grpc-js";
import { unreachable } from "../../shared/core/assert.js";
import type { Clock } from "../../shared/core/clock.js";
import type { Rng } from "../../shared/core/rng.js";
import { keepDriverLink } from "../../shared/io/driver-link.js";
import type { Link } from "../../shared/io/link-session.js";
import type { Logger } from "../../shared/io/logger.js";
import type { ServiceEnd } from "../../shared/io/service-process.js";
import { after, type Cancel } from "../../shared/io/system-clock.js";
import { step, wakeAtMs } from "../core/merger.js";
import { newMerger, tallyOf, type Merger, type MergerSettings } from "../core/state.js";
import type { MergerAction, MergerEvent } from "../core/step.js";
import type { MergeRunOptions } from "./merge-run.js";
import { Merges } from "./merges.js";
import { mergerMetrics, type MergerMetrics } from "./metrics.js";
import { fromWire, toWire, WireClient, type WireRequest, type WireResponse } from "./wire.js";

export interface AgentOptions extends MergeRunOptions {
  readonly settings: MergerSettings;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  /** What a drain by signal gives to merges that run. */
  readonly drainGraceMs: number;
}

export class Agent {
  readonly metrics: MergerMetrics;
  readonly #options: AgentOptions;
  readonly #merger: Merger;
  readonly #log: Logger;
  readonly #merges: Merges;
  readonly #events: MergerEvent[] = [];
  #isTelling = false;
  #link: Link<WireRequest> | undefined;
  #whyDown = "the driver has not been reached yet";
  /** When the core was last told something, and when it wants to be told that time has passed. */
  #toldAtMs = 0;
  #wakeAtMs: number | undefined;
  #cancelWake: Cancel = () => undefined;
  #resolve: (end: ServiceEnd) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#merger = newMerger(options.settings);
    this.#log = options.log;
    this.metrics = mergerMetrics(options.settings.slots, () => tallyOf(this.#merger));
    this.#merges = new Merges({
      ...options,
      metrics: this.metrics,
      tell: (event) => this.#tell(event),
      fail: (error) => this.#reject(error),
    });
  }

  /** Why the merger is not at work, in a sentence; undefined when it is. */
  notReady(): string | undefined {
    const { isWelcome, isDraining } = tallyOf(this.#merger);
    if (isDraining) return "it is about to leave";
    return isWelcome ? undefined : `there is no session with the driver: ${this.#whyDown}`;
  }

  /** To the end of the merger. `stop` asks it to drain. */
  async run(stop: AbortSignal): Promise<ServiceEnd> {
    const leaveLink = new AbortController();
    const drain = (): void => {
      const reason = stop.reason instanceof Error ? stop.reason.message : "asked to stop";
      this.#tell({ kind: "drain-requested", reason, graceMs: this.#options.drainGraceMs });
    };
    let linkEnd = Promise.resolve();
    try {
      return await new Promise((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
        stop.addEventListener("abort", drain, { once: true });
        linkEnd = this.#keepLink(leaveLink.signal).catch(reject); // (G2)
        if (stop.aborted) drain();
      });
    } finally {
      stop.removeEventListener("abort", drain);
      this.#cancelWake();
      leaveLink.abort();
      await Promise.all([linkEnd, this.#merges.close()]); // (G3)
      this.#cancelWake(); // The ends of the last merges were told too.
    }
  }

  #keepLink(signal: AbortSignal): Promise<void> {
    const { workdir, rng } = this.#options;
    return keepDriverLink<WireClient, WireRequest, WireResponse>(
      {
        workdir,
        client: WireClient,
        open: (client) => client.mergerSession(),
        log: this.#log,
        rng,
        onUp: (link) => {
          this.#link = link;
          this.#whyDown = "the driver has not answered the hello yet";
          this.#tell({ kind: "link-up" });
        },
        onMessage: (response) => this.#tell({ kind: "message", message: fromWire(response) }),
        onDown: (reason, code) => {
          this.#link = undefined;
          this.#whyDown = reason;
          this.#tell({ kind: "link-down", reason, fenced: code === status.FAILED_PRECONDITION });
        },
      },
      signal,
    );
  }

  /** Tells the core, now or after what it is being told (G1). Never throws (G2). */
  #tell(event: MergerEvent): void {
    this.#events.push(event);
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        this.#toldAtMs = this.#options.clock.nowMs();
        this.#note(next);
        for (const action of step(this.#merger, next, this.#toldAtMs)) this.#live(action);
      }
      this.#wakeWhenDue();
    } catch (error) {
      this.#reject(error);
    } finally {
      this.#isTelling = false;
    }
  }

  #wakeWhenDue(): void {
    const atMs = wakeAtMs(this.#merger, this.#toldAtMs);
    if (atMs === this.#wakeAtMs) return;
    this.#wakeAtMs = atMs;
    this.#cancelWake();
    if (atMs === undefined) return;
    this.#cancelWake = after(Math.max(0, Math.ceil(atMs - this.#options.clock.nowMs())), () => {
      this.#wakeAtMs = undefined;
      this.#tell({ kind: "tick" });
    });
  }

  #live(action: MergerAction): void {
    switch (action.kind) {
      case "send":
        this.#link?.send(toWire(action.message));
        break;
      case "start-merge":
        this.#merges.start(action);
        break;
      case "abort-merge":
        this.#merges.abort(action.slot);
        break;
      case "remove-temporary":
        this.#merges.removeTemporary(action.merge);
        break;
      case "close-link":
        this.#log.warn("closing the link to the driver", { reason: action.reason });
        this.#link?.close(action.reason);
        break;
      case "exit":
        this.#log.info("leaving", { exit: action.exit, reason: action.reason });
        this.#resolve({ exit: action.exit, reason: action.reason });
        break;
      default:
        unreachable(action);
    }
  }

  /** One line for each fact that a person on call would want. */
  #note(event: MergerEvent): void {
    if (event.kind === "drain-requested") this.#log.info("draining", { reason: event.reason });
    if (event.kind !== "message") return;
    const { epoch, word } = event.message;
    switch (word.kind) {
      case "welcome":
        this.#log.info("joined the run", { epoch, session: word.session, run: word.run });
        break;
      case "open-job":
        this.#log.info("job opened", { job: word.job, name: word.spec.name });
        break;
      case "close-job":
        this.#log.info("job closed", { job: word.job });
        break;
      case "revoke":
        for (const merge of word.merges) this.#log.info("merge revoked", { ...merge });
        break;
      case "drain":
        this.#log.info("draining", { reason: word.reason });
        break;
      case "lend":
      case "acknowledge":
        break;
      default:
        unreachable(word);
    }
  }
}
