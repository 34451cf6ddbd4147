// Bugs, planted into the driver from outside: the simulator is worth something only if it finds them.

import type { DriverPieces } from "../driver-pieces.js";
import { realPeers, type PeerPieces } from "../peer-process.js";
import { driverWith } from "./mutated-driver.js";
import * as inCopies from "./in-copies.js";
import * as around from "./around-the-core.js";
import * as merges from "./in-merges.js";
import * as results from "./in-results.js";
import * as sessions from "./in-sessions.js";

export interface Mutant {
  /** What is wrong with it. */
  readonly bug: string;
  /** It is caught within so many seeds, from the first on. */
  readonly seedsMax: number;
  /** The first that caught it when this was written, and so is tried first, to save time; else the first. */
  readonly seed?: number;
  /** The promise that is seen to be broken: whichever of these comes first. */
  readonly caughtBy: readonly string[];
  readonly pieces?: DriverPieces;
  readonly peers?: PeerPieces;
}

export const mutants: readonly Mutant[] = [
  {
    bug: "a repeat of the winner is told that it is superseded",
    seedsMax: 30,
    seed: 11,
    caughtBy: ["P4"],
    pieces: driverWith({ decide: results.supersedeRepeats }),
  },
  {
    bug: "the driver speaks before the journal is durable",
    seedsMax: 5,
    caughtBy: ["P2", "P4", "replay"],
    pieces: driverWith({}, { journal: (journal) => around.earlyJournal(journal, () => true) }),
  },
  {
    bug: "a merged file is published before merge-accepted is durable",
    seedsMax: 20,
    caughtBy: ["P3", "P2"],
    pieces: driverWith({}, { journal: (journal) => around.earlyJournal(journal, around.isOfMerge) }),
  },
  {
    bug: "a driver that was replaced goes on",
    seedsMax: 60,
    seed: 11,
    caughtBy: ["claim", "P2", "P3", "P4"],
    pieces: driverWith({}, { isCurrent: () => true }),
  },
  {
    bug: "a failed range is missing from the report",
    seedsMax: 30,
    caughtBy: ["P1"],
    pieces: driverWith({ apply: results.forgetFailed }),
  },
  {
    bug: "a lost node burns retry credit",
    seedsMax: 20,
    caughtBy: ["P5"],
    pieces: driverWith({ decide: sessions.burnCreditOfLost }),
  },
  {
    bug: "inputs are removed before the merged file is published",
    seedsMax: 5,
    caughtBy: ["P3"],
    pieces: driverWith({}, { effects: merges.removeInputsFirst }),
  },
  {
    bug: "the last, smaller group is forgotten",
    seedsMax: 10,
    seed: 5,
    caughtBy: ["P3", "P1"],
    pieces: driverWith({ advance: merges.forgetLastGroup }),
  },
  {
    bug: "a group by range does not wait for all its ranges",
    seedsMax: 20,
    seed: 6,
    caughtBy: ["groups"],
    pieces: driverWith({ advance: merges.planBeforeWhole }),
  },
  {
    bug: "groups by range are numbered as they become whole",
    seedsMax: 20,
    seed: 6,
    caughtBy: ["groups", "program"],
    pieces: driverWith({ advance: merges.numberByArrival }),
  },
  {
    bug: "a merge that failed goes to the merger that failed it, though there is another",
    seedsMax: 100,
    seed: 28,
    caughtBy: ["merge tries"],
    pieces: driverWith({ advance: merges.lendToWhoFailed }),
  },
  {
    bug: "a group is given up by one merger alone, though there is another",
    seedsMax: 100,
    seed: 53,
    caughtBy: ["merge tries"],
    pieces: driverWith({ decide: merges.giveUpByOneMerger }),
  },
  {
    bug: "the end of a session does not return what it held",
    seedsMax: 20,
    caughtBy: ["program", "P9", "starvation", "liveness", "wire"],
    pieces: driverWith({ apply: sessions.keepHolds }),
  },
  {
    bug: "a void grant's output is accepted",
    seedsMax: 300,
    seed: 28,
    caughtBy: ["P4"],
    pieces: driverWith({ apply: results.forgetVoided }),
  },
  {
    bug: "a handed-back range costs credit",
    seedsMax: 100,
    caughtBy: ["P5"],
    pieces: driverWith({ decide: results.chargeReturned }),
  },
  {
    bug: "a repeated submission makes another job",
    seedsMax: 50,
    caughtBy: ["P11"],
    pieces: driverWith({ apply: around.forgetRequests }),
  },
  {
    bug: "more is granted than was asked for",
    seedsMax: 5,
    caughtBy: ["P7"],
    pieces: driverWith({ decide: sessions.exaggerateDemand }),
  },
  {
    bug: "one node's fatal failure stops the job",
    seedsMax: 80,
    seed: 10,
    caughtBy: ["P5"],
    pieces: driverWith({ decide: results.stopAtFirstFatal }),
  },
  {
    bug: "what a hello does not name is not returned",
    seedsMax: 80,
    seed: 6,
    caughtBy: ["liveness"],
    pieces: driverWith({ decide: sessions.returnNothingUnnamed }),
  },
  {
    bug: "the failure of one of two holders makes the range ready, though the other works on it",
    seedsMax: 100,
    seed: 70,
    caughtBy: ["holders"],
    pieces: driverWith({ apply: inCopies.freeAfterFirstFailure }),
  },
  {
    bug: "the last failure of a range is final, though a copy of it works",
    seedsMax: 200,
    seed: 70,
    caughtBy: ["P5"],
    pieces: driverWith({ decide: inCopies.failWhileOtherWorks }),
  },
  {
    bug: "leases never end",
    seedsMax: 30,
    caughtBy: ["liveness"],
    pieces: driverWith({ decide: sessions.neverEndLeases }),
  },
  {
    bug: "a snapshot misses a field",
    seedsMax: 20,
    caughtBy: ["replay", "P2", "P11", "program"],
    pieces: driverWith({}, { restore: around.restoreWithoutRequests }),
  },
  {
    bug: "the journal loses a checksum",
    seedsMax: 20,
    caughtBy: ["replay", "P2"],
    pieces: driverWith({}, { journal: around.dropChecksums }),
  },
  {
    bug: "a failure counts for more than another grant's output",
    seedsMax: 100,
    seed: 11,
    caughtBy: ["P4"],
    pieces: driverWith({ decide: results.failureBeatsOutput }),
  },
  {
    bug: "one node's word is final",
    seedsMax: 40,
    seed: 10,
    caughtBy: ["P5"],
    pieces: driverWith({ decide: results.believeOneNode }),
  },
  {
    bug: "the word of the first node that joins is final, though nothing was done there",
    seedsMax: 60,
    seed: 26,
    caughtBy: ["P5"],
    pieces: driverWith({ decide: results.believeUnproven }),
  },
  {
    bug: "nobody is fenced",
    seedsMax: 60,
    seed: 24,
    caughtBy: ["fencing"],
    pieces: driverWith({ decide: sessions.fenceNobody }),
  },
  {
    bug: "a node that is drained is given work",
    seedsMax: 20,
    caughtBy: ["drain"],
    pieces: driverWith({ apply: sessions.lendToDrained }),
  },
  {
    bug: "who drains is given work",
    seedsMax: 80,
    caughtBy: ["draining"],
    pieces: driverWith({ decide: sessions.grantToDraining }),
  },
  {
    bug: "a merger publishes what it has merged",
    seedsMax: 5,
    caughtBy: ["P3"],
    peers: { ...realPeers, leavesPublishing: false },
  },
  {
    bug: "an actor reports before its output is synced",
    seedsMax: 40,
    caughtBy: ["P2"],
    peers: { ...realPeers, syncsOutputs: false },
  },
  {
    bug: "an actor gives each range one core, whatever it takes",
    seedsMax: 20,
    seed: 4,
    caughtBy: ["cores"],
    peers: { ...realPeers, hearsCores: false },
  },
  {
    bug: "what is not committed is shown",
    seedsMax: 20,
    seed: 12,
    caughtBy: ["P2"],
    pieces: driverWith({}, { readsWait: false }),
  },
  {
    bug: "a request that changed nothing is not noted",
    seedsMax: 40,
    seed: 5,
    caughtBy: ["P11"],
    pieces: driverWith({ decide: around.noteOnlyDeeds }),
  },
  {
    bug: "what a node in quarantine cost is not given back",
    seedsMax: 250,
    seed: 40,
    caughtBy: ["P5"],
    pieces: driverWith({ apply: results.chargeDespiteQuarantine }),
  },
  {
    bug: "what failed does not wait for its next try",
    seedsMax: 15,
    caughtBy: ["backoff"],
    pieces: driverWith({ decide: results.forgetBackoff }),
  },
  {
    bug: "wall time is ignored",
    seedsMax: 60,
    seed: 27,
    caughtBy: ["wall time"],
    pieces: driverWith({ decide: sessions.forgetWallTime }),
  },
  {
    bug: "ranges that are added once more are taken for new ones",
    seedsMax: 15,
    caughtBy: ["P11"],
    pieces: driverWith({ decide: around.forgetAdditions }),
  },
  {
    bug: "the tail of a job that was closed is forgotten",
    seedsMax: 20,
    seed: 5,
    caughtBy: ["P1", "P3"],
    pieces: driverWith({ advance: merges.forgetTailOfClosed }),
  },
];
