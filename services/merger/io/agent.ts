// Lives what the core decides: the merges. The core's turns are core-runner.ts's (R1: one event after the other), the link
// and the way out are peer-agent.ts's (G1, G2: no failure unheard, nothing left behind).

import { unreachable } from "../../shared/core/assert.js";
import type { Clock } from "../../shared/core/clock.js";
import type { Rng } from "../../shared/core/rng.js";
import { CoreRunner } from "../../shared/io/core-runner.js";
import type { Logger } from "../../shared/io/logger.js";
import { logWord, PeerAgent } from "../../shared/io/peer-agent.js";
import type { ServiceEnd } from "../../shared/io/service-process.js";
import { step, wakeAtMs } from "../core/merger.js";
import { newMerger, tallyOf, type MergerSettings, type MergerTally } from "../core/state.js";
import type { MergerAction, MergerEvent } from "../core/step.js";
import { MergeLogs } from "./merge-log.js";
import type { MergeRunOptions } from "./merge-run.js";
import { Merges } from "./merges.js";
import { mergerMetrics, type MergerMetrics } from "./metrics.js";
import { fromWire, toWire, waitToWire, WireClient, type WireRequest, type WireResponse } from "./wire.js";

export interface AgentOptions extends Omit<MergeRunOptions, "onWait"> {
  readonly settings: MergerSettings;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  /** What a drain by signal gives to merges that run. */
  readonly drainGraceMs: number;
  /** Between tries to reach the driver; by default as driver-link.ts says. */
  readonly backoff?: { readonly firstMs: number; readonly lastMs: number };
}

export class Agent {
  readonly metrics: MergerMetrics;
  readonly #merges: Merges;
  readonly #peer: PeerAgent<WireClient, WireRequest, WireResponse>;

  constructor(options: AgentOptions) {
    const { settings, clock, log } = options;
    const merger = newMerger(settings);
    const tally = (): MergerTally => tallyOf(merger);
    const fail = (error: unknown): void => this.#peer.fail(error);
    const runner = new CoreRunner<MergerEvent, MergerAction>({
      clock,
      step: (event, nowMs) => step(merger, event, nowMs),
      wakeAtMs: (nowMs) => wakeAtMs(merger, nowMs),
      act: (action) => this.#act(action),
      note: (event) => note(log, event),
      fail,
    });
    this.metrics = mergerMetrics(settings.slots, tally);
    const tell = (event: MergerEvent): void => runner.tell(event);
    const tellWait = (why: string): void => {
      if (tally().isWelcome) this.#peer.send(waitToWire(why));
    };
    const { merger: name, node } = settings;
    const logs = new MergeLogs({ workdir: options.workdir, merger: name, node: node.name, clock, log });
    this.#merges = new Merges({ ...options, metrics: this.metrics, logs, tell, fail, tellWait });
    this.#peer = new PeerAgent({
      ...options,
      role: "merger",
      runner,
      tally,
      client: WireClient,
      open: (client) => client.mergerSession(),
      onMessage: (response) => runner.tell({ kind: "message", message: fromWire(response) }),
      endWork: () => this.#merges.close(),
    });
  }

  /** Why the merger is not at work, in a sentence; undefined when it is. */
  notReady(): string | undefined {
    return this.#peer.notReady();
  }

  /** To the end of the merger. `stop` asks it to drain. */
  run(stop: AbortSignal): Promise<ServiceEnd> {
    return this.#peer.run(stop);
  }

  #act(action: MergerAction): void {
    switch (action.kind) {
      case "send":
        this.#peer.send(toWire(action.message));
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
      case "exit":
        this.#peer.act(action);
        break;
      default:
        unreachable(action);
    }
  }
}

/** One line for each fact that a person on call would want. */
function note(log: Logger, event: MergerEvent): void {
  if (event.kind === "drain-requested") log.info("draining", { reason: event.reason });
  if (event.kind !== "message") return;
  const { epoch, word } = event.message;
  switch (word.kind) {
    case "revoke":
      for (const merge of word.merges) log.info("merge revoked", { ...merge });
      break;
    case "lend":
    case "lend-part":
    case "acknowledge":
      break;
    case "welcome":
    case "open-job":
    case "extend-job":
    case "close-job":
    case "drain":
    case "hand-back":
      logWord(log, epoch, word);
      break;
    default:
      unreachable(word);
  }
}
