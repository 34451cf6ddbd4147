// npm run soak -- [--minutes <number>] [--gap <seconds>] [--seed <number>] [--folder <folder>] [--keep]
//
// Lets a cluster of real processes run under now and then a fault, and says whether what it takes of the machine stays as it is.

import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { conditionRows, conditionsOf } from "../bench/conditions.js";
import { figure, megabytes, tableText, type Row } from "../bench/table.js";
import { faults } from "../chaos/storm.js";
import { stormOrder } from "../support/storm-order.js";
import { flatnessOf, type Flatness } from "./flatness.js";
import { services, soak, type Look, type ServiceLook, type SoakOutcome } from "./soak.js";

/** Half a minute, and more often in a short run. */
const lookSecondsMax = 30;
const looksMin = 30;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function lineOf({ hours, of, journal, ranges, rangesPerSecond, mergedPerSecond }: Look): string {
  const parts = services.map((service) => {
    const look = of[service];
    if (look === undefined) return `${service} gone`;
    const { ageSeconds, residentBytes, ownBytes, descriptors, cpuMsPerRange } = look;
    const memory = `${megabytes(residentBytes)} MB (own ${megabytes(ownBytes)})`;
    return `${service} ${figure(ageSeconds)} s old ${memory} ${descriptors} fds ${figure(cpuMsPerRange, 1)} ms/range`;
  });
  const rates = `${ranges} ranges, ${figure(rangesPerSecond, 1)} done/s, ${figure(mergedPerSecond, 1)} merged/s`;
  const books = `journal ${journal.files} files ${figure(journal.bytes / 1e3)} kB`;
  return [`${figure(60 * hours, 1).padStart(5)} min`, rates, ...parts, books].join(" | ");
}

/** A figure of the looks, what it may rise by without a word, and whether it decides. */
interface Gauge {
  readonly title: string;
  readonly of: (look: Look) => number | undefined;
  readonly slack: number;
  readonly places: number;
}

function gauges(): Gauge[] {
  const ofService = (unit: string, slack: number, of: (look: ServiceLook) => number | undefined): Gauge[] =>
    services.map((service) => ({
      title: `${service}: ${unit}`,
      of: (look) => (look.of[service] === undefined ? undefined : of(look.of[service])),
      slack,
      places: 1,
    }));
  return [
    ...ofService("resident, MB", 10, ({ residentBytes }) => residentBytes / 1e6),
    ...ofService("own memory, MB", 10, ({ ownBytes }) => ownBytes / 1e6),
    ...ofService("descriptors", 4, ({ descriptors }) => descriptors),
    ...ofService("CPU, ms a range", 1, ({ cpuMsPerRange }) => cpuMsPerRange),
    { title: "journal, kB", of: ({ journal }) => journal.bytes / 1e3, slack: 500, places: 0 },
    { title: "journal, files", of: ({ journal }) => journal.files, slack: 4, places: 1 },
    { title: "done ranges/s, missing", of: ({ rangesPerSecond }) => -rangesPerSecond, slack: 2, places: 1 },
  ];
}

function rowOf({ title, places }: Gauge, flatness: Flatness | undefined): Row {
  if (flatness === undefined) return [title, "-", "-", "-", "-", "too little to tell"];
  const { thirds, slopePerHour, slopeError, isFlat } = flatness;
  const slope = `${figure(slopePerHour, places)} ± ${figure(slopeError, places)}`;
  return [title, ...thirds.map((value) => figure(value, places)), slope, isFlat ? "flat" : "NOT FLAT"];
}

function tell({ looks, storm, ranges, findings }: SoakOutcome, endHours: number): boolean {
  const judged = gauges().map((gauge) => {
    const points = looks.flatMap((look) => {
      const value = gauge.of(look);
      return value === undefined ? [] : [{ hours: look.hours, value }];
    });
    return { gauge, flatness: flatnessOf(points, endHours, gauge.slack) };
  });
  const head: Row = ["figure", "1st third", "2nd third", "last third", "slope an hour", ""];
  say(`\n${tableText([head, ...judged.map(({ gauge, flatness }) => rowOf(gauge, flatness))])}`);
  say(`faults: ${faults.map((fault) => `${fault} ${storm.counts.get(fault) ?? 0}`).join(", ")}`);
  say(`${ranges} ranges`);
  for (const finding of findings) say(`DEFECT: ${finding}`);
  const grows = judged.filter(({ flatness }) => flatness?.isFlat === false);
  if (findings.length === 0) say("no event was lost, none is there twice");
  say(grows.length === 0 ? "all is flat" : `not flat: ${grows.map(({ gauge }) => gauge.title).join("; ")}`);
  return findings.length === 0 && grows.length === 0;
}

async function main(args: readonly string[]): Promise<void> {
  const { numberOf, seed, folder: parent, isKept } = stormOrder(args, { minutes: "20", gap: "15" });
  const [minutes, gap] = [numberOf("minutes", 1), numberOf("gap", 0)];
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(new Error("told to stop")));
  const folder = await mkdtemp(join(parent, "noctua-soak-"));
  say(tableText(conditionRows(await conditionsOf(folder))));
  say(`seed ${seed}, ${minutes} min, a fault each ${gap} s on average`);
  const ms = minutes * 60_000;
  const lookMs = Math.min(lookSecondsMax * 1_000, ms / looksMin);
  const options = { folder, seed, ms, lookMs, gapMs: gap * 1_000 };
  const outcome = await soak(options, (look) => say(lineOf(look)), stop.signal);
  const isWell = tell(outcome, minutes / 60);
  if (isKept || outcome.findings.length > 0) say(`kept: ${folder}`);
  else await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  if (!isWell) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
