// For tests: a driver's core that is told things, turn by turn, and what it said and wanted done.
//
// After each turn the farm is checked (testing-sanity.ts): it must not contradict itself, and the facts so far must give
// the same farm again.

import { present } from "../../../shared/core/assert.js";
import type { Moment } from "../../../shared/core/clock.js";
import { failureOf, type FailureClass } from "../../../shared/core/failure.js";
import {
  epochNumber,
  grantNumber,
  groupNumber,
  jobNumber,
  type SessionNumber,
} from "../../../shared/core/id.js";
import type { InputFile, JobSpec } from "../../../shared/core/job-spec.js";
import { eachRange, spansOfAscending } from "../../../shared/core/spans.js";
import { containOld } from "../apply/contain.js";
import type { Command, Hello, JobOutputs, MergeOutcome } from "../facts/command.js";
import type { Effect } from "../facts/effect.js";
import type { NodeAnswer, NodeControl } from "../facts/fact-node.js";
import type {
  AddAnswer,
  ControlAnswer,
  DurableFact,
  GrantedSpans,
  JobControl,
  MergeGrant,
  SessionRole,
  StreamKey,
  SubmitAnswer,
} from "../facts/fact.js";
import { emptyFarm, sessionOfStream, type Farm } from "../state/farm.js";
import type { Job } from "../state/job.js";
import { defaultRules, type Rules } from "../rules.js";
import { checkNoFault } from "./testing-faults.js";
import { confirmationOf, pendingFiles } from "./testing-files.js";
import { checkFarm, checkLent } from "./testing-sanity.js";
import { aSpec } from "./testing-spec.js";
import { checkFinal } from "./testing-unproven.js";
import { realParts, turnWith, type Turn, type TurnParts } from "../turn.js";

type Kind<Union extends { kind: string }, Name extends Union["kind"]> = Extract<Union, { kind: Name }>;

/** Outputs under one grant; size and checksum tell which range they are of. */
export function outputsOf(grant: number, ranges: readonly number[], job = 1): JobOutputs {
  const spans = spansOfAscending(ranges);
  return {
    job: jobNumber(job),
    spans,
    grant: spans.first.map(() => grantNumber(grant)),
    sizeBytes: ranges.map((range) => 100 + range),
    adler32: ranges.map((range) => 1_000 + range),
    wallMs: ranges.map(() => 10),
  };
}

export function granted(grant: number, ranges: readonly number[], job = 1): GrantedSpans {
  return { job: jobNumber(job), grant: grantNumber(grant), spans: spansOfAscending(ranges) };
}

export function mergeOf(group: number, grant: number, job = 1): MergeGrant {
  return { job: jobNumber(job), group: groupNumber(group), grant: grantNumber(grant) };
}

/** A grant, with its ranges written out. */
export interface PlainGrant {
  readonly grant: number;
  readonly ranges: readonly number[];
}

export class ToldDriver {
  farm: Farm = emptyFarm();
  /** All durable facts so far. */
  readonly journal: DurableFact[] = [];
  readonly rules: Rules;
  nowMs = 1_000;
  /** What its turns are made of; who plants a bug says so. */
  parts: TurnParts = realParts;
  /** All effects since the last `forget`. */
  #effects: Effect[] = [];
  #lastStream = 0;
  #lastReply = 0;

  constructor(rules: Partial<Rules> = {}) {
    // Nobody else is waited for, as where no other node can reach the driver.
    this.rules = { ...defaultRules, witnessWaitMs: 0, ...rules };
    this.tell({ kind: "start-driver", epoch: epochNumber(1), run: "run-1" });
  }

  get moment(): Moment {
    return { nowMs: this.nowMs, unixMs: 1_700_000_000_000 + this.nowMs };
  }

  /** One turn. */
  tell(...commands: readonly Command[]): Turn {
    const turn = turnWith(this.parts)(this.farm, commands, this.moment, this.rules);
    if (this.parts === realParts) checkNoFault(turn);
    this.journal.push(...turn.durable);
    this.#effects.push(...turn.effects);
    checkFarm(this.farm, this);
    checkLent(this.farm, turn.durable);
    checkFinal(this, turn.durable);
    return turn;
  }

