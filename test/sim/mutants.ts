// Bugs, planted into the driver from outside: the simulator is worth something only if it finds them.

import type { DriverPieces } from "./driver-pieces.js";
import { driverWith } from "./mutated-driver.js";
import * as bugs from "./planted-bugs.js";

export interface Mutant {
  /** What is wrong with it. */
  readonly bug: string;
  /** It is caught within so many seeds, from the first on. */
  readonly seedsMax: number;
  /** The promise that is seen to be broken: whichever of these comes first. */
  readonly caughtBy: readonly string[];
  readonly pieces: DriverPieces;
}

export const mutants: readonly Mutant[] = [
  {
    bug: "a repeat of the winner is told that it is superseded",
    seedsMax: 30,
    caughtBy: ["P4"],
    pieces: driverWith({ decide: bugs.supersedeRepeats }),
  },
  {
    bug: "the driver speaks before the journal is durable",
    seedsMax: 5,
    caughtBy: ["P2", "P4", "replay"],
    pieces: driverWith({}, { journal: (journal) => bugs.earlyJournal(journal, () => true) }),
  },
  {
    bug: "a merged file is published before merge-accepted is durable",
    seedsMax: 20,
    caughtBy: ["P3", "P2"],
    pieces: driverWith({}, { journal: (journal) => bugs.earlyJournal(journal, bugs.isOfMerge) }),
  },
  {
    bug: "a driver that was replaced goes on",
    seedsMax: 60,
    caughtBy: ["claim", "P2", "P3", "P4"],
    pieces: driverWith({}, { isCurrent: () => true }),
  },
  {
    bug: "a failed range is missing from the report",
    seedsMax: 30,
    caughtBy: ["P1"],
    pieces: driverWith({ apply: bugs.forgetFailed }),
  },
  {
    bug: "a lost node burns retry credit",
    seedsMax: 20,
    caughtBy: ["P5"],
    pieces: driverWith({ decide: bugs.burnCreditOfLost }),
  },
  {
    bug: "inputs are removed before the merged file is published",
    seedsMax: 5,
    caughtBy: ["P3"],
    pieces: driverWith({}, { effects: bugs.removeInputsFirst }),
  },
  {
    bug: "the last, smaller group is forgotten",
    seedsMax: 10,
    caughtBy: ["P3", "P1"],
    pieces: driverWith({ advance: bugs.forgetLastGroup }),
  },
  {
    bug: "the end of a session does not return what it held",
    seedsMax: 20,
    caughtBy: ["starvation", "liveness"],
    pieces: driverWith({ apply: bugs.keepHolds }),
  },
  {
    bug: "a void grant's output is accepted",
    seedsMax: 200,
    caughtBy: ["P4"],
    pieces: driverWith({ apply: bugs.forgetVoided }),
  },
  {
    bug: "a handed-back range costs credit",
    seedsMax: 100,
    caughtBy: ["P5"],
    pieces: driverWith({ decide: bugs.chargeReturned }),
  },
  {
    bug: "a repeated submission makes another job",
    seedsMax: 50,
    caughtBy: ["P11"],
    pieces: driverWith({ apply: bugs.forgetRequests }),
  },
  {
    bug: "more is granted than was asked for",
    seedsMax: 5,
    caughtBy: ["P7"],
    pieces: driverWith({ decide: bugs.exaggerateDemand }),
  },
  {
    bug: "one node's fatal failure stops the job",
    seedsMax: 80,
    caughtBy: ["P5"],
    pieces: driverWith({ decide: bugs.stopAtFirstFatal }),
  },
  {
    bug: "what a hello does not name is not returned",
    seedsMax: 80,
    caughtBy: ["liveness"],
    pieces: driverWith({ decide: bugs.returnNothingUnnamed }),
  },
  {
    bug: "leases never end",
    seedsMax: 30,
    caughtBy: ["liveness"],
    pieces: driverWith({ decide: bugs.neverEndLeases }),
  },
  {
    bug: "a snapshot misses a field",
    seedsMax: 20,
    caughtBy: ["replay", "P2", "P11", "program"],
    pieces: driverWith({}, { restore: bugs.restoreWithoutRequests }),
  },
  {
    bug: "the journal loses a checksum",
    seedsMax: 20,
    caughtBy: ["replay", "P2"],
    pieces: driverWith({}, { journal: bugs.dropChecksums }),
  },
];
