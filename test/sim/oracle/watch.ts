// All oracles together, and the books that they share.

import type { Rules } from "../../../services/driver/core/rules.js";
import type { SharedFiles } from "../shared-files.js";
import type { FaultKind, Sighting } from "../sighting.js";
import { acknowledgementsOracle } from "./acknowledgements.js";
import { Books } from "./books.js";
import { creditOracle } from "./credit.js";
import { demandOracle } from "./demand.js";
import { drainsOracle } from "./drains.js";
import { groupsOracle } from "./groups.js";
import { holdersOracle } from "./holders.js";
import { recoveryOracle } from "./journal.js";
import { mergeTriesOracle } from "./merge-tries.js";
import { mergedFilesOracle } from "./merged-files.js";
import type { Complain, Oracle } from "./oracle.js";
import { backoffOracle, wallTimeOracle } from "./patience.js";
import { sessionsOracle } from "./sessions.js";
import { starvationOracle } from "./starvation.js";
import { requestsOracle } from "./requests.js";
import { unprovenOracle } from "./unproven.js";

/** gRPC's INVALID_ARGUMENT: the driver could make no sense of a message. */
const senselessCode = 3;

/** Services that speak one wire version understand each other. */
function senseOracle(complain: Complain): Oracle {
  return {
    see: (sighting) => {
      if (sighting.kind === "stream-closed" && sighting.code === senselessCode)
        complain("wire", `what ${sighting.peer.incarnation} said makes no sense to the driver`);
    },
  };
}

/** P9: whatever is asked about is explained, in a whole sentence that a person can read. */
function explanationsOracle(complain: Complain): Oracle {
  return {
    see: (sighting) => {
      if (sighting.kind !== "client-explained") return;
      const { question, answer } = sighting;
      const texts = "unknown" in answer ? [answer.unknown] : [answer.sentence, ...answer.details];
      const flaw = texts.find((text) => text.trim() === "" || /undefined|NaN|\[object|Infinity/.test(text));
      if (flaw !== undefined) complain("P9", `${JSON.stringify(question)} is explained as "${flaw}"`);
    },
  };
}

/** So long after it was replaced may a driver still say what it had in hand. */
const lastWordsMs = 10_000;

/** A driver that was replaced speaks no more. */
function claimsOracle(complain: Complain, nowMs: () => number): Oracle {
  const replacedAtMs = new Map<number, number>();
  return {
    see: (sighting) => {
      if (sighting.kind === "driver-claimed") replacedAtMs.set(sighting.epoch - 1, nowMs());
      if (sighting.kind !== "driver-said") return;
      const sinceMs = nowMs() - (replacedAtMs.get(sighting.epoch) ?? nowMs());
      if (sinceMs > lastWordsMs)
        complain("claim", `the driver of epoch ${sighting.epoch} speaks ${sinceMs} ms after it was replaced`);
    },
  };
}

export class Watch {
  readonly books = new Books();
  /** How often each kind of fault came. */
  readonly faults = new Map<FaultKind, number>();
  readonly #oracles: readonly Oracle[];

  constructor(files: SharedFiles, complain: Complain, nowMs: () => number, { witnessWaitMs }: Rules) {
    this.#oracles = [
      mergedFilesOracle(files, complain),
      groupsOracle(complain),
      mergeTriesOracle(complain),
      acknowledgementsOracle(complain),
      creditOracle(complain),
      unprovenOracle(complain, nowMs, witnessWaitMs),
      demandOracle(complain),
      drainsOracle(complain),
      holdersOracle(complain),
      requestsOracle(complain),
      recoveryOracle(complain),
      starvationOracle(complain, nowMs),
      backoffOracle(complain, nowMs),
      wallTimeOracle(complain, nowMs),
      sessionsOracle(complain),
      senseOracle(complain),
      explanationsOracle(complain),
      claimsOracle(complain, nowMs),
    ];
  }

  see(sighting: Sighting): void {
    if (sighting.kind === "fault")
      this.faults.set(sighting.fault, (this.faults.get(sighting.fault) ?? 0) + 1);
    if (sighting.kind === "facts-durable") {
      for (const fact of sighting.facts) {
        for (const oracle of this.#oracles) oracle.fact?.(fact, this.books);
        this.books.enter(fact);
      }
    }
    for (const oracle of this.#oracles) oracle.see?.(sighting, this.books);
  }

  /** The world has come to rest. */
  end(): void {
    for (const oracle of this.#oracles) oracle.end?.(this.books);
  }

  /** What is still to be done, in words. */
  get unfinished(): string {
    const jobs = [...this.books.jobs.values()].filter((job) => !job.reported);
    if (jobs.length === 0) return "no job is open, and the client was not told";
    return jobs
      .map((job) => {
        const { ranges } = job.layout;
        const groups = [...job.groups].map(([number, { stage }]) => `group ${number} is ${stage}`);
        const counts = `${job.winner.size} of ${ranges} ranges have an output, ${job.failed.size} failed, ${job.holder.size} are held`;
        return `job ${job.number} did not end: ${[counts, ...groups].join(", ")}`;
      })
      .join("; ");
  }
}
