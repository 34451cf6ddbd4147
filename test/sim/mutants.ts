// Bugs, planted into the driver from outside: the simulator is worth something only if it finds them.

import { advance } from "../../services/driver/core/advance.js";
import { apply } from "../../services/driver/core/apply.js";
import type { Command } from "../../services/driver/core/command.js";
import type { Bench } from "../../services/driver/core/bench.js";
import { decide } from "../../services/driver/core/decide.js";
import type { Effect } from "../../services/driver/core/effect.js";
import {
  isDurable,
  type DurableFact,
  type Fact,
  type GrantedSpans,
} from "../../services/driver/core/fact.js";
import { jobOf, sessionViewOf, type Farm, type FarmView } from "../../services/driver/core/farm.js";
import type { JobView } from "../../services/driver/core/job.js";
import { react } from "../../services/driver/core/react.js";
import type { takeTurn } from "../../services/driver/core/turn.js";
import { failureOf } from "../../services/shared/core/failure.js";
import type { GrantNumber } from "../../services/shared/core/id.js";
import { SpanSet } from "../../services/shared/core/span-set.js";
import { eachRange, eachSpan } from "../../services/shared/core/spans.js";
import { realPieces, type DriverPieces } from "./driver-process.js";

export interface Mutant {
  /** What is wrong with it. */
  readonly bug: string;
  /** It is caught within so many seeds, from the first on, and first by this oracle. */
  readonly seedsMax: number;
  readonly caughtBy: string;
  readonly pieces: DriverPieces;
}

/** Parts of a turn (turn.ts), each of which a mutant may change. */
interface TurnParts {
  readonly decide: (bench: Bench, command: Command) => Iterable<Fact>;
  readonly advance: (bench: Bench) => Iterable<Fact>;
  readonly apply: (farm: Farm, fact: Fact) => void;
}

/** The driver with some parts of its turn changed. Without changes it is the driver that ships, which a test holds it to. */
export function driverWith(parts: Partial<TurnParts>, pieces: Partial<DriverPieces> = {}): DriverPieces {
  const changed: TurnParts = { decide, advance, apply, ...parts };
  return { ...realPieces, takeTurn: turnOf(changed), apply: changed.apply, isLookedInto: false, ...pieces };
}

function turnOf(parts: TurnParts): typeof takeTurn {
  return (farm, commands, moment, rules) => {
    const durable: DurableFact[] = [];
    const effects: Effect[] = [];
    const bench: Bench = { farm, moment, rules };
    const enter = (facts: Iterable<Fact>): void => {
      for (const fact of facts) {
        parts.apply(farm, fact);
        if (isDurable(fact)) durable.push(fact);
        effects.push(...react(farm, fact));
      }
    };
    for (const command of commands) enter(parts.decide(bench, command));
    enter(parts.advance(bench));
    return { durable, effects };
  };
}

export const mutants: readonly Mutant[] = [
  {
    bug: "a repeat of the winner is told that it is superseded",
    seedsMax: 20,
    caughtBy: "P4",
    pieces: driverWith({ decide: supersedeRepeats }),
  },
  {
    bug: "the driver speaks before the journal is durable",
    seedsMax: 5,
    caughtBy: "P2",
    pieces: driverWith({}, { journal: (journal) => earlyJournal(journal, () => true) }),
  },
  {
    bug: "a merged file is published before merge-accepted is durable",
    seedsMax: 5,
    caughtBy: "P3",
    pieces: driverWith({}, { journal: (journal) => earlyJournal(journal, isOfMerge) }),
  },
  {
    bug: "a failed range is missing from the report",
    seedsMax: 10,
    caughtBy: "P1",
    pieces: driverWith({ apply: forgetFailed }),
  },
  {
    bug: "a lost node burns retry credit",
    seedsMax: 20,
    caughtBy: "P5",
    pieces: driverWith({ decide: burnCreditOfLost }),
  },
  {
    bug: "inputs are removed before the merged file is published",
    seedsMax: 5,
    caughtBy: "P3",
    pieces: driverWith({}, { effects: removeInputsFirst }),
  },
  {
    bug: "the last, smaller group is forgotten",
    seedsMax: 5,
    caughtBy: "P3",
    pieces: driverWith({ advance: forgetLastGroup }),
  },
  {
    bug: "the end of a session does not return what it held",
    seedsMax: 20,
    caughtBy: "liveness",
    pieces: driverWith({ apply: keepHolds }),
  },
  {
    bug: "a void grant's output is accepted",
    seedsMax: 150,
    caughtBy: "P4",
    pieces: driverWith({ apply: forgetVoided }),
  },
  {
    bug: "a handed-back range costs credit",
    seedsMax: 20,
    caughtBy: "P5",
    pieces: driverWith({ decide: chargeReturned }),
  },
  {
    bug: "a repeated submission makes another job",
    seedsMax: 20,
    caughtBy: "P11",
    pieces: driverWith({ apply: forgetRequests }),
  },
  {
    bug: "more is granted than was asked for",
    seedsMax: 5,
    caughtBy: "P7",
    pieces: driverWith({ decide: exaggerateDemand }),
  },
  {
    bug: "leases never end",
    seedsMax: 20,
    caughtBy: "liveness",
    pieces: driverWith({ decide: neverEndLeases }),
  },
  {
    bug: "the journal loses a checksum",
    seedsMax: 5,
    caughtBy: "replay",
    pieces: driverWith({}, { journal: dropChecksums }),
  },
];

