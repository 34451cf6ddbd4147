// One range, from its slot to its outcome: run the payload, free the slot, store the output, clean up.
//
//   R1. The slot is free when the payload's processes are gone; storing the output holds nobody up.
//   R2. A range always comes to one outcome, whatever fails.

import { dirname } from "node:path";
import { present } from "../../shared/core/assert.js";
import type { EventRange } from "../../shared/core/event-range.js";
import type { InputFile, JobSpec } from "../../shared/core/job-spec.js";
import { outputPath } from "../../shared/core/names.js";
import type { HeldRange } from "../core/held.js";
import type { ActorAction, RangeOutcome } from "../core/step.js";
import {
  endOfError,
  unprepared,
  type LastingPayload,
  type PayloadEnd,
  type PayloadRun,
  type Preparation,
} from "./payload.js";
import type { RunPlace, RunPlaces } from "./run-places.js";
import { judgedBySpace } from "./scratch-space.js";
import type { StageOut } from "./stage-out.js";

/** What the wire can carry: 49 days. */
const wallMsMax = 2 ** 32 - 1;

export interface RangeTools {
  readonly payload: LastingPayload;
  readonly places: RunPlaces;
  readonly stageOut: StageOut;
}

/** Who is told how runs go. */
export interface RunKeeper {
  /** The program has begun with it. */
  begun(run: RangeRun): void;
  /** The program has been told of it, or been started for it. */
  handedOver(run: RangeRun): void;
  /** So many of its events are done. */
  progressed(run: RangeRun, events: number): void;
  /** Its program has ended well: the slot is free, and the output is being stored (R1). */
  storing(run: RangeRun): void;
  /** Told last, and once (R2). */
  over(run: RangeRun, outcome: RangeOutcome): void;
}

type StartRange = Extract<ActorAction, { kind: "start-range" }>;

export class RangeRun implements PayloadRun {
  readonly slot: number;
  readonly held: HeldRange;
  readonly alone: boolean;
  readonly spec: JobSpec;
  readonly input: InputFile;
  readonly events: EventRange;
  prepared: Preparation = unprepared;
  readonly recalls: number;
  isAborted = false;
  isRecalled = false;
  /** Its keeper's: it has its slot's time; since when; and at its end how long. */
  isRunning = false;
  beganAtMs = 0;
  ranMs = 0;
  isStoring = false;
  readonly #tools: RangeTools;
  readonly #keeper: RunKeeper;
  #place: RunPlace | undefined;
  /** Of its output's wait to be stored. */
  #wait: AbortController | undefined;

  constructor({ slot, held, alone, recalls, plan }: StartRange, tools: RangeTools, keeper: RunKeeper) {
    const { spec, layout } = plan;
    this.slot = slot;
    this.held = held;
    this.alone = alone;
    this.recalls = recalls;
    this.spec = spec;
    this.events = layout.locate(held.range);
    this.input = present(layout.inputs[this.events.input], "input of the range");
    this.#tools = tools;
    this.#keeper = keeper;
  }

  get folder(): string | undefined {
    return this.#place?.folder;
  }

  get output(): string | undefined {
    return this.#place?.output;
  }

  start(): void {
    const place = this.#tools.places.placeFor(this);
    if (!(place instanceof Promise)) this.#startIn(place);
    else
      place.then(
        (made) => this.#startIn(made),
        (error: unknown) => this.onEnd(endOfError(this, error)),
      );
  }

  /** Ends the program, or the wait to be stored; an output that is being stored is stored all the same. */
  abort(): void {
    this.isAborted = true;
    this.#wait?.abort();
    if (!this.isStoring) this.#tools.payload.abort(this);
  }

  /** Ends it if no program has begun it. */
  recall(): void {
    this.isRecalled = true;
    this.#tools.payload.recall(this);
  }

  onBegin(): void {
    this.#keeper.begun(this);
  }

  onHandOver(): void {
    this.#keeper.handedOver(this);
  }

  onProgress(events: number): void {
    this.#keeper.progressed(this, events);
  }

  onEnd(end: PayloadEnd): void {
    this.prepared.giveBack?.();
    if (end.kind === "failure") void this.#fail(end);
    else if (end.kind !== "made") this.#leave(end);
    else {
      const wallMs = Math.min(end.wallMs, wallMsMax);
      const { output } = this;
      if (output === undefined) this.#leave({ kind: "done", wallMs });
      else void this.#store(output, wallMs);
    }
  }

  #startIn(place: RunPlace): void {
    this.#place = place;
    if (this.isAborted) this.onEnd({ kind: "aborted" });
    else this.#tools.payload.start(this);
  }

  /** Never rejects. */
  async #store(from: string, wallMs: number): Promise<void> {
    const { held, events, spec } = this;
    this.isStoring = true;
    this.#keeper.storing(this);
    const to = outputPath({ ...held, events }, spec.outputSuffix);
    const output = { from, to, durability: spec.durability };
    const staged = await this.#tools.stageOut.store(output, () => this.#endOfWait());
    if (staged.kind === "failure") await this.#fail(staged);
    else if (staged.kind === "aborted") this.#leave(staged);
    else {
      const { sizeBytes, adler32 } = staged;
      this.#leave({ kind: "output", sizeBytes, adler32, wallMs });
    }
  }

  /** Made where it is needed: as a rule no output waits. */
  #endOfWait(): AbortSignal {
    this.#wait ??= new AbortController();
    if (this.isAborted) this.#wait.abort();
    return this.#wait.signal;
  }

  /** Looks at the scratch before anything is removed there. Never rejects. */
  async #fail(failure: Extract<RangeOutcome, { kind: "failure" }>): Promise<void> {
    const path = this.folder ?? this.output;
    const outcome =
      path === undefined
        ? failure
        : await judgedBySpace(failure, dirname(path)).catch((error: unknown) => endOfError(this, error));
    this.#leave(outcome);
  }

  #leave(outcome: RangeOutcome): void {
    this.#place?.leave(outcome.kind === "output");
    this.#keeper.over(this, outcome);
  }
}