  /** The driver is killed, and another one starts from the journal. All streams are gone. */
  restart(): void {
    const { epoch, run } = this.farm;
    this.farm = emptyFarm();
    for (const fact of this.journal) containOld(this.farm, fact, this.parts.apply);
    this.tell({ kind: "start-driver", epoch: epochNumber(epoch + 1), run });
  }

  /** Lets time pass, and the clock strike each second of it. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(endMs, this.nowMs + 1_000);
      this.tell({ kind: "tick" });
    }
  }

  submit(spec: JobSpec = aSpec(), requestId = "request-1"): SubmitAnswer {
    this.#lastReply += 1;
    const { effects } = this.tell({ kind: "submit-job", reply: this.#lastReply, requestId, spec });
    const answers = effects.filter((effect) => effect.kind === "answer-submit");
    return present(answers[0], "answer to the submission").answer;
  }

  /** What a user is told of what it asked of job 1, unless said otherwise. */
  control(
    control: JobControl,
    { job = 1, requestId = control }: { job?: number; requestId?: string } = {},
  ): ControlAnswer {
    this.#lastReply += 1;
    const reply = this.#lastReply;
    const { effects } = this.tell({ kind: "control-job", reply, requestId, job: jobNumber(job), control });
    const answers = effects.filter((effect) => effect.kind === "answer-control");
    return present(answers[0], "answer to the control").answer;
  }

  /** What a user is told of what it asked of a node. */
  controlNode(
    control: NodeControl,
    node: string,
    { requestId = `${control} ${node}`, reason = "" }: { requestId?: string; reason?: string } = {},
  ): NodeAnswer {
    this.#lastReply += 1;
    const reply = this.#lastReply;
    const { effects } = this.tell({ kind: "control-node", reply, requestId, node, control, reason });
    const answers = effects.filter((effect) => effect.kind === "answer-node");
    return present(answers[0], "answer to the control").answer;
  }

  /** What a client is told of inputs that it wanted added to job 1, unless said otherwise. */
  add(
    inputs: readonly InputFile[],
    { job = 1, requestId = `add ${String(this.#lastReply)}` }: { job?: number; requestId?: string } = {},
  ): AddAnswer {
    this.#lastReply += 1;
    const reply = this.#lastReply;
    const { effects } = this.tell({ kind: "add-ranges", reply, requestId, job: jobNumber(job), inputs });
    const answers = effects.filter((effect) => effect.kind === "answer-add");
    return present(answers[0], "answer to the addition").answer;
  }

  /** Job 1, unless said otherwise. */
  job(number = 1): Job {
    return present(this.farm.jobs.get(jobNumber(number)), "job");
  }

  actor(hello: Partial<Hello> = {}): Peer {
    return this.#join("actor", hello);
  }

  merger(hello: Partial<Hello> = {}): Peer {
    return this.#join("merger", hello);
  }

  /** Confirms what the driver has to do with files, until nothing is left to do. */
  workFiles(): void {
    for (let some = pendingFiles(this.farm); some.length > 0; some = pendingFiles(this.farm))
      this.tell(...some.map(confirmationOf));
  }

  effects<Name extends Effect["kind"]>(kind: Name): Kind<Effect, Name>[] {
    return this.#effects.filter((effect): effect is Kind<Effect, Name> => effect.kind === kind);
  }

  facts<Name extends DurableFact["kind"]>(kind: Name): Kind<DurableFact, Name>[] {
    return this.journal.filter((fact): fact is Kind<DurableFact, Name> => fact.kind === kind);
  }

  /** What was said on a stream. */
  effectsOn(stream: StreamKey): Effect[] {
    return this.#effects.filter((effect) => "stream" in effect && effect.stream === stream);
  }

  forget(): void {
    this.#effects = [];
  }

