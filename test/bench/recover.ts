// How fast a driver starts on a journal of many completed ranges. The journal is made by a real driver with a crowd at
// work, which is then killed; so it has the shape that journals have.

import { sleep } from "../../services/shared/io/system-clock.js";
import { BenchDriver } from "./bench-driver.js";
import { withFolder } from "./bench-folder.js";
import { statusOfJob } from "./bench-job.js";
import type { CrowdTally } from "./crowd-words.js";
import { withFarm, type FarmRun } from "./farm-run.js";
import { keptProfile } from "./profile.js";
import { figure, megabytes, tableText } from "./table.js";

export interface RecoverOptions {
  readonly folder: string;
  readonly program?: string | undefined;
  readonly nodeFlags?: readonly string[];
  /** Completed, at least. */
  readonly ranges: number;
  readonly actors: number;
  readonly resultsPerMessage: number;
  readonly profileFolder?: string | undefined;
}

export interface RecoverFigures {
  readonly rangesAcknowledged: number;
  readonly rangesRecovered: number;
  readonly journalBytes: number;
  readonly buildSeconds: number;
  /** From the start of the process until it can be found. */
  readonly startSeconds: number;
  /** Of a driver whose workdir is empty, for comparison. */
  readonly emptyStartSeconds: number;
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  readonly peakRssBytes: number | undefined;
  /** The last one that was made while the journal was; undefined where it was too short for one. */
  readonly snapshot: SnapshotFigures | undefined;
  readonly profile: string | undefined;
}

interface SnapshotFigures {
  /** In its thread, reading back included. */
  readonly seconds: number;
  readonly bytes: number;
}

export async function measureRecovery(options: RecoverOptions, signal: AbortSignal): Promise<RecoverFigures> {
  const { folder, program, nodeFlags = [] } = options;
  const emptyStartSeconds = await withFolder(folder, async (workdir) => {
    const driver = await BenchDriver.start({ workdir, program, nodeFlags }, signal);
    await driver.end("SIGKILL");
    return driver.startedMs / 1_000;
  });
  return withFolder(folder, async (workdir) => {
    const built = await buildJournal(workdir, options, signal);
    const profile = keptProfile(options.profileFolder, "recover");
    const flags = [...nodeFlags, ...profile.nodeFlags];
    const driver = await BenchDriver.start({ workdir, program, nodeFlags: flags }, signal);
    try {
      const { cpuSeconds, rssBytes } = await driver.sample();
      const { ranges } = await statusOfJob(driver, built.job);
      const figures: RecoverFigures = {
        rangesAcknowledged: built.rangesAcknowledged,
        rangesRecovered: (ranges?.done ?? 0) + (ranges?.merged ?? 0),
        journalBytes: built.journalBytes,
        buildSeconds: built.seconds,
        startSeconds: driver.startedMs / 1_000,
        emptyStartSeconds,
        cpuSeconds,
        rssBytes,
        peakRssBytes: await driver.peakRssBytes(),
        snapshot: built.snapshot,
        profile: profile.path,
      };
      if (profile.path !== undefined) await driver.end("SIGTERM");
      return figures;
    } finally {
      await driver.end("SIGKILL");
    }
  });
}

interface Built {
  readonly job: number;
  readonly rangesAcknowledged: number;
  readonly journalBytes: number;
  readonly snapshot: SnapshotFigures | undefined;
  readonly seconds: number;
}

async function buildJournal(workdir: string, options: RecoverOptions, signal: AbortSignal): Promise<Built> {
  const { program, nodeFlags = [], ranges, actors, resultsPerMessage } = options;
  const rangesInFlight = 2 * resultsPerMessage;
  // More ranges than are to be completed: the job must not end.
  const rangesOfJob = 2 * ranges + 2 * actors * rangesInFlight;
  const shape = { ranges: rangesOfJob, actors, resultsPerMessage, rangesInFlight };
  const farm = { workdir, program, nodeFlags, ...shape };
  return withFarm(
    farm,
    async (run) => {
      const { seconds, acknowledged } = await workUntilDone(run, ranges, signal);
      await run.crowd.leave();
      const { snapshotSeconds, snapshotBytes } = await run.driver.sample();
      const snapshot = snapshotBytes === 0 ? undefined : { seconds: snapshotSeconds, bytes: snapshotBytes };
      await run.driver.end("SIGKILL");
      const journalBytes = await run.driver.journalFileBytes();
      return { job: run.job, rangesAcknowledged: acknowledged, journalBytes, snapshot, seconds };
    },
    signal,
  );
}

/** How often it is asked how far the crowd is. */
const lookMs = 100;

/**
 * Has the crowd work until so many ranges are acknowledged that were not counted before, and a little further; `look` is
 * called now and then.
 */
export async function workUntilDone(
  { crowd }: FarmRun,
  ranges: number,
  signal: AbortSignal,
  look?: () => Promise<void>,
): Promise<{ readonly seconds: number; readonly acknowledged: number }> {
  let seconds = 0;
  // What was acknowledged since somebody counted last counts too, though nobody knows how long it took.
  let acknowledged = acknowledgedIn(await crowd.tallies());
  crowd.work();
  while (acknowledged < ranges) {
    await sleep(lookMs, signal);
    await look?.();
    const tallies = await crowd.tallies();
    acknowledged += acknowledgedIn(tallies);
    seconds += tallies[0]?.seconds ?? 0;
  }
  return { seconds, acknowledged };
}

function acknowledgedIn(tallies: readonly CrowdTally[]): number {
  return tallies.reduce((sum, { rangesAcknowledged }) => sum + rangesAcknowledged, 0);
}

export function recoverText(figures: RecoverFigures, options: RecoverOptions): string {
  const { startSeconds, emptyStartSeconds, rangesRecovered, journalBytes } = figures;
  const table = tableText([
    ["ranges recovered", figure(rangesRecovered)],
    ["seconds from start to ready", figure(startSeconds, 2)],
    ["the same on an empty workdir", figure(emptyStartSeconds, 2)],
    ["ranges/s, beyond the empty start", figure(rangesRecovered / (startSeconds - emptyStartSeconds))],
    ["driver CPU seconds", figure(figures.cpuSeconds, 2)],
    ["driver RSS, MB", megabytes(figures.rssBytes)],
    ["at most, MB", megabytes(figures.peakRssBytes)],
    ["journal, MB", megabytes(journalBytes)],
    ["journal bytes a range", figure(journalBytes / rangesRecovered, 1)],
    ["seconds in which it was made", figure(figures.buildSeconds, 1)],
    ...snapshotRows(figures.snapshot),
  ]);
  return (
    `recover: a journal made by ${options.actors} actors with ${options.resultsPerMessage} results a message, ` +
    `whose driver was killed; it lies in the system's file cache\n\n${table}`
  );
}

function snapshotRows(snapshot: SnapshotFigures | undefined): [string, string][] {
  if (snapshot === undefined) return [["snapshots made meanwhile", "none"]];
  return [
    ["the last snapshot made meanwhile, seconds in its thread", figure(snapshot.seconds, 2)],
    ["its size, MB, in the journal's", megabytes(snapshot.bytes)],
  ];
}
