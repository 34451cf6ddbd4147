// For tests: a driver that is told anything by anybody, in whatever order. What is done next is for the test to draw; the
// details are drawn from dice, out of what there is then.

import { present } from "../../../shared/core/assert.js";
import { failureClasses, failureOf } from "../../../shared/core/failure.js";
import { grantNumber, groupNumber, type GrantNumber } from "../../../shared/core/id.js";
import { seededRng, type Rng } from "../../../shared/core/rng.js";
import { eachRange, spansOf, spansOfAscending } from "../../../shared/core/spans.js";
import type { Command, Hello, JobOutputs, RangeResults, ReportedFailure } from "../facts/command.js";
import { nodeControls } from "../facts/fact-node.js";
import { jobControls, type GrantedSpans, type MergeGrant } from "../facts/fact.js";
import type { Session } from "../state/farm.js";
import type { Job } from "../state/job.js";
import { ToldDriver } from "./testing.js";
import { eager, labels, walkSpecs as specs } from "./testing-walk-specs.js";
import { anInput } from "../../../shared/core/testing-spec.js";

export const leaseMs = 30_000;

export type Action =
  | "submit"
  | "actor's hello"
  | "merger's hello"
  | "ask"
  | "results"
  | "hand-in"
  | "merge result"
  | "leave"
  | "wait"
  | "copies"
  | "restart"
  | "control"
  | "node"
  | "add"
  | "file work";

/** How often each is drawn, against the others. */
export const weights: Readonly<Record<Action, number>> = {
  submit: 1,
  "actor's hello": 3,
  "merger's hello": 2,
  ask: 6,
  results: 10,
  "hand-in": 1,
  "merge result": 5,
  leave: 2,
  wait: 1,
  copies: 4,
  restart: 1,
  control: 1,
  node: 1,
  add: 2,
  "file work": 3,
};

/** One thing that is done. */
export interface Step {
  readonly action: Action;
  readonly dice: number;
}

export class Walk {
  readonly driver = new ToldDriver({
    leaseMs,
    stallMs: 60_000,
    copies: eager,
    witnessWaitMs: leaseMs / 2,
    goneNodesMax: 2,
    drainedNodesMax: 1,
  });
  #rng: Rng = seededRng(0);
  #streams = 1_000;

  constructor() {
    this.driver.submit(specs[0], "a");
  }

