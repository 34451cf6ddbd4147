// For tests: an actor that is told things, and what it said and wanted done.

import { epochNumber, grantNumber, jobNumber, sessionNumber, type JobNumber } from "../../shared/core/id.js";
import type { JobSpec } from "../../shared/core/job-spec.js";
import { anInput, wholeSpec } from "../../shared/core/testing-spec.js";
import { spansOfAscending } from "../../shared/core/spans.js";
import { step, wakeAtMs } from "./actor.js";
import type { HeldRange } from "./held.js";
import type { ActorMessage, DriverWord, HeldGrant } from "./message.js";
import type { RangeOutput } from "./outbox.js";
import { contradictionOf, newActor, type Actor, type ActorSettings } from "./state.js";
import type { ActorAction, ActorEvent, RangeOutcome } from "./step.js";
import { noNeeds } from "../../shared/core/payload-needs.js";

export function settingsOf(changes: Partial<ActorSettings> = {}): ActorSettings {
  return {
    actor: "node-1",
    incarnation: "first-process",
    node: { name: "node-1", cores: 4, labels: { site: "here" }, process: undefined },
    slots: 2,
    allocationEndsAtMs: undefined,
    prefetchMs: 5_000,
    prefetchMax: 1_000,
    stagingMax: 16,
    handInMs: 5_000,
    welcomeWaitMs: 60_000,
    ...changes,
  };
}

export const job1 = jobNumber(1);

/** A job of a million events, for which a test need not count. */
export function specOf(changes: Partial<JobSpec> = {}): JobSpec {
  return wholeSpec({ inputs: [anInput({ events: 1_000_000 })], ...changes });
}

/** A payload of processes that live for many ranges. */
export const streamPayload = {
  kind: "stream",
  command: ["serve"],
  slotsPerProcess: 1,
  startTimeoutMs: 60_000,
  timeoutMs: 60_000,
  needs: noNeeds,
} as const;

export function heldRange(grant: number, range: number, job: JobNumber = job1): HeldRange {
  return { job, grant: grantNumber(grant), range };
}

export function heldGrant(grant: number, ranges: readonly number[], job: JobNumber = job1): HeldGrant {
  return { job, grant: grantNumber(grant), spans: spansOfAscending(ranges) };
}

export const anOutput: RangeOutput = { kind: "output", sizeBytes: 10, adler32: 7, wallMs: 1_000 };

type Kind<Union extends { kind: string }, Name extends Union["kind"]> = Extract<Union, { kind: Name }>;

/** An actor with its clock, checked after each step. */
export class ToldActor {
  readonly actor: Actor;
  nowMs = 0;
  /** All that it wanted done since the last `take`. */
  #actions: ActorAction[] = [];

  constructor(changes: Partial<ActorSettings> = {}) {
    this.actor = newActor(settingsOf(changes));
  }

  tell(event: ActorEvent): readonly ActorAction[] {
    const actions = step(this.actor, event, this.nowMs);
    const flaw = contradictionOf(this.actor);
    if (flaw !== undefined) throw new Error(flaw);
    this.#actions.push(...actions);
    return actions;
  }

  hear(word: DriverWord, epoch = 1): readonly ActorAction[] {
    return this.tell({ kind: "message", message: { epoch: epochNumber(epoch), word } });
  }

  /** Lets time pass, with each tick that is due on the way. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const atMs = wakeAtMs(this.actor, this.nowMs);
      if (atMs === undefined || atMs > endMs) break;
      this.nowMs = atMs;
      this.tell({ kind: "tick" });
    }
    this.nowMs = endMs;
  }

  /** A link that is up, and its hello answered. */
  join(session = 1, epoch = 1): this {
    this.tell({ kind: "link-up" });
    this.hear(welcomeTo(session), epoch);
    return this;
  }

  /** Joined, with job 1 open. */
  atWork(): this {
    this.join();
    this.open();
    return this;
  }

  open(job: JobNumber = job1): readonly ActorAction[] {
    return this.hear({ kind: "open-job", job, spec: specOf() });
  }

  grant(grant: number, ranges: readonly number[], job: JobNumber = job1): readonly ActorAction[] {
    return this.hear({ kind: "grant", alone: false, ...heldGrant(grant, ranges, job) });
  }

  end(held: HeldRange, outcome: RangeOutcome = anOutput): readonly ActorAction[] {
    return this.tell({ kind: "range-ended", held, outcome });
  }

  acknowledge(...numbers: number[]): readonly ActorAction[] {
    return this.hear({ kind: "acknowledge", numbers, superseded: [] });
  }

  lose(): readonly ActorAction[] {
    return this.tell({ kind: "link-down", reason: "the driver is gone", fenced: false });
  }

  /** Forgets what was wanted so far. */
  clear(): void {
    this.#actions = [];
  }

  actions<Name extends ActorAction["kind"]>(kind: Name): Kind<ActorAction, Name>[] {
    return this.#actions.filter((action): action is Kind<ActorAction, Name> => action.kind === kind);
  }

  said<Name extends ActorMessage["kind"]>(kind: Name): Kind<ActorMessage, Name>[] {
    return this.actions("send")
      .map(({ message }) => message)
      .filter((message): message is Kind<ActorMessage, Name> => message.kind === kind);
  }

  /** Ranges that were begun, in order. */
  begun(): number[] {
    return this.actions("start-range").map(({ held }) => held.range);
  }
}

export function welcomeTo(session: number, run = "run-1"): DriverWord {
  return {
    kind: "welcome",
    session: sessionNumber(session),
    run,
    flushIntervalMs: 20,
    heartbeatIntervalMs: 10_000,
    leaseMs: 120_000,
  };
}
