// Lives what the core decides: the payloads and their outputs. The core's turns are core-runner.ts's (R1: one event after
// the other), the link and the way out are peer-agent.ts's (G1, G2: no failure unheard, nothing left behind).

import { join } from "node:path";
import { unreachable } from "../../shared/core/assert.js";
import type { Clock } from "../../shared/core/clock.js";
import { handInFolder } from "../../shared/core/names.js";
import type { Rng } from "../../shared/core/rng.js";
import { errorMessage } from "../../shared/io/error-code.js";
import { UnderWay } from "../../shared/io/under-way.js";
import { CoreRunner } from "../../shared/io/core-runner.js";
import { logLimit, type LogLimit } from "../../shared/io/log-limit.js";
import type { Logger } from "../../shared/io/logger.js";
import { logWord, PeerAgent } from "../../shared/io/peer-agent.js";
import { roomMessage, withRoom } from "../../shared/io/room.js";
import type { ServiceEnd } from "../../shared/io/service-process.js";
import { step, wakeAtMs } from "../core/actor.js";
import { SlotBook } from "../core/slot-book.js";
import { newActor, tallyOf, type ActorSettings, type ActorTally } from "../core/state.js";
import type { ActorAction, ActorEvent } from "../core/step.js";
import { leftResults, type JobResults } from "../core/outbox.js";
import { writeHandIn } from "./hand-in.js";
import { actorMetrics, type ActorMetrics } from "./metrics.js";
import { News } from "./news.js";
import type { PayloadOptions } from "./payload-environment.js";
import { payloadsOf } from "./payloads.js";
import type { PutOutput } from "./put-threads.js";
import { RunPlaces } from "./run-places.js";
import { Runs } from "./runs.js";
import type { Scratch } from "./scratch.js";
import { StageOut } from "./stage-out.js";
import { fromWire, newsToWire, toWire, WireClient, type WireRequest, type WireResponse } from "./wire.js";

export interface AgentOptions {
  readonly workdir: string;
  readonly putOutput: PutOutput;
  readonly scratch: Scratch;
  readonly settings: ActorSettings;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  readonly payloads: PayloadOptions & { readonly scratchBytesMin: number };
  /** How long the allocation had been lent when the actor began; undefined when nobody knows. */
  readonly allocationAgeMs: number | undefined;
  /** What a drain by signal gives to ranges that run. */
  readonly drainGraceMs: number;
  /** Between tries to reach the driver; by default as driver-link.ts says. */
  readonly backoff?: { readonly firstMs: number; readonly lastMs: number };
}

export class Agent {
  readonly metrics: ActorMetrics;
  readonly #options: AgentOptions;
  readonly #runs: Runs;
  readonly #handIns = new UnderWay();
  /** Where results are left for the next driver, and whether they are there. */
  readonly #leftIn = new Map<string, boolean>();
  /** So much is left of the node's wall time. */
  readonly tellTimeLeft: (leftMs: number) => void;
  readonly #news: News;
  readonly #slotBook: SlotBook;
  readonly #waitLines: LogLimit;
  /** What no driver has acknowledged. */
  readonly #left: () => { readonly run: string | undefined; readonly jobs: readonly JobResults[] };
  /** Why outputs wait to be stored, in a sentence; undefined when none does. */
  #waitsFor: string | undefined;
  readonly #peer: PeerAgent<WireClient, WireRequest, WireResponse>;

