// Who is lent which ranges.
//
//   V1. Actors ask, and get at most what they asked for (P7). A ready range and a free slot of an actor that asks and may
//       run it never stand beside each other. Where a range takes several slots, those count as one (places.ts).
//   V2. When less is ready than is asked for, each gets what its speed makes of it, with what it holds already
//       (shares.ts); faster kinds of node first, and within a kind by turns.
//   V3. Once an actor's slots all have a range, it gets more only as its share: near the end of a job, what a slow node
//       would have waiting in its queue is kept for a faster one. It is then sated, and costs nothing until it may get more.
//   V4. An actor whose wall time ends gets what fits into it (wall-time.ts).

import { grantNumber } from "../../../shared/core/id.js";
import { rangesIn } from "../../../shared/core/spans.js";
import type { Bench } from "../bench.js";
import { canRun } from "../decide/can-run.js";
import type { Fact } from "../facts/fact.js";
import type { Crew } from "../state/crew.js";
import {
  creditLeft,
  sessionViewOf,
  type FarmView,
  type NodeKindView,
  type SessionView,
} from "../state/farm.js";
import type { JobView } from "../state/job.js";
import { grantable, pickRanges } from "./pick-ranges.js";
import { crewOf, Shares, slotSpeedOn, standsForMs } from "./shares.js";
import { MostPlaces, placesOn } from "./places.js";
import { roomFor } from "./wall-time.js";

/** Grants of one turn, job after job. */
export class Granting {
  readonly #bench: Bench;
  readonly #farm: FarmView;
  readonly #nowMs: number;
  readonly #rangesMax: number;
  /** Who was looked at in vain. */
  readonly #passedOver = new Set<SessionView>();

  constructor(bench: Bench) {
    const { farm, moment, rules } = bench;
    this.#bench = bench;
    this.#farm = farm;
    this.#nowMs = moment.nowMs;
    this.#rangesMax = rules.grantRangesMax;
  }

  *grant(job: JobView): Generator<Fact, void, void> {
    if (job.stage.kind !== "running") return;
    for (let wasGiven = true; wasGiven && grantable(job) > 0;) wasGiven = yield* this.#round(job);
  }

  /** When all jobs had their turn. */
  *end(): Generator<Fact, void, void> {
    const most = new MostPlaces(this.#farm);
    for (const session of this.#passedOver) {
      const { number, kind, held } = session;
      const isHungry = this.#farm.kinds.get(kind)?.hungry.has(number) === true;
      if (isHungry && held >= most.on(session)) yield { kind: "session-sated", session: number }; // (V3)
    }
  }

  /** Looks at each hungry actor once, and tells whether any was given something. */
  *#round(job: JobView): Generator<Fact, boolean, void> {
    const asking = [...this.#farm.hungryKinds].filter((kind) => canRun(job, kind));
    if (asking.length === 0) return false;
    const shares = new Shares(job, yield* this.#crewFor(job));
    let wasGiven = false;
    for (const { hungry } of fastestFirst(job, asking)) {
      let left = hungry.size; // Whoever is given something stands last, and is not looked at again in this round.
      for (const number of hungry) {
        if (left === 0 || grantable(job) === 0) break;
        left -= 1;
        const given = yield* this.#lend(job, sessionViewOf(this.#farm, number), shares);
        wasGiven ||= given;
      }
    }
    return wasGiven;
  }

  /** All that may run the job (shares.ts, H3). */
  *#crewFor(job: JobView): Generator<Fact, Crew, void> {
    const { kinds } = this.#farm;
    const termMs = standsForMs(kinds.size);
    if (job.crew !== undefined && this.#nowMs - job.crew.atMs < termMs) return job.crew;
    const crew = crewOf(job, kinds.values(), this.#nowMs);
    if (termMs > 0) yield { kind: "crew-summed", of: job.number, crew };
    return crew;
  }

  *#lend(job: JobView, session: SessionView, shares: Shares): Generator<Fact, boolean, void> {
    const due = Math.max(shares.dueOf(session), placesOn(job, session) - session.held); // (V1, V2, V3)
    const room = roomFor(job, session, this.#nowMs); // (V4)
    const most = Math.min(due, room, creditLeft(session), this.#rangesMax);
    const picked = most > 0 ? pickRanges(this.#bench, job, session, most) : undefined;
    const count = picked === undefined ? 0 : rangesIn(picked.spans);
    shares.settle(session, count);
    if (picked === undefined || count === 0) {
      this.#passedOver.add(session);
      return false;
    }
    const grant = grantNumber(job.lastGrant + 1);
    yield { kind: "ranges-granted", job: job.number, grant, session: session.number, ...picked };
    return true;
  }
}

/** (V2) */
function fastestFirst(job: JobView, kinds: readonly NodeKindView[]): readonly NodeKindView[] {
  const speeds = kinds.map((kind) => ({ kind, speed: slotSpeedOn(job, kind.name) }));
  return speeds.sort((one, other) => other.speed - one.speed).map(({ kind }) => kind);
}
