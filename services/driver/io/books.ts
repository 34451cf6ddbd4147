// What a driver begins with: the farm as the journal tells it, and the journal ready for more.

import { join } from "node:path";
import { Counter, Histogram, type Registry } from "prom-client";
import type { Closers } from "../../shared/io/closers.js";
import type { Logger } from "../../shared/io/logger.js";
import { systemClock } from "../../shared/io/system-clock.js";
import { containOld } from "../core/apply/contain.js";
import { emptyFarm, type Farm } from "../core/state/farm.js";
import type { TurnParts } from "../core/turn.js";
import type { Gates } from "./calls.js";
import type { Claim, WhenRoom } from "./claims.js";
import type { DriverConfig } from "./config.js";
import { openJournalFolder, snapshotName } from "./journal/journal-folder.js";
import type { Recovery } from "./journal/journal-recovery.js";
import { Journal, segmentBytesMaxDefault, type JournalOptions } from "./journal/journal.js";
import type { MakeSnapshot } from "./journal/snapshot-maker.js";
import { Snapshots } from "./journal/snapshots.js";
import { patientClaim } from "./patient-claim.js";

/** With what a driver starts. */
export interface Start {
  readonly config: DriverConfig;
  readonly log: Logger;
  readonly claim: Claim;
  readonly closers: Closers;
  /** Ends what waits for space at the start. */
  readonly stop: AbortSignal;
  readonly make: MakeSnapshot;
  readonly parts: TurnParts;
  /** Which all calls go by. */
  readonly gates: Gates;
  readonly whenRoom: WhenRoom;
}

export interface Books {
  readonly farm: Farm;
  readonly journal: Journal;
  readonly snapshots: Snapshots;
  /** As the engine asks for it. */
  readonly claim: Pick<Claim, "isCurrent">;
  /** Why nothing can be made durable at present. */
  readonly stall: () => string | undefined;
  /** Ends the wait of a commit for space. */
  readonly abandon: () => void;
}

/** The farm as the journal tells it, and the journal ready for more. */
export async function openBooks(
  { config, claim, log, closers, stop, make, parts: { apply }, gates, whenRoom }: Start,
  registry: Registry,
): Promise<Books> {
  let farm = emptyFarm();
  const commitSeconds = new Histogram({
    name: "noctua_journal_commit_seconds",
    help: "Time that a commit took, from the first write to the end of its sync.",
    buckets: [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 10],
    registers: [registry],
  });
  const commitBytes = new Counter({
    name: "noctua_journal_bytes_total",
    help: "Bytes of commits.",
    registers: [registry],
  });
  let stall: string | undefined;
  const onStall = (why: string | undefined): void => {
    if (why !== undefined && stall === undefined) log.error("journal stalled", { reason: why });
    if (why === undefined) log.info("journal goes on");
    stall = why;
    if (why !== undefined) void gates.reads.open(); // Who waits for the commit is told why it is not made.
  };
  const abandoned = new AbortController();
  const options: JournalOptions = {
    epoch: claim.epoch,
    clock: systemClock,
    // Only closed segments come into a snapshot.
    segmentBytesMax: Math.min(segmentBytesMaxDefault, config.snapshotAfterBytes),
    onState: (state) => (farm = state),
    onFacts: (facts) => {
      for (const fact of facts) containOld(farm, fact, apply);
    },
    onCommit: ({ ms, bytes }) => {
      commitSeconds.observe(ms / 1_000);
      commitBytes.inc(bytes);
    },
    onStall,
  };
  const ended = AbortSignal.any([abandoned.signal, stop]);
  const folder = await whenRoom(() => openJournalFolder(join(config.workdir, "driver", "journal")));
  const journal = await Journal.open(folder, options, ended);
  logRecovery(log, journal.recovery, farm.jobs.size);
  for (const [job, fault] of farm.faults) log.error("job can't be recovered", { job, ...fault });
  closers.add("journal", () => journal.close());
  const { epoch } = claim;
  const { snapshotAfterBytes: afterBytes } = config;
  const parts = { folder, journal, epoch, claim, clock: systemClock, log, registry, make, afterBytes };
  const snapshots = new Snapshots(parts);
  closers.add("snapshots", () => snapshots.stop());
  return {
    farm,
    journal,
    snapshots,
    claim: patientClaim(claim, { onStall }, ended), // A commit waits for the one, then for the other.
    stall: () => stall,
    abandon: () => abandoned.abort(new Error("the driver stops")),
  };
}

function logRecovery(log: Logger, recovery: Recovery, jobs: number): void {
  const { nextSequence, frames, snapshot, segments, tornTail } = recovery;
  for (const flaw of recovery.passedOver) log.warn("damaged snapshot passed over", { flaw });
  const from = snapshot === undefined ? undefined : snapshotName(snapshot);
  const found = { snapshot: from, segments: segments.length, frames, nextSequence, tornTail, jobs };
  log.info("journal recovered", found);
}