  constructor(options: AgentOptions) {
    const { settings, clock, log } = options;
    this.#options = options;
    this.#waitLines = logLimit(clock, waitLines.max, waitLines.intervalMs);
    const actor = newActor(settings);
    const fail = (error: unknown): void => this.#peer.fail(error);
    const tally = (): ActorTally => tallyOf(actor);
    this.#left = () => ({ run: actor.run, jobs: leftResults(actor.outbox) });
    const runner = new CoreRunner<ActorEvent, ActorAction>({
      clock,
      step: (event, nowMs) => step(actor, event, nowMs),
      wakeAtMs: (nowMs) => wakeAtMs(actor, nowMs),
      act: (action) => this.#act(action),
      note: (event) => note(log, event),
      fail,
    });
    this.tellTimeLeft = (leftMs) => runner.tell({ kind: "wall-time-told", endsAtMs: clock.nowMs() + leftMs });
    const slotBook = new SlotBook(settings.slots, clock.nowMs());
    this.#slotBook = slotBook;
    this.#news = new News({ clock, tally, slotBook, send: (news) => this.#peer.send(newsToWire(news)) });
    this.metrics = actorMetrics(settings.slots, tally, this.#news.latencies);
    const payload = payloadsOf({ ...options, ...options.payloads, fail });
    this.#runs = new Runs({
      ...options,
      payload,
      places: new RunPlaces(options.scratch),
      stageOut: new StageOut(options.workdir, {
        putOutput: options.putOutput,
        onWait: (why) => this.#noteWait(why, runner),
      }),
      metrics: this.metrics,
      slotBook,
      count: (figure, ms) => this.#news.count(figure, ms),
      progress: (held, events) => this.#news.progress(held, events),
      tell: (event) => runner.tell(event),
    });
    this.#peer = new PeerAgent({
      ...options,
      role: "actor",
      runner,
      tally,
      client: WireClient,
      open: (client) => client.actorSession(),
      onMessage: (response) => {
        for (const message of fromWire(response)) {
          if (message.word.kind === "acknowledge") this.#news.acknowledged(message.word.numbers);
          runner.tell({ kind: "message", message });
        }
      },
      endWork: () => this.#endWork(),
    });
  }

  /** Why the actor is not at work, in a sentence; undefined when it is. */
  notReady(): string | undefined {
    return this.#peer.notReady() ?? this.#waitsFor;
  }

  /** To the end of the actor. `stop` asks it to drain. */
  async run(stop: AbortSignal): Promise<ServiceEnd> {
    const endNews = this.#news.begin();
    try {
      const { exit, reason } = await this.#peer.run(stop);
      return { exit, reason: `${reason}${this.#whereLeft()}` };
    } catch (error) {
      await this.#leaveAll(); // What it knows is not to be trusted any more, but what payloads have done is done (P6).
      throw error;
    } finally {
      endNews();
    }
  }

  /** What became of what no driver has acknowledged, and what is to be done; empty when there is nothing of the kind. */
  #whereLeft(): string {
    const folders = [...this.#leftIn.keys()].join(", ");
    if (folders === "") return "";
    return [...this.#leftIn.values()].every(Boolean)
      ? `: what came of them lies in ${folders}, where a driver finds it (noctua driver --workdir ${this.#options.workdir})`
      : `: what came of them could not be left in ${folders}, and is done again`;
  }

  /** Outputs wait for room, or none does any more. */
  #noteWait(why: string | undefined, runner: Pick<CoreRunner<ActorEvent, ActorAction>, "tell">): void {
    const { log } = this.#options;
    const leftOut = this.#waitLines.next();
    if (leftOut !== undefined && why === undefined) log.info("outputs are stored again", { leftOut });
    if (leftOut !== undefined && why !== undefined)
      log.warn("outputs wait to be stored", { why, hint, leftOut });
    if ((why === undefined) !== (this.#waitsFor === undefined))
      runner.tell({ kind: "storage-told", isWaiting: why !== undefined });
    this.#waitsFor = why;
    this.#news.waits(why);
  }

  #act(action: ActorAction): void {
    switch (action.kind) {
      case "send":
        this.#news.before(action.message);
        this.#peer.send(toWire(action.message));
        break;
      case "start-range":
        this.#runs.start(action);
        break;
      case "recall-range":
        this.#runs.recall(action.held);
        break;
      case "abort-range":
      case "stop-storing":
        this.#runs.abort(action.held);
        break;
      case "end-job":
        this.#runs.endJob(action.job);
        break;
      case "count-lost":
        this.#slotBook.lost(action.job, action.slotMs);
        break;
      case "remove-output":
        this.#runs.removeOutput(action);
        break;
      case "hand-in":
        for (const job of action.jobs) this.#handIns.follow(this.#handIn(action.run, job));
        break;
      case "close-link":
      case "exit":
        this.#peer.act(action);
        break;
      default:
        unreachable(action);
    }
  }

  async #endWork(): Promise<void> {
    await Promise.all([this.#runs.close(), this.#handIns.settle(handInMsMax)]);
  }

  /** Never rejects. */
  async #leaveAll(): Promise<void> {
    const { run, jobs } = this.#left();
    if (run !== undefined) await Promise.all(jobs.map((job) => this.#handIn(run, job)));
  }

  /** Never rejects: what can't be left is done again. */
  async #handIn(run: string, left: JobResults): Promise<void> {
    const { workdir, settings, log } = this.#options;
    const { actor, incarnation, node } = settings;
    const folder = join(workdir, handInFolder(left.job));
    this.#leftIn.set(folder, false);
    try {
      const origin = { run, actor, incarnation, node: node.name };
      const onWait = (error: unknown): void =>
        log.warn("results wait to be left for the next driver", { job: left.job, error: roomMessage(error) });
      const write = (): Promise<readonly string[]> => writeHandIn(workdir, origin, left);
      const files = await withRoom(write, { waitMs: handInMsMax, onWait }, never);
      this.#leftIn.set(folder, true);
      log.info("left for the next driver", { job: left.job, files });
    } catch (error) {
      log.error("results can't be left for the next driver, and their ranges will be done again", {
        job: left.job,
        error: errorMessage(error),
      });
    }
  }
}

/** A file system that has a little room now and then must not fill the log. */
const waitLines = { max: 10, intervalMs: 60_000 };
const hint = "nothing is lost: make room, or mend the file system, and they are stored by themselves";

/** What is left behind is to be in the workdir by then (P10). */
const handInMsMax = 10_000;
/** Nobody calls it off: its limit does. */
const never = new AbortController().signal;

/** One line for each fact that a person on call would want. */
function note(log: Logger, event: ActorEvent): void {
  if (event.kind === "drain-requested") log.info("draining", { reason: event.reason });
  if (event.kind !== "message") return;
  const { epoch, word } = event.message;
  switch (word.kind) {
    case "grant":
    case "acknowledge":
    case "revoke":
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