  #join(role: SessionRole, hello: Partial<Hello>): Peer {
    this.#lastStream += 1;
    const whole = { role, name: role, incarnation: "first process", node: "node-1", slots: 2 };
    const nothing = { labels: {}, allocationEndsAtMs: undefined, ranges: [], merges: [] };
    return new Peer(this, this.#lastStream, { ...whole, ...nothing, ...hello });
  }
}

/** An actor or a merger, on one stream that it has just said hello on. */
export class Peer {
  readonly stream: StreamKey;
  readonly #driver: ToldDriver;

  constructor(driver: ToldDriver, stream: StreamKey, hello: Hello) {
    this.#driver = driver;
    this.stream = stream;
    driver.tell({ kind: "open-session", stream, hello });
  }

  /** Its session, while the stream has one. */
  get session(): SessionNumber | undefined {
    return sessionOfStream(this.#driver.farm, this.stream)?.number;
  }

  ask(credit: number): this {
    this.#driver.tell({ kind: "raise-demand", stream: this.stream, credit });
    return this;
  }

  say(kind: "hear" | "start-draining" | "detach-stream" | "leave"): this {
    this.#driver.tell({ kind, stream: this.stream });
    return this;
  }

  report(report: Partial<Omit<Kind<Command, "report-results">, "kind" | "stream">>): Turn {
    const whole = { number: 1, outputs: [], failures: [], returned: [], suspected: [], ...report };
    return this.#driver.tell({ kind: "report-results", stream: this.stream, ...whole });
  }

  done(grant: number, ranges: readonly number[], job = 1): Turn {
    const outputs = outputsOf(grant, ranges, job);
    const isStored = this.#driver.job(job).spec.outputs === "files";
    return this.report({ outputs: [isStored ? outputs : { ...outputs, sizeBytes: [], adler32: [] }] });
  }

  fail(grant: number, range: number, failureClass: FailureClass = "transient"): Turn {
    const failure = failureOf(failureClass, `${failureClass} failure`);
    return this.report({ failures: [{ job: jobNumber(1), range, grant: grantNumber(grant), failure }] });
  }

  giveBack(grant: number, ranges: readonly number[]): Turn {
    return this.report({ returned: [granted(grant, ranges)] });
  }

  reportMerge(merge: MergeGrant, outcome: MergeOutcome, number = 1): Turn {
    return this.#driver.tell({ kind: "report-merge", stream: this.stream, number, merge, outcome });
  }

  merged(merge: MergeGrant): Turn {
    return this.reportMerge(merge, {
      kind: "merged",
      file: { sizeBytes: 1_000, adler32: 77, events: 10, guid: "" },
    });
  }

  failMerge(merge: MergeGrant, lost: readonly number[] = []): Turn {
    const failure = failureOf("transient", "the merge command ended with exit code 2");
    return this.reportMerge(merge, { kind: "failed", failure, lost: spansOfAscending(lost) });
  }

  /** Ranges that it was sent, by grant. */
  grants(): PlainGrant[] {
    const sent = this.#driver.effects("send-grant").filter(({ stream }) => stream === this.stream);
    return sent.map(({ grant }) => ({ grant: grant.grant, ranges: [...eachRange(grant.spans)] }));
  }

  /** Merge groups that it was sent. */
  merges(): MergeGrant[] {
    return this.#driver
      .effects("send-merge")
      .filter(({ stream }) => stream === this.stream)
      .map(({ merge }) => merge);
  }

  /** The answer to its last report: what was acknowledged, or else what was said instead. */
  answer(): unknown {
    const effect = this.#driver.effectsOn(this.stream).findLast(({ kind }) => kind !== "send-grant");
    if (effect?.kind !== "acknowledge-results") return effect;
    return { number: effect.number, superseded: effect.superseded };
  }

  /** What was said to it, by kind, in order. */
  heard(): Effect["kind"][] {
    return this.#driver.effectsOn(this.stream).map(({ kind }) => kind);
  }
}