function* supersedeRepeats(bench: Bench, command: Command): Iterable<Fact> {
  const repeats: GrantedSpans[] = [];
  if (command.kind === "report-results") {
    for (const { job, spans, grant } of command.outputs) {
      let i = 0;
      for (const span of eachSpan(spans)) {
        const of = grant[i] ?? grant[0];
        i += 1;
        for (let range = span.first; range < span.first + span.count; range += 1) {
          if (of === undefined || bench.farm.jobs.get(job)?.table.winnerOf(range) !== of) continue;
          repeats.push({ job, grant: of, spans: { first: [range], count: [1] } });
        }
      }
    }
  }
  for (const fact of decide(bench, command)) {
    yield fact.kind === "results-settled" ? { ...fact, superseded: [...fact.superseded, ...repeats] } : fact;
  }
}

type Appending = Parameters<DriverPieces["journal"]>[0];

/** Says at once that it is durable. */
function earlyJournal(journal: Appending, isEarly: (facts: readonly DurableFact[]) => boolean): Appending {
  let last: Promise<void> = Promise.resolve();
  return {
    append: async (facts) => {
      const written = last.then(() => journal.append(facts));
      last = written.catch(() => undefined);
      if (!isEarly(facts)) await written;
    },
  };
}

function isOfMerge(facts: readonly DurableFact[]): boolean {
  return facts.some(({ kind }) => kind === "merge-accepted");
}

function* burnCreditOfLost(bench: Bench, command: Command): Iterable<Fact> {
  for (const fact of decide(bench, command)) {
    if (fact.kind === "session-ended") yield* failAllHeld(bench.farm, fact.session);
    yield fact;
  }
}

function* failAllHeld(
  farm: FarmView,
  number: Extract<Fact, { kind: "session-ended" }>["session"],
): Iterable<Fact> {
  const session = sessionViewOf(farm, number);
  for (const [job, grants] of [...session.holds].map(([held, numbers]) => [held, [...numbers]] as const)) {
    const view = farm.jobs.get(job);
    for (const grant of grants) {
      for (const range of eachRange(view?.grants.get(grant)?.spans ?? { first: [], count: [] })) {
        if (view?.table.isHeldBy(range, grant) !== true) continue;
        const final = view.table.creditUsed(range) + 1 >= view.spec.retry.attemptsMax;
        const failure = failureOf("node", "the node was lost");
        yield { kind: "range-failed", job, range, grant, node: session.node, failure, final };
      }
    }
  }
}

function removeInputsFirst(effects: readonly Effect[]): readonly Effect[] {
  return effects.flatMap((effect): Effect[] =>
    effect.kind === "publish-merge" ? [{ kind: "remove-inputs", merge: effect.merge }, effect] : [effect],
  );
}

/** What waits for a group is not seen when it is too little for a whole one. */
function forgetLastGroup(bench: Bench): Iterable<Fact> {
  const forgetful = (job: JobView): JobView =>
    new Proxy(job, {
      get: (target, name) => {
        const isTail = target.unmerged.size < target.spec.merge.everyOutputs;
        const real: unknown = Reflect.get(target, name);
        return name === "unmerged" && isTail ? new SpanSet() : real;
      },
    });
  const jobs = new Map([...bench.farm.jobs].map(([number, job]) => [number, forgetful(job)]));
  return advance({ ...bench, farm: { ...bench.farm, jobs } });
}

function keepHolds(farm: Farm, fact: Fact): void {
  if (fact.kind === "session-ended") farm.sessions.get(fact.session)?.holds.clear();
  apply(farm, fact);
}

function forgetVoided(farm: Farm, fact: Fact): void {
  apply(farm, fact);
  if (fact.kind === "outputs-lost") jobOf(farm, fact.job).voided.clear();
}

function forgetFailed(farm: Farm, fact: Fact): void {
  apply(farm, fact);
  if (fact.kind === "range-failed") jobOf(farm, fact.job).failures.final.clear();
}

function* chargeReturned(bench: Bench, command: Command): Iterable<Fact> {
  if (command.kind !== "report-results") {
    yield* decide(bench, command);
    return;
  }
  const failure = failureOf("node", "handed back");
  const charged = command.returned.flatMap(({ job, grant, spans }) =>
    [...eachRange(spans)].map(
      (range): { job: typeof job; range: number; grant: GrantNumber; failure: typeof failure } => ({
        job,
        range,
        grant,
        failure,
      }),
    ),
  );
  yield* decide(bench, { ...command, failures: [...command.failures, ...charged], returned: [] });
}

function forgetRequests(farm: Farm, fact: Fact): void {
  apply(farm, fact);
  if (fact.kind === "driver-started") farm.requests.clear();
}

function* exaggerateDemand(bench: Bench, command: Command): Iterable<Fact> {
  for (const fact of decide(bench, command)) {
    yield fact.kind === "demand-raised" ? { ...fact, credit: fact.credit + 1 } : fact;
  }
}

function* neverEndLeases(bench: Bench, command: Command): Iterable<Fact> {
  if (command.kind !== "tick") yield* decide(bench, command);
}

function dropChecksums(journal: Appending): Appending {
  return {
    append: (facts) =>
      journal.append(
        facts.map((fact) =>
          fact.kind === "ranges-done" ? { ...fact, adler32: fact.adler32.map(() => 0) } : fact,
        ),
      ),
  };
}
