// How fast the driver grants ranges and takes in their results.
//
// The driver is real: a process of its own, gRPC, token, journal, fsync. Actors are simulated, each with a connection of
// its own, in a closed loop without payloads and files: so the driver is always asked for all that it can do, and the
// latency is that of a queue at saturation. Crowd and driver share the machine.

import { sleep } from "../../services/shared/io/system-clock.js";
import type { DriverSample } from "./bench-driver.js";
import { withFolder } from "./bench-folder.js";
import { busyCoreSeconds } from "./conditions.js";
import { ratesOf } from "./crowd.js";
import type { CrowdTally } from "./crowd-words.js";
import { withFarm, type FarmRun } from "./farm-run.js";
import { keptProfile } from "./profile.js";
import { quantilesOf, type Quantiles } from "./quantiles.js";

export interface DispatchVariant {
  readonly actors: number;
  readonly resultsPerMessage: number;
}

export interface DispatchOptions {
  readonly folder: string;
  readonly program?: string | undefined;
  readonly nodeFlags?: readonly string[];
  /** Measured, after `warmUpSeconds`. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly ranges: number;
  /** Messages of results that an actor has in flight. */
  readonly window: number;
  /** Keeps a profile of the driver's processor time of each variant there. */
  readonly profileFolder?: string | undefined;
}

/** Rates are per second of the measured time. */
export interface DispatchFigures extends DispatchVariant {
  readonly seconds: number;
  readonly joinedSeconds: number;
  readonly crowdProcesses: number;
  readonly rangesGranted: number;
  readonly rangesCompleted: number;
  readonly rangesJournaled: number;
  /** As the actors counted them; the others are the driver's own. */
  readonly rangesAcknowledged: number;
  /** Both ways. */
  readonly messages: number;
  readonly cpuMicrosecondsPerRange: number;
  readonly cpuMicrosecondsPerMessage: number;
  readonly grantMs: Quantiles | undefined;
  readonly rssBytes: number;
  readonly journalBytesPerRange: number;
  readonly commits: number;
  readonly factsPerCommit: number;
  readonly commitMs: number;
  readonly loopLagMs: { readonly p50: number; readonly p99: number };
  /** Cores that were busy: the driver's, the crowd's, and everybody else's on the machine. */
  readonly driverCores: number;
  readonly crowdCores: number;
  readonly otherCores: number;
  /** Path of the profile, if one was asked for. */
  readonly profile: string | undefined;
}

export async function measureDispatch(
  variant: DispatchVariant,
  options: DispatchOptions,
  signal: AbortSignal,
): Promise<DispatchFigures> {
  return withFolder(options.folder, async (workdir) => {
    const { profileFolder, program, ranges, window, nodeFlags = [] } = options;
    const profile = keptProfile(profileFolder, `dispatch-${variant.actors}x${variant.resultsPerMessage}`);
    const rangesInFlight = window * variant.resultsPerMessage;
    const flags = [...nodeFlags, ...profile.nodeFlags];
    const farm = { workdir, program, nodeFlags: flags, ranges, rangesInFlight, ...variant };
    return withFarm(
      farm,
      async (run) => {
        run.crowd.work();
        await sleep(options.warmUpSeconds * 1_000, signal);
        const figures = await measureWindow(run, options.seconds, signal);
        if (profile.path !== undefined) await run.driver.end("SIGTERM"); // It writes the profile when it ends by itself.
        return { ...variant, ...figures, profile: profile.path };
      },
      signal,
    );
  });
}

async function measureWindow(
  { driver, crowd, joinedSeconds }: FarmRun,
  seconds: number,
  signal: AbortSignal,
): Promise<Omit<DispatchFigures, keyof DispatchVariant | "profile">> {
  const before = await Promise.all([driver.sample(), crowd.tallies()]);
  const busyBefore = busyCoreSeconds();
  await sleep(seconds * 1_000, signal);
  const [after, tallies] = await Promise.all([driver.sample(), crowd.tallies()]);
  const span = spanOf(before[0], after);
  const busyCores = (busyCoreSeconds() - busyBefore) / span.seconds;
  const crowdRates = ratesOf(tallies);
  return {
    ...span,
    joinedSeconds,
    crowdProcesses: crowd.processes,
    rangesAcknowledged: crowdRates.acknowledged,
    messages: crowdRates.messages,
    cpuMicrosecondsPerMessage: (1e6 * span.driverCores) / crowdRates.messages,
    grantMs: quantilesOf(tallies.flatMap((tally: CrowdTally) => tally.grantMs)),
    crowdCores: crowdRates.cores,
    otherCores: Math.max(0, busyCores - span.driverCores - crowdRates.cores),
  };
}

/** What the driver did between two samples. */
function spanOf(
  before: DriverSample,
  after: DriverSample,
): Pick<
  DispatchFigures,
  | "seconds"
  | "rangesGranted"
  | "rangesCompleted"
  | "rangesJournaled"
  | "cpuMicrosecondsPerRange"
  | "rssBytes"
  | "journalBytesPerRange"
  | "commits"
  | "factsPerCommit"
  | "commitMs"
  | "loopLagMs"
  | "driverCores"
> {
  const seconds = (after.atMs - before.atMs) / 1_000;
  const done = after.rangesDone - before.rangesDone;
  const journaled = after.rangesJournaled - before.rangesJournaled;
  const commits = after.commits - before.commits;
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  return {
    seconds,
    rangesGranted: (after.rangesHeld - before.rangesHeld + done) / seconds,
    rangesCompleted: done / seconds,
    rangesJournaled: journaled / seconds,
    cpuMicrosecondsPerRange: (1e6 * cpuSeconds) / journaled,
    rssBytes: after.rssBytes,
    // From the driver's start on: a commit is counted in two steps, and with few of them the edges would weigh.
    journalBytesPerRange: after.journalBytes / after.rangesJournaled,
    commits: commits / seconds,
    factsPerCommit: (after.facts - before.facts) / commits,
    commitMs: (1e3 * (after.commitSeconds - before.commitSeconds)) / commits,
    loopLagMs: { p50: 1e3 * after.loopLagSeconds.p50, p99: 1e3 * after.loopLagSeconds.p99 },
    driverCores: cpuSeconds / seconds,
  };
}