  take({ action, dice }: Step): void {
    this.#rng = seededRng(dice);
    const { driver } = this;
    if (action === "restart") driver.restart();
    else if (action === "wait") this.#tick(1.5 * leaseMs);
    else if (action === "copies") {
      driver.tell(...this.#askForMore());
      this.#tick(2_000);
      this.#tick(2_000);
    } else driver.tell(...Array.from({ length: this.#number(1, 3) }, () => this.#commands(action)).flat());
  }

  #commands(action: Exclude<Action, "restart" | "wait" | "copies">): Command[] {
    const spec = this.#pick(specs);
    switch (action) {
      case "submit":
        return [{ kind: "submit-job", reply: 1, requestId: this.#pick(["a", "b", "d", "e"]), spec }];
      case "control": {
        const control = this.#pick(jobControls);
        const requestId = this.#pick(["a", "c", String(this.#number(1, 1_000))]);
        return [{ kind: "control-job", reply: 1, requestId, job: this.#job().number, control }];
      }
      case "node":
        return [this.#nodeControl()];
      case "add":
        return [this.#addition()];
      case "actor's hello":
        return [this.#hello("actor")];
      case "merger's hello":
        return [this.#hello("merger")];
      case "ask":
        return [
          { kind: "raise-demand", stream: this.#stream("actor"), credit: this.#number(0, 30) },
          { kind: "raise-demand", stream: this.#stream("merger"), credit: this.#number(0, 10) },
          { kind: "tell-wait", stream: this.#stream("actor"), waitsFor: this.#pick(["", "no room"]) },
        ];
      case "results":
        return [this.#results()];
      case "hand-in":
        return [this.#handIn(), this.#lost()];
      case "merge result":
        return [this.#mergeResult()];
      case "leave": {
        const kind = this.#pick(["hear", "detach-stream", "leave", "start-draining"] as const);
        return [{ kind, stream: this.#stream(this.#pick(["actor", "merger"] as const)) }];
      }
      case "file work":
        return [this.#confirmation()];
    }
  }

  #nodeControl(): Command {
    const requestId = this.#pick(["a", "c", String(this.#number(1, 1_000))]);
    const [node, control] = [this.#pick(["node-a", "node-b", "node-x"]), this.#pick(nodeControls)];
    return { kind: "control-node", reply: 1, requestId, node, control, reason: this.#pick(["", "repair"]) };
  }

  /** Now and then of events that the job has, or under an id that was used. */
  #addition(): Command {
    const requestId = this.#pick(["a", "c", "f", String(this.#number(1, 1_000))]);
    const inputs = this.#some(() => {
      const path = `/in/${this.#pick(["1", "x", "y"])}.lhe`;
      return anInput({ path, firstEvent: this.#number(1, 100), events: this.#number(1, 8) });
    });
    return { kind: "add-ranges", reply: 1, requestId, job: this.#job().number, inputs };
  }

  /** Lets some time pass, and the clock strike. */
  #tick(mostMs: number): void {
    this.driver.nowMs += Math.floor(this.#rng.next() * mostMs);
    this.driver.tell({ kind: "tick" });
  }

  /** Everybody asks: whoever has a free slot is there for copies. */
  #askForMore(): Command[] {
    return [...this.driver.farm.sessions.values()].flatMap(({ role, attachment }) =>
      role === "actor" && attachment.kind === "attached"
        ? [{ kind: "raise-demand", stream: attachment.stream, credit: attachment.granted + 5 }]
        : [],
    );
  }

  #number(least: number, most: number): number {
    return least + Math.floor(this.#rng.next() * (most - least + 1));
  }

  #isLikely(chance = 0.8): boolean {
    return this.#rng.next() < chance;
  }

  #pick<Item>(items: readonly Item[]): Item {
    return present(items[this.#number(0, items.length - 1)], "item");
  }

  /** Mostly of a session that there is. */
  #session(role: "actor" | "merger"): Session | undefined {
    const sessions = [...this.driver.farm.sessions.values()].filter((session) => session.role === role);
    return sessions.length > 0 && this.#isLikely(0.95) ? this.#pick(sessions) : undefined;
  }

  #stream(role: "actor" | "merger"): number {
    const attachment = this.#session(role)?.attachment;
    return attachment?.kind === "attached" ? attachment.stream : this.#number(1_000, this.#streams);
  }

  #job(): Job {
    return this.#isLikely() ? this.driver.job() : this.#pick([...this.driver.farm.jobs.values()]);
  }

  /** Mostly one that is lent, now and then one that was, rarely one that never was. */
  #grant(job: Job): GrantNumber {
    const lent = [...job.grants.keys()];
    if (lent.length > 0 && this.#isLikely()) return this.#pick(lent);
    return grantNumber(
      this.#isLikely(0.97) ? this.#number(1, Math.max(1, job.lastGrant)) : job.lastGrant + 1,
    );
  }

  /** Some of a grant's, or of the job's, in ascending order. */
  #ranges(job: Job, grant: GrantNumber): number[] {
    const lent = job.grants.get(grant);
    const from =
      lent !== undefined && this.#isLikely(0.9) ? lent.spans : { first: [0], count: [job.table.ranges] };
    return [...eachRange(from)].filter(() => this.#isLikely(0.5));
  }

  #granted(): GrantedSpans {
    const job = this.#job();
    const grant = this.#grant(job);
    return { job: job.number, grant, spans: spansOfAscending(this.#ranges(job, grant)) };
  }

  #some<Item>(make: () => Item, most = 2): Item[] {
    return Array.from({ length: this.#number(0, most) }, make);
  }

  #hello(role: "actor" | "merger"): Command {
    this.#streams += 1;
    const name = this.#pick(["a", "b", "c"]);
    const own = [...this.driver.farm.sessions.values()].find((session) => session.name === name);
    const held = [...(own?.holds.get(this.driver.job().number) ?? [])];
    const hello: Hello = {
      ...{ role, name, incarnation: this.#isLikely() ? "1" : "2" },
      ...{ node: `node-${name}`, slots: this.#number(1, 3) },
      labels: this.#pick(labels),
      allocationEndsAtMs: this.#isLikely() ? undefined : this.driver.nowMs + this.#number(0, 3 * leaseMs),
      ranges: this.#some(() => this.#granted(), 3),
      merges: held.filter(() => this.#isLikely(0.5)).map((grant) => ({ ...this.#merge(), grant })),
    };
    return { kind: "open-session", stream: this.#streams, hello };
  }

  #handIn(): Command {
    return { kind: "take-in-results", handIn: this.#number(1, 9), node: "node-a", ...this.#reported() };
  }

  /** Mostly of a session that there is. */
  #lost(): Command {
    const role = this.#pick(["actor", "merger"] as const);
    const { name, incarnation } = this.#session(role) ?? { name: "a", incarnation: "3" };
    const how = this.#pick(["left", "died"] as const);
    return { kind: "end-lost-session", role, name, incarnation, how, reason: "no such process" };
  }

  #results(): Command {
    const stream = this.#stream("actor");
    return { kind: "report-results", stream, number: this.#number(1, 9), ...this.#reported() };
  }

  #reported(): RangeResults {
    return {
      outputs: this.#some(() => this.#outputs()),
      failures: this.#isLikely(0.3) ? this.#some(() => this.#failure()) : [],
      returned: this.#isLikely(0.3) ? this.#some(() => this.#granted()) : [],
      suspected: this.#isLikely(0.1) ? this.#some(() => this.#granted()) : [],
    };
  }

  #outputs(): JobOutputs {
    const { job, grant, spans: some } = this.#granted();
    const ranges = [...eachRange(some)];
    const spans = this.#isLikely(0.5) ? some : spansOf(...ranges.map((first) => ({ first, count: 1 })));
    const grants = spans.first.map(() => grant);
    const isStored = this.driver.job(job).spec.outputs === "files";
    const stored = isStored === this.#isLikely(0.99) ? ranges : []; // Now and then senseless.
    return { job, spans, grant: grants, sizeBytes: stored, adler32: stored, wallMs: ranges };
  }

  #failure(): ReportedFailure {
    const job = this.#job();
    const grant = this.#grant(job);
    const range = this.#ranges(job, grant)[0] ?? 0;
    const failure = failureOf(this.#pick(failureClasses), `failure of kind ${String(this.#number(1, 3))}`);
    return { job: job.number, range, grant, failure };
  }

  #merge(): MergeGrant {
    const job = this.#job();
    const group = groupNumber(this.#number(1, job.lastGroup + 1));
    const stage = job.groups.get(group)?.stage;
    const grant = stage?.kind === "granted" && this.#isLikely(0.9) ? stage.grant : this.#grant(job);
    return { job: job.number, group, grant };
  }

  #mergeResult(): Command {
    const merge = this.#merge();
    const group = this.driver.farm.jobs.get(merge.job)?.groups.get(merge.group);
    const members = [...eachRange(group?.spans ?? spansOf())];
    const lost = this.#isLikely(0.6) ? [] : members.filter(() => this.#isLikely(0.3));
    const outcome = this.#pick([
      { kind: "merged", file: { sizeBytes: 1, adler32: 2, events: members.length, guid: "" } },
      { kind: "failed", failure: failureOf("transient", "no"), lost: spansOfAscending(lost) },
      { kind: "returned" },
    ] as const);
    return { kind: "report-merge", stream: this.#stream("merger"), number: 1, merge, outcome };
  }

  #confirmation(): Command {
    const { job, group } = this.#merge();
    const kind = this.#pick(["confirm-published", "confirm-inputs-removed", "confirm-reported"] as const);
    return kind === "confirm-reported" ? { kind, job } : { kind, merge: { job, group } };
  }
}
